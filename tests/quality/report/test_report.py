"""The report page: parsed as a browser would, compared with what was put in."""

import base64
import io
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from quality.report import tables
from quality.report.examples import examples, rejected_examples
from quality.report.flow import Step, flow, reconciles
from quality.report.page import render, visible
from quality.report.write import write_report
from tests.quality.report import small_corpus
from transforms.card.summary import Summary, summarise

BOOKS = [
    Step("ingest", "items", 25, 23, 2),
    Step("curate", "images", 24, 23, 1),
    Step("verify", "sentences", 64, 63, 1),
    Step("verify", "questions", 70, 69, 1),
]
VOID = {"meta", "br", "img"}


class Page(HTMLParser):
    """Elements with their attributes, text by element, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.cells: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attributes}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
            if {"td", "th"} & set(self.open):
                self.cells[-1][-1] += data

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def counted(root: Path, rejects: pa.Table) -> Summary:
    return summarise(
        root / "corpus", name="small", title="Small corpus", version="0.1.0",
        sources=small_corpus.SOURCES, rejects=rejects,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table, Summary]:
    root = tmp_path_factory.mktemp("report")
    rejects = small_corpus.small_corpus(root)
    return root, rejects, counted(root, rejects)


@pytest.fixture(scope="module")
def html(made: tuple[Path, pa.Table, Summary]) -> str:
    root, rejects, summary = made
    path = write_report(root / "corpus", rejects, summary, BOOKS)
    assert path == root / "corpus/report/index.html"
    assert [p.name for p in path.parent.iterdir()] == ["index.html"]  # no attempt file is left
    return path.read_text("utf-8")


def test_page_is_whole_and_self_contained(html: str) -> None:
    page = Page(html)
    assert page.open == []
    policy = page.of("meta")[1]["content"]
    assert policy.startswith("default-src 'none'; img-src data:")
    assert not {"script", "link", "iframe", "object", "a"} & {name for name, _ in page.elements}
    assert all(a["src"].startswith("data:image/png;base64,") for a in page.of("img"))
    assert "url(" not in html
    assert "@import" not in html


def test_same_bytes_each_time_and_no_path_of_the_host(
    html: str, made: tuple[Path, pa.Table, Summary]
) -> None:
    root, rejects, summary = made
    again = write_report(root / "corpus", rejects, summary, BOOKS).read_text("utf-8")
    assert again == html
    assert str(root) not in html


def test_counts_are_those_of_the_corpus(html: str) -> None:
    cells = Page(html).cells
    for row in (
        ["breast", "ultrasonography (US)", "6", "2", "8"],
        ["all", "", "18", "5", "23"],
        ["mass", "lesion", "8", "0"],
        ["RBC", "cell", "0", "56"],
        ["region position", "32"],
        ["glossary", "CC0-1.0", "8"],
        ["finding present", "yes/no", "23"],
        ["localisation", "images with a region", "18", "23"],
        ["ingest", "item", "the file ends before its declared content", "2"],
        ["modality", "98", "0", "0"],  # 23 descriptions, 69 questions, 6 conversations
        ["side", "0", "0", "1"],
        ["patient age", "23", "100 % of 23"],
    ):
        assert row in cells, row


def test_the_books_add_up_or_the_page_says_so(made: tuple[Path, pa.Table, Summary]) -> None:
    root, rejects, summary = made
    assert reconciles(flow(BOOKS))
    lost = [replace(BOOKS[0], kept=21), *BOOKS[1:]]  # two items are nowhere
    assert not reconciles(flow(lost))
    said = write_report(root / "corpus", rejects, summary, lost).read_text("utf-8")
    assert "The books do not add up" in said
    assert ["ingest", "items", "25", "21", "2", "2", ""] in Page(said).cells
    silent = write_report(root / "corpus", rejects, summary).read_text("utf-8")
    assert "cannot show that counts add up" in silent


def test_share_of_right_answers_by_place(made: tuple[Path, pa.Table, Summary]) -> None:
    """Letters and yes/no of each form add up to the questions of that form."""
    rows = tables.questions(made[2])[1].rows
    for form in ("4 options", "yes/no"):
        assert sum(row[2] for row in rows if row[0] == form) == 23
    assert {row[1] for row in rows if row[0] == "yes/no"} == {"yes", "no"}


def pixels(uri: str) -> np.ndarray:
    data = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(data)))


def test_examples_take_turns_and_show_the_released_pixels(
    made: tuple[Path, pa.Table, Summary],
) -> None:
    root, _, summary = made
    few = examples(root / "corpus", summary, limit=4)
    assert {e.row["modality"] for e in few} == {"US", "GM-BF", "OP", "DMS"}
    assert [e.row["id"] for e in few] == [
        e.row["id"] for e in examples(root / "corpus", summary, limit=4)
    ]
    released = released_pixels(root)
    for e in few:
        scale = int(e.scale.split(":")[0])
        assert (pixels(e.plain)[::scale, ::scale] == released[e.row["id"]]).all()
        assert (e.marked is None) == (e.row["modality"] == "DMS")
        assert [q["image_id"] for q in e.questions] == [e.row["id"]] * 3
        if e.marked:
            assert (pixels(e.marked) != pixels(e.plain)).any()
            assert len(e.marks) == len(e.row["regions"]) == sum(len(x.numbers) for x in e.legend)


def released_pixels(root: Path) -> dict[str, np.ndarray]:
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = []
    for path in sorted((root / "corpus/data/triplets").iterdir()):
        rows += pq.read_table(path, columns=["id", "image"]).to_pylist()
    images = {r["id"]: Image.open(io.BytesIO(r["image"]["bytes"])) for r in rows}
    return {id: np.asarray(image.convert("RGB")) for id, image in images.items()}


def test_rejected_examples_begin_with_one_of_each_reason(
    made: tuple[Path, pa.Table, Summary],
) -> None:
    shown = rejected_examples(made[1], limit=4)
    reasons = [row["reason"] for row in shown]
    assert reasons == ["truncated", "duplicate_pixels", "key_wrong", "side_contradicted"]
    assert len(rejected_examples(made[1], limit=10)) == 5


HOSTILE = " ".join(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "javascript:alert(1)",
        "<svg onload=alert(1)><a href='javascript:x'>y</a></svg>",
        "'; background:url(https://example.org/x); '",
        "</style><style>@import 'https://example.org/x'</style>",
        "{{ 7 * 7 }}{% include 'x' %}",
        "data:text/html,<script>x</script>",
    ]
)


def test_text_of_strangers_stays_text(tmp_path: Path) -> None:
    """Hostile text in every field: the page has the elements of a harmless one and no more."""
    pages = []
    for words in (HOSTILE, "harmless"):
        root = tmp_path / str(len(pages))
        rejects = small_corpus.small_corpus(root, hostile=words, most=2)
        summary = replace(counted(root, rejects), title=words)
        pages.append(Page(write_report(root / "corpus", rejects, summary).read_text("utf-8")))
    bad, good = pages
    assert [name for name, _ in bad.elements] == [name for name, _ in good.elements]
    names = [sorted(attributes) for _, attributes in bad.elements]
    assert names == [sorted(attributes) for _, attributes in good.elements]
    for name, attributes in bad.elements:
        assert "example.org" not in attributes.get("style", ""), name
        assert attributes.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
    assert bad.text.count(HOSTILE) >= good.text.count("harmless") - 2 > 20


def test_marks_that_reorder_text_are_shown_as_boxes() -> None:
    assert visible("no \u202eevidence\u202c\x00\x1b of\u200b it") == "no □evidence□□□ of□ it"
    assert visible("é × 12 µm\n") == "é × 12 µm\n"


def test_an_unset_name_is_an_error() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        render("report.html.j2", summary=None)


def test_a_long_list_of_labels_is_cut_and_still_adds_up() -> None:
    regions = {(f"label {n:02}", "organ", "mask"): n + 1 for n in range(tables.MOST_LABELS + 5)}
    summary = Summary("long", "long", "1", (), (), regions=regions)
    table = next(t for t in tables.contents(summary) if t.title == "Regions")
    assert len(table.rows) == tables.MOST_LABELS + 1
    assert table.rows[-1][0] == "5 more labels"
    assert sum(row[2] for row in table.rows) == sum(regions.values())
