"""What a study is planned for: networks, data, seed, and whether it is the quick or the full one."""

from dataclasses import dataclass

__all__ = ["Setting", "blocks"]


@dataclass(frozen=True)
class Setting:
    """``nets``: for each of the study's seeds a checkpoint {path, sha256, seed}; ``dataset``: {name, sha256}."""

    nets: tuple[dict, ...]
    dataset: dict[str, str]
    seed: int
    quick: bool


def blocks(images: int, size: int) -> list[tuple[int, int]]:
    """First and last + 1 of each block of at most ``size`` of the first ``images`` images."""
    return [(first, min(first + size, images)) for first in range(0, images, size)]
