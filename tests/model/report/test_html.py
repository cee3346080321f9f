"""The page of results: every table, picture and alarm is in it, and nothing from outside it."""

import base64
import re
from html.parser import HTMLParser

from axmac.model.report import new_result, table_of
from axmac.model.report.html import html_page

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="
)
LOSSES = [{"epoch": epoch, "loss": 1 / epoch, "accuracy": 0.9 if epoch == 2 else None} for epoch in (1, 2)]


def result(**changes):
    found = {"net": {"name": "lenet5 <b>", "sha256": "0" * 64}, "threads": 2}
    found |= {"data": {"name": "digits/train", "sha256": "0" * 64, "indices": "0:5"}}
    return new_result("train", LOSSES, seed=0, **(found | changes))


def rate(k1, k2, low, high):
    return {"n": 20, "k1": k1, "k2": k2, "source_rate": k1 / 20, "rate": k2 / k1, "interval": [low, high]}


def study():
    settings = {"steps": 5}
    row = {"attack": "fgsm", "images": 20, "settings": settings, "published_settings": settings, "paper": 0.12}
    row |= {"minimal": rate(20, 10, 0.4, 0.6), "controls": {"bf16": rate(20, 4, 0.1, 0.3)}, "budgets": {}}
    row |= {"margins": {"1": rate(20, 10, 0.4, 0.6), "1.5": rate(20, 19, 0.8, 1.0)}, "white_box": rate(20, 20, 1, 1)}
    row |= {"l2": {"float32": 1.5, "ax_fpm": None}, "queries": {"forward": 3.0, "backward": 1.0}}
    other = row | {"attack": "pgd", "paper": 0.5}
    about = {"name": "table2", "title": "Table 2", "quick": True}
    data = {"name": "digits/test", "sha256": "0" * 64, "indices": "0:20"}
    third = row | {"attack": "jsma", "paper": 0.2}
    return new_result("study", [row, other, third], seed=0, study=about, data=data, threads=1)


class Page(HTMLParser):
    """Cells and captions of the tables, and what the page would fetch."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.images, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs)["src"])
        elif tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    def of(self, tag):
        return [text for where, text in self.texts if where == tag]


def test_tables_pictures_and_alarms_are_there():
    results = {"train-a": result(), "train-b": result(alarms=("it <rings>",)), "study-t": study()}
    text = html_page(results, {"train-a-curve": PNG, "other": PNG})
    page = Page(text)
    assert not page.open
    expected = [table_of(one) for one in results.values()]
    assert page.of("caption") == [title for title, _, _ in expected]
    assert page.of("th") == [head for _, heads, _ in expected for head in heads]
    assert page.of("td") == [cell for _, _, rows in expected for row in rows for cell in row if cell]
    assert [base64.b64decode(image.partition("base64,")[2]) for image in page.images] == [PNG, PNG]
    assert text.index("train-a-curve") < text.index("id='train-b'") < text.index("alt='other'")
    assert not re.search(r"(src|href)=['\"](?!data:)", text)
    assert "alarm: it <rings>" in page.of("p")


def test_the_first_paragraph_says_what_holds():
    (summary, *_) = Page(html_page({"study-t": study(), "train-a": result()}, {})).of("p")
    assert summary == (
        "2 results. Table 2: the paper's rate lies in our 95 % interval for 1 of 3 attacks and below it for 2; of "
        "perturbations 1.5 times the smallest, 95.0 % transfer; aimed at Ax-FPM itself, the attacks succeed on 100.0 % "
        "of the images. No result carries an alarm."
    )
    (summary, *_) = Page(html_page({"train-b": result(alarms=("rings",))}, {})).of("p")
    assert summary == "1 results. Alarms rang in train-b: what they say there cannot be called robust."
