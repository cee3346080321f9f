"""The page of results in a browser: headless Chromium lays it out, and a script at its end counts what came of it."""

import base64
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from shown import attack_study, training

from axmac.cli.main import main
from axmac.model.report import save, tables_of
from axmac.model.report.figures import draw_examples, draw_study

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
COUNTING = """
<script>
window.addEventListener("load", () => {
  const size = (e) => { const box = e.getBoundingClientRect(); return [box.width, box.height]; };
  const found = {
    summary: document.querySelector("#summary").innerText,
    tables: [...document.querySelectorAll("table")].map((t) => ({
      caption: t.caption.innerText, rows: t.rows.length, size: size(t), cells: t.querySelectorAll("td").length })),
    images: [...document.images].map((i) => ({
      name: i.alt, natural: [i.naturalWidth, i.naturalHeight], size: size(i) })),
    alarms: [...document.querySelectorAll(".alarm")].map((a) => getComputedStyle(a).color),
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    fetched: performance.getEntriesByType("resource").filter((r) => !r.name.startsWith("data:")).length,
  };
  document.body.innerHTML = "<pre>" + btoa(unescape(encodeURIComponent(JSON.stringify(found)))) + "</pre>";
});
</script>
"""


def seen(page, folder):
    """What the browser shows of a page."""
    browser = next((path for path in map(shutil.which, BROWSERS) if path), None)
    assert browser, f"no browser: install one of {', '.join(BROWSERS)}"
    copy = folder / "counted.html"
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{COUNTING}</body>"), encoding="utf-8")
    options = ["--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=10000"]
    command = [browser, "--headless", *options, "--window-size=1400,900", "--dump-dom", copy.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r"<pre>([A-Za-z0-9+/=]+)</pre>", done.stdout)
    assert found, done.stderr[-2000:]
    return json.loads(base64.b64decode(found[1]))


@pytest.fixture
def folder(tmp_path):
    """Two results, the picture of the one and adversarial examples, and the page that `axmac report` makes of them."""
    study = attack_study(alarms=("falling_loss: made up",))
    place = tmp_path / "results"
    save(study, place / "study-table2.json")
    save(training(), place / "train-a.json")
    draw_study(study, place / "study-table2.png")
    arrays = {"clean": np.random.default_rng(0).random((2, 1, 28, 28), dtype=np.float32)}
    arrays |= {"adversarial": 1 - arrays["clean"]}
    names = ("label", "source_before", "source_after", "target_before", "target_after")
    np.savez(tmp_path / "examples.npz", **arrays, **{name: np.arange(2) for name in names})
    draw_examples(tmp_path / "examples.npz", place / "train-a-examples.png", title="two")
    with pytest.raises(SystemExit) as ended:
        main(["report", str(place)])
    assert ended.value.code == 0
    return place


def test_a_browser_shows_tables_pictures_and_alarms(folder, tmp_path):
    found = seen(folder / "report.html", tmp_path)
    tables = [table for result in (attack_study(), training()) for table in tables_of(result)]
    assert [(table["caption"], table["rows"]) for table in found["tables"]] == [
        (title, 1 + len(rows)) for title, _, rows in tables
    ]
    assert [table["cells"] for table in found["tables"]] == [len(rows) * len(heads) for _, heads, rows in tables]
    assert all(width > 200 and height > 40 for width, height in (table["size"] for table in found["tables"]))
    assert [image["name"] for image in found["images"]] == ["study-table2", "train-a-examples"]
    for image in found["images"]:
        assert min(image["natural"]) > 300
        assert min(image["size"]) > 200
    assert found["alarms"] == ["rgb(170, 0, 0)"]
    assert found["summary"].startswith("2 results. Table 2: the paper's rate lies in our 95 % interval for 1 of 3")
    assert "cannot be called robust" in found["summary"]
    assert found["wide"] <= 0
    assert found["fetched"] == 0
