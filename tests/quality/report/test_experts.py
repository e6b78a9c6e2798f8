"""Experts on the page: what they found is drawn as theirs, and numbers are those that were counted."""

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow

from quality.report.examples import found_by_experts
from quality.report.experts import experts, flagged
from quality.report.write import write_report
from schemas.conform import plain, to_row
from schemas.region import Region
from tests.quality.report import small_corpus
from transforms.card.summary import summarise

FOUND: dict[str, Any] = {
    "limit": 0.5,
    "experts": [
        {"source": "breast", "expert": "masses@2", "looked": 7, "compared": 3, "found": 4, "regions": 9,
         "candidates": 9, "nothing": 1, "refused": 2},
        {"source": "breast", "expert": "grounding", "looked": 0, "compared": 0, "found": 0, "regions": 0,
         "candidates": 0, "nothing": 0, "refused": 5},
    ],
    "refused": [
        {"source": "breast", "expert": "grounding", "reason": "expert_unsuitable", "images": 5},
        {"source": "breast", "expert": "masses@2", "reason": "expert_failed", "images": 2},
    ],
    "agreement": [{"source": "breast", "expert": "masses@2", "measure": "Dice", "n": 3, "median": 0.613, "below": 1}],
    "origins": [
        {"source": "breast", "images": 10, "annotated": 3, "expert": 4, "both": 1, "none": 2, "flagged": 1},
        {"source": "smear", "images": 10, "annotated": 10, "expert": 0, "both": 0, "none": 0, "flagged": 2},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus, where an expert also marked what the breast phantoms show, as candidates."""
    root = tmp_path_factory.mktemp("experts")
    small_corpus.small_corpus(root)
    for path in sorted((root / "corpus/data/triplets").glob("*.parquet")):
        table = pq.read_table(path)
        rows = table.to_pylist()
        for row in rows:
            if row["source"] == "breast":
                drawn = to_row(Region, row["regions"][0])
                row["regions"].append(
                    plain(replace(drawn, id=f"{drawn.id}x", producer="masses@2", candidate=True))
                )
        pq.write_table(type(table).from_pylist(rows, schema=table.schema), path)
    return root / "corpus"


def test_the_tables_say_what_was_counted() -> None:
    origins, looked, agreement, refused = experts(FOUND)
    assert origins.rows[0] == [
        "breast",
        10,
        "3 (30\u00a0%)",
        "4 (40\u00a0%)",
        "1 (10\u00a0%)",
        "2 (20\u00a0%)",
        1,
    ]
    assert origins.rows[-1][:3] == ["all", 20, "13 (65\u00a0%)"]
    assert origins.rows[-1][-1] == flagged(FOUND) == 3
    assert looked.rows == [["breast", "masses@2", 7, 3, 4, 9, 9, 1, 2]]
    assert agreement.rows[0][3:5] == [3, "0.61"]
    assert agreement.rows[0][5].startswith("33\u00a0% (")
    assert "0.5" in agreement.head[5]
    assert [row[1] for row in refused.rows] == ["no expert of the recipe", "masses@2"]
    assert all("_" not in row[2] for row in refused.rows)


def test_without_experts_there_is_no_section(tmp_path: Path) -> None:
    assert experts({}) == []
    rejects = small_corpus.small_corpus(tmp_path)
    summary = summarise(tmp_path / "corpus", name="small")
    page = write_report(tmp_path / "corpus", rejects, summary).read_text("utf-8")
    assert "Experts</h2>" not in page
    assert found_by_experts(tmp_path / "corpus", summary, limit=8) == []


def test_only_regions_of_the_expert_are_drawn(corpus: Path) -> None:
    summary = summarise(corpus, name="small")
    seen = found_by_experts(corpus, summary, limit=3)
    assert len(seen) == 3
    for example in seen:
        assert [(m.producer, m.label) for m in example.marks] == [("masses@2", "mass candidate")]
        assert example.marked is not None
    assert [e.row["id"] for e in seen] == [
        e.row["id"] for e in found_by_experts(corpus, summary, limit=3)
    ]


def test_the_section_with_its_gallery(corpus: Path) -> None:
    summary = summarise(corpus, name="small")
    rejects = small_corpus._rejects("")
    table = small_corpus.to_table(rejects, small_corpus.REJECT)
    page = write_report(corpus, table, summary, measured={"experts": FOUND}).read_text("utf-8")
    assert "Experts</h2>" in page
    assert "3 images are for review" in page
    assert "mass candidate" in page
    assert page.count('class="gallery"') == 1


def test_what_is_drawn_differs_from_the_plain_image(corpus: Path) -> None:
    """The outline is on the picture, not only in the legend."""
    example = found_by_experts(corpus, summarise(corpus, name="small"), limit=1)[0]
    shown = [
        np.asarray(Pillow.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))))
        for uri in (example.plain, example.marked or "")
    ]
    assert shown[0].shape == shown[1].shape
    assert 0 < np.any(shown[0] != shown[1], axis=-1).mean() < 0.5
