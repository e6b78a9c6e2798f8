from types import ModuleType

import pytest

from schemas.passage import Passage
from schemas.vocabulary import findings
from transforms.words.describe import describe
from transforms.words.knowledge import quotable

NODULE = (
    "See Fig. 2. What is it? A pulmonary nodule is a round opacity of up to 3 cm, e.g. a granuloma. "
    "A pulmonary nodule is often found by chance. It is common."
)


def passage(name: str, text: str, concept: str) -> Passage:
    return Passage(name, "demo", "CC0-1.0", text, concept=concept)


def knowledge(sheet: object, *passages: Passage) -> list:
    told = describe(sheet, list(passages))  # type: ignore[arg-type]
    return [s for s in told if s.attribute == "knowledge"]


def test_one_exact_sentence_that_names_the_finding(sheets: ModuleType) -> None:
    sheet = sheets.two_nodules()
    (told,) = knowledge(
        sheet, passage("p1", NODULE, "lung nodule"), passage("p2", NODULE, "nodule")
    )
    quote = told.text.split('"')[1]
    assert quote == "A pulmonary nodule is a round opacity of up to 3 cm, e.g. a granuloma."
    assert quote in NODULE
    assert told.passage_ids == ["p1"]  # by a synonym; "nodule" alone names no term
    assert {sheet.by_id[f].value for f in told.fact_ids} == {"pulmonary nodule"}


def test_nothing_on_what_the_image_does_not_show(sheets: ModuleType) -> None:
    on_melanoma = passage("p", "Melanoma is a malignant tumor of the melanocytes.", "melanoma")
    assert knowledge(sheets.two_nodules(), on_melanoma) == []
    assert knowledge(sheets.dermoscopy(), on_melanoma) == []  # its melanoma is absent


def test_what_ails_before_organs(sheets: ModuleType) -> None:
    lung = passage(
        "a", "The right lung is the larger one of the two lungs of the body.", "right lung"
    )
    nodule = passage("b", NODULE, "pulmonary nodule")
    assert [s.passage_ids for s in knowledge(sheets.two_nodules(), lung, nodule)] == [["b"]]
    for i in range(12):
        told = {tuple(s.passage_ids) for s in knowledge(sheets.two_nodules(f"n{i}"), lung, nodule)}
        assert told == {("b",)}
    alone = [knowledge(sheets.two_nodules(f"n{i}"), lung) for i in range(24)]
    assert [s.passage_ids for told in alone for s in told][:1] == [["a"]]


@pytest.mark.parametrize(
    "text",
    ["A pulmonary nodule.", "Is a pulmonary nodule dangerous to the patient who has one?",
     "Opacities of the lung are common findings in older patients.",
     "A pulmonary nodule is described at https://example.org and elsewhere."],
)  # fmt: skip
def test_no_fragment_question_stranger_or_link(text: str) -> None:
    term = findings().get("pulmonary nodule")
    assert term is not None
    assert quotable(text, term) == ""
