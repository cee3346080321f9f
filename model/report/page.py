"""Blocks of a page of Markdown that are written from result files, each between two comments."""

__all__ = ["marks", "rewritten"]


def marks(kind: str) -> tuple[str, str]:
    """The comments before and after the block of a kind of result."""
    return f"<!-- {kind}: begin; written by `make publish` -->", f"<!-- {kind}: end -->"


def rewritten(page: str, kind: str, block: str) -> str:
    """The page with ``block`` between its two marks. Raises ``ValueError`` where they do not stand there once."""
    begin, end = marks(kind)
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the page must have one {begin!r} and one {end!r}")
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{block}{end}{rest.partition(end)[2]}"
