"""From answers to objects: F19 of the fault matrix, each with the reason it must get."""

import json
from typing import Any

import pytest

from schemas.exchange import Answer
from schemas.reasons import REASONS
from transforms.prompting.answer_schema import id_list, one_of, record, rows, words
from transforms.prompting.fault import Fault
from transforms.prompting.reading import read_answer
from transforms.prompting.wrapping import unwrapped

ROW = record("row", {"text": words(3, 20), "kind": one_of(["a", "b"]), "facts": id_list(["F1"], 2)})
SCHEMA = record("answer", {"code": one_of(["c0de"]), "rows": rows(ROW, 0, 2)})
GOOD = {"code": "c0de", "rows": [{"text": "A text.", "kind": "a", "facts": ["F1"]}]}


def answer(text: Any, finish_reason: str = "stop") -> Answer:
    text = text if isinstance(text, str) else json.dumps(text)
    return Answer("key", text, "fake", finish_reason, 10, 20)


def test_a_good_answer_is_read() -> None:
    assert read_answer(answer(GOOD), SCHEMA, "c0de") == GOOD


@pytest.mark.parametrize(
    ("given", "reason", "named"),
    [
        (answer(GOOD, "length"), "answer_truncated", "20 tokens"),  # even where it happens to parse
        (answer(GOOD, "content_filter"), "answer_refused", "content_filter"),
        (answer("I'm sorry, but I can't help with that."), "answer_refused", "opens"),
        (answer("I’m unable to view images."), "answer_refused", "opens"),
        (answer({"refusal": "no"}), "answer_refused", "refusal"),
        (answer(" \n"), "answer_empty", "no text"),
        (answer("<html>502</html>"), "answer_malformed", "not JSON"),
        (answer('{"code": "c0de", "rows": [{"te'), "answer_malformed", "not JSON"),
        (answer([GOOD]), "answer_malformed", "list"),
        (answer({**GOOD, "code": "beef"}), "answer_for_other_item", "'beef'"),
        (answer({"code": "beef"}), "answer_for_other_item", "'beef'"),
        (answer({"rows": []}), "answer_malformed", "code missing"),
        (answer({**GOOD, "thought": "hm"}), "answer_malformed", "unexpected key 'thought'"),
        (answer({"code": "c0de", "rows": "none"}), "answer_malformed", "rows: not of type array"),
        (
            answer(
                {"code": "c0de", "rows": [GOOD["rows"][0], {"text": 3, "kind": "a", "facts": []}]}
            ),
            "answer_malformed",
            r"rows\[1\].text: not of type string",
        ),
        (
            answer({"code": "c0de", "rows": [{"text": "A text.", "kind": "z", "facts": []}]}),
            "answer_malformed",
            r"rows\[0\].kind: 'z' is none of",
        ),
        (answer('"' + "x" * 5_000_000 + '"'), "answer_too_large", "bytes"),
    ],
)
def test_each_fault_has_its_reason(given: Answer, reason: str, named: str) -> None:
    with pytest.raises(Fault, match=named) as raised:
        read_answer(given, SCHEMA, "c0de")
    assert raised.value.reason == reason
    assert reason in REASONS
    assert len(raised.value.detail) < 300


def test_faults_of_one_row_do_not_cost_the_answer() -> None:
    """Ids, lengths and numbers of rows are judged row by row by whoever asked."""
    row = {"text": "A text that is far too long for its bounds.", "kind": "a", "facts": ["F9"] * 5}
    loose = {"code": "c0de", "rows": [row] * 7}
    assert read_answer(answer(loose), SCHEMA, "c0de") == loose


@pytest.mark.parametrize(
    ("text", "inner", "off"),
    [
        ('{"a": 1}', '{"a": 1}', ()),
        ('<think>{"b"}</think>\n{"a": 1}', '{"a": 1}', ("think block",)),
        ('hm, so </think> {"a": 1}', '{"a": 1}', ("think block",)),  # opened in the prompt
        ('```json\n{"a": 1}\n```', '{"a": 1}', ("code fence",)),
        ('<answer>{"a": 1}</answer>', '{"a": 1}', ("answer tag",)),
        ('<|begin_of_box|>{"a": 1}<|end_of_box|>', '{"a": 1}', ("answer tag",)),
        (
            '<think>x</think><answer>```\n{"a": 1}\n```</answer>',
            '{"a": 1}',
            ("think block", "answer tag", "code fence"),
        ),
        ('{"a": "</think> {"}', '{"a": "</think> {"}', ()),  # inside the object it is text
        ('Sure! {"a": 1}', 'Sure! {"a": 1}', ()),  # no searching for JSON in prose
        ('```json\n{"a": 1}\n``` and more', '```json\n{"a": 1}\n``` and more', ()),
    ],
)
def test_only_known_wrappings_come_off(text: str, inner: str, off: tuple[str, ...]) -> None:
    assert unwrapped(text) == (inner, off)
