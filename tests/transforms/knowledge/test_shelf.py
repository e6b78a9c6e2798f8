"""A passage stands for a finding only where both name the same concept."""

import json
from pathlib import Path

import pytest

from schemas.image import Image
from schemas.region import Region
from schemas.vocabulary import findings
from transforms.knowledge.chunk import defines
from transforms.knowledge.concepts import ConceptShelf, finding_of, shelve
from transforms.knowledge.entry import entry
from transforms.knowledge.index import Index
from transforms.knowledge.shelf import GLOSSARY, open_shelf, passages_for
from transforms.knowledge.store import save
from transforms.sheet import FactSheet, sheet_of


def sheet(*labels: str) -> FactSheet:
    image = Image("img-1", {"bytes": None, "path": "x"}, 9, 9, "CT", "abdomen", "s", "i", "p", None,
                  None, None, None, None, "0", "0", "CC0-1.0", "train")  # fmt: skip
    regions = [
        Region(f"reg-{n}", label, "organ", [0, 0, 1, 1], None, 0.1, "center", "unknown", None, None,
               "p", None, label, True)
        for n, label in enumerate(labels)
    ]  # fmt: skip
    return sheet_of(image, regions, [])


def shelf_with(*concepts: str, **more: bool) -> ConceptShelf:
    return shelve(
        entry("d", "CC0-1.0", c, f"{c} is a thing.", concept=c, defines=more.get("defines", True))
        for c in concepts
    )


@pytest.mark.parametrize(
    ("concept", "label"),
    [("RBC", "red blood cell"), ("Erythrocytes", "red blood cell"), ("nuclei", "nucleus"),
     ("Adrenal glands", "adrenal gland"), ("POLYP", "polyp")],
)  # fmt: skip
def test_synonym_plural_and_case_are_the_same_concept(concept: str, label: str) -> None:
    (found,) = shelf_with(concept).passages_for(sheet(label))
    assert found.concept == concept
    assert found.license == "CC0-1.0"
    assert found.score == 1.0


@pytest.mark.parametrize(
    ("concept", "label"),
    [("polyposis", "polyp"), ("familial polyp", "polyp"), ("lung", "left lung"),
     ("bacterial pneumonia", "pneumonia"), ("RBC count", "red blood cell"), ("", "polyp")],
)  # fmt: skip
def test_a_wider_or_narrower_name_is_another_concept(concept: str, label: str) -> None:
    assert shelf_with(concept).passages_for(sheet(label)) == []


def test_the_synonyms_of_a_source_are_not_trusted() -> None:
    one = entry("d", "CC0-1.0", "bone cancer", "It is.", concept="bone cancer",
                synonyms=("polyp",), defines=True)  # fmt: skip
    assert shelve([one]).by_finding == {}


def test_a_passage_that_defines_nothing_is_not_shelved() -> None:
    assert shelf_with("polyp", defines=False).by_finding == {}


def test_one_passage_a_finding_in_order_of_names_up_to_the_limit() -> None:
    shelf = shelf_with("spleen", "liver", "liver ", "kidney")
    wanted = sheet("spleen", "kidney", "liver", "liver", "unheard of")
    assert [p.concept for p in shelf.passages_for(wanted)] == ["kidney", "liver", "spleen"]
    assert [p.concept for p in passages_for(wanted, shelf, limit=1)] == ["kidney"]


def test_licences_that_are_not_allowed_are_passed_over() -> None:
    shelf = shelve(
        entry("d", license, "liver", text, concept="liver", defines=True)
        for license, text in (("CC-BY-NC-4.0", "Liver: one."), ("CC0-1.0", "Liver: two."))
    )
    (found,) = shelf.passages_for(sheet("liver"), licenses={"CC0-1.0"})
    assert found.text == "Liver: two."
    assert shelf.passages_for(sheet("liver"), licenses=set()) == []


def test_the_best_score_goes_first_and_none_below_the_floor() -> None:
    entries = [entry("d", "CC0-1.0", "liver", text, concept="liver", defines=True)
               for text in ("Liver: low.", "Liver: high.", "Liver: none.")]  # fmt: skip
    shelf = shelve(entries, lambda name, held: [0.3, 0.9, 0.1], floor=0.2)
    assert [p.text for p in shelf.by_finding["liver"]] == ["Liver: high.", "Liver: low."]


def test_glossary_before_index(index: Index, tmp_path: Path) -> None:
    save(index, tmp_path / "base")
    both, alone = open_shelf(tmp_path / "base"), open_shelf(tmp_path / "base", glossary=False)
    assert [p.source for p in both.by_finding["kidney"]] == ["medgrain-glossary", "demo"]
    (found,) = alone.passages_for(sheet("kidney"))
    assert found.source == "demo"
    assert index.floor <= found.score <= 1
    assert open_shelf(None, glossary=False).by_finding == {}


def test_every_glossary_entry_defines_a_finding_by_its_own_name() -> None:
    rows = [json.loads(line) for line in GLOSSARY.read_text("utf-8").splitlines()]
    assert len(rows) > 100
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["concept"] for row in rows}) == len(rows)
    shelf = open_shelf(None).by_finding
    for row in rows:
        assert row["concept"] in findings(), row["concept"]
        assert finding_of(row["concept"]).name == row["concept"]  # type: ignore[union-attr]
        assert row["license"] == "CC0-1.0"
        assert shelf[row["concept"]][0].text == row["text"]
        assert row["text"].endswith(".")
        assert len(row["text"]) < 250


def test_glossary_texts_open_with_their_concept() -> None:
    for line in GLOSSARY.read_text("utf-8").splitlines():
        row = json.loads(line)
        name = row["concept"].lower()
        opening = row["text"].lower().removeprefix("the ").removeprefix("an ").removeprefix("a ")
        assert opening.startswith(name), row["id"]
    assert defines("A lipoma is a benign tumor of fat cells.", ["lipoma"])
