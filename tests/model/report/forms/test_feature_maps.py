"""Heat maps: one scale for all arithmetic, a row an image."""

from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of


def result():
    rows = [
        {
            "unit": unit,
            "images": 100,
            "mean": 0.1 * gain,
            "largest": 0.5,
            "gain": gain,
            "correlation": correlation,
            "maps": [[[0.0, 0.5 * gain]], [[gain, 0.5]]],
            "inputs": [[[0.0, 1.0]], [[1.0, 0.0]]],
        }
        for unit, gain, correlation in (
            (None, 1.0, 1.0),
            ("fp32_array_ama5_t4", 2.0, 0.98765),
            ("bf16_booth", 1.5, None),
        )
    ]
    return study_result("feature_maps", rows)


def test_rows_name_the_units_shortly():
    ((_, _, rows),) = shown(result())
    assert rows[1] == ["ax_fpm", "100", "0.2", "0.5", "2", "0.9877"]
    assert [row[0] for row in rows] == ["float32", "ax_fpm", "bf16"]
    words = form_of(result()).sentence(result())
    assert "2 times that of float32 on ax_fpm, correlation 0.9877; 1.5 times" in words


def test_all_maps_have_the_scale_of_the_largest():
    axes = drawn(result())
    assert len(axes) == 2 * 4 + 1
    maps = [axis.images[0] for place, axis in enumerate(axes[:8]) if place % 4]
    assert {image.get_clim() for image in maps} == {(0, 2.0)}
    assert [image.get_array().tolist() for image in maps[3:5]] == [[[1.0, 0.5]], [[2.0, 0.5]]]
    assert [axis.get_title() for axis in axes[:4]] == ["image", "float32", "ax_fpm", "bf16"]
