"""The page of results: every table, picture and alarm is in it, and nothing from outside it."""

import base64
import re
from html.parser import HTMLParser

from shown import attack_study, cost_row, training, unit_study
from study_results import study_result

from axmac.model.report import new_result, tables_of
from axmac.model.report.html import html_page

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="
)


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
    results = {"train-a": training(), "train-b": training(alarms=("it <rings>",)), "study-t": attack_study()}
    text = html_page(results, {"train-a-curve": PNG, "other": PNG})
    page = Page(text)
    assert not page.open
    expected = [table for one in results.values() for table in tables_of(one)]
    assert len(expected) > len(results)
    assert page.of("caption") == [title for title, _, _ in expected]
    assert page.of("th") == [head for _, heads, _ in expected for head in heads]
    assert page.of("td") == [cell for _, _, rows in expected for row in rows for cell in row if cell]
    assert [base64.b64decode(image.partition("base64,")[2]) for image in page.images] == [PNG, PNG]
    assert text.index("train-a-curve") < text.index("id='train-b'") < text.index("alt='other'")
    assert not re.search(r"(src|href)=['\"](?!data:)", text)
    assert "alarm: it <rings>" in page.of("p")


def test_the_first_paragraph_says_what_holds():
    (summary, *_) = Page(html_page({"study-t": attack_study(), "train-a": training()}, {})).of("p")
    assert summary == (
        "2 results. Table 2: the paper's rate lies in our 95 % interval for 1 of 3 attacks and below it for 2; of "
        "perturbations 1.5 times the smallest, 95.0 % transfer; aimed at Ax-FPM itself, the attacks succeed on 100.0 % "
        "of the images. float32, seed 1 let no more through than the unit in any row. No result carries an alarm."
    )
    (summary, *_) = Page(html_page({"train-b": training(alarms=("rings",))}, {})).of("p")
    assert summary == "1 results. Alarms rang in train-b: what they say there cannot be called robust."


def test_costs_have_a_chapter_with_energy_against_worth():
    costs = new_result("ppa", [cost_row("a", 1.0, 2.0, 3.0), cost_row("exact", 2.0, 2.0, 4.0)], seed=0)
    results = {"ppa-all": costs, "study-catalog": unit_study([("a", 0.1, 0.9, 0.5)])}
    text = html_page(results, {"pareto": PNG, "study-catalog": PNG})
    page = Page(text)
    assert page.of("h2") == ["Area, delay and energy"]
    shares = "a has 50.0 % of the area, 100.0 % of the delay, 75.0 % of the energy"
    assert f"Against exact, operands lenet5: {shares}." in page.of("p")
    places = [text.index(mark) for mark in ("id='study-catalog'", "id='cost'", "id='ppa-all'", "id='pareto'")]
    assert places == sorted(places)
    assert text.index("alt='pareto'") > places[-1]
    assert len(page.images) == 2
    assert "id='cost'" not in html_page({"study-catalog": results["study-catalog"]}, {})


def test_studies_of_integer_units_have_a_chapter_that_says_what_held():
    row = {"net": "one", "layers": "all", "images": 10, "paper": 14.74}
    row |= {name: {"float32": 1.0, "A": 2.0} for name in ("seconds", "ratio", "evaluation")}
    integers = study_result("timings", [row])
    integers["study"] |= {"name": "approx_table4", "title": "Time"}
    page = html_page({"study-approx_table4": integers, "study-t": attack_study(), "train-a": training()}, {})
    said = "Time: in int8, by unit, one 2.0 to 2.0 times float32 on one thread."
    parsed = Page(page)
    assert len(parsed.of("h2")) == 1
    assert parsed.of("h2")[0].startswith("Integer units: Askarizadeh et al.")
    assert said in parsed.of("p")
    assert said not in parsed.of("p")[0]
    assert page.index("id='train-a'") < page.index("id='integers'") < page.index("id='study-approx_table4'")
    assert "id='integers'" not in html_page({"train-a": training()}, {})
