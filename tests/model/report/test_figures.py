"""The picture of adversarial examples shows what the file holds."""

import matplotlib.image
import numpy as np
import pytest

from axmac.model.report.figures import draw_examples
from axmac.model.spec import InputError


def examples(count, channels=1):
    rng = np.random.default_rng(0)
    clean = rng.random((count, channels, 28, 28)).astype(np.float32)
    names = ("label", "source_before", "source_after", "target_before", "target_after")
    return {"clean": clean, "adversarial": np.clip(clean + 0.1, 0, 1), **{n: rng.integers(0, 10, count) for n in names}}


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_grows_with_the_examples_and_is_not_blank(channels, tmp_path):
    heights = []
    for count in (1, 3):
        np.savez(tmp_path / "examples.npz", **examples(count, channels))
        picture = draw_examples(tmp_path / "examples.npz", tmp_path / "p" / f"{count}.png", title="three images")
        pixels = matplotlib.image.imread(picture)
        heights.append(pixels.shape[0])
        assert np.unique(pixels[..., :3]).size > 50
    assert heights[1] > 2 * heights[0]


def test_those_that_fool_both_networks_come_first(tmp_path):
    """Of 7 images only the last changes the class for both; one row shows it, and the picture is that of it alone."""
    arrays = examples(7)
    for net in ("source", "target"):
        arrays[f"{net}_after"] = arrays[f"{net}_before"].copy()
    arrays["source_after"][:] = (arrays["source_before"] + 1) % 10
    arrays["target_after"][6] = (arrays["target_before"][6] + 1) % 10
    np.savez(tmp_path / "all.npz", **arrays)
    np.savez(tmp_path / "last.npz", **{name: values[6:] for name, values in arrays.items()})
    drawn = [
        matplotlib.image.imread(draw_examples(tmp_path / f"{name}.npz", tmp_path / f"{name}.png", title="", most=1))
        for name in ("all", "last")
    ]
    np.testing.assert_array_equal(*drawn)


def test_another_file_is_refused(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"no archive")
    with pytest.raises(InputError, match=r"x\.npz: holds no adversarial examples"):
        draw_examples(tmp_path / "x.npz", tmp_path / "x.png", title="")
    np.savez(tmp_path / "y.npz", clean=np.zeros(3))
    with pytest.raises(InputError, match=r"y\.npz: holds no adversarial examples"):
        draw_examples(tmp_path / "y.npz", tmp_path / "x.png", title="")
    assert not (tmp_path / "x.png").exists()
