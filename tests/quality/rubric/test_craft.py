"""What a program decides of an item's craft."""

from dataclasses import replace

import pytest

from quality.rubric.craft import flaws, kind_of
from schemas.question import Question

LONG = "Which finding " + "and which finding " * 12 + "is it?"


@pytest.mark.parametrize(
    ("fields", "flaw"),
    [
        ({}, None),
        ({"answer_index": 1}, ("answer_field", "not its option")),
        ({"answer_index": None}, ("answer_field", "not its option")),
        ({"answer_index": 5}, ("answer_field", "not its option")),
        ({"answer_index": -5}, ("answer_field", "not its option")),
        ({"options": ["pulmonary nodule", "a", "A ", "b", "c"]}, ("answer_field", "an option twice")),
        ({"options": ["pulmonary nodule", "a", " ", "b", "c"]},
         ("answer_field", "an empty option or answer")),
        ({"options": ["pulmonary nodule", "a"]}, ("schema", "2 options")),
        ({"options": ["pulmonary nodule", *"abcde"]}, ("schema", "6 options")),
        ({"question": "Name the finding."}, ("schema", "the stem is no question")),
        ({"question": LONG}, ("concise", "40 words")),
        ({"question": "Look. Look again. Which finding is it?"}, ("concise", "3 sentences")),
        ({"question": "Measured at 1.5 T, e.g. here, which finding is it?"}, None),
        ({"question": "According to the caption, which is it?"},
         ("no_forbidden_terms", "according to; caption")),
        ({"options": ["pulmonary nodule", "the mask", "a", "b", "c"]}, ("no_forbidden_terms", "mask")),
    ],
)  # fmt: skip
def test_flaws(item: Question, fields: dict[str, object], flaw: tuple[str, str] | None) -> None:
    assert flaws(replace(item, **fields)) == (dict([flaw]) if flaw else {})  # type: ignore[arg-type]


def test_kinds(item: Question) -> None:
    assert kind_of(item) == "choice"
    bare = replace(item, options=[], answer_index=None)
    assert kind_of(bare) == "open"
    assert flaws(bare) == {}
    assert kind_of(replace(bare, answer="Yes")) == "yes_no"
    assert kind_of(replace(item, options=["yes", "no"], answer="no", answer_index=1)) == "yes_no"
    assert (
        kind_of(replace(item, options=["yes", "no", "both"], answer="no", answer_index=1))
        == "choice"
    )
    assert flaws(replace(bare, answer_index=0)) == {"answer_field": "an index without options"}
