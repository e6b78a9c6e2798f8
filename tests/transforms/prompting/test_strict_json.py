"""JSON of models: everything Python's reader lets pass that is not JSON, or is meant to hurt."""

import json

import pytest

from transforms.prompting.fault import Fault
from transforms.prompting.strict_json import parse_strict


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"a": NaN}', "NaN"),
        ("[-Infinity]", "Infinity"),
        ("[1e999]", "too big"),
        ("[" + "9" * 5000 + "]", "too big"),
        ('{"a": 1, "a": 2}', "repeated"),
        ('{"a": {"b": 1, "b": 1}}', "repeated"),
        ("[" * 200_000, "nested"),
        ('{"a":' * 20_000 + "1" + "}" * 20_000, "nested"),
        (r'["\ud800"]', "surrogate"),
        (r'{"\udc00": 1}', "surrogate"),
        (r'["a\u0000b"]', "NUL"),
        ('["a\x00b"]', "Invalid control"),
        ('{"a": 1} thanks', "Extra data"),
        ("{'a': 1}", "Expecting"),
        ('{"a": 1,}', "Illegal trailing comma|Expecting"),
        ("", "Expecting"),
    ],
)
def test_refused(text: str, named: str) -> None:
    with pytest.raises(Fault, match=named) as raised:
        parse_strict(text, max_bytes=1_000_000)
    assert raised.value.reason == "answer_malformed"


def test_brackets_in_strings_are_no_depth() -> None:
    value = {"a": "[[[[{{{{" * 50, "b": 'a quote " and a \\ ['}
    assert parse_strict(json.dumps(value), max_depth=1) == value
    assert parse_strict("[[1]]", max_depth=2) == [[1]]
    with pytest.raises(Fault, match="nested"):
        parse_strict("[[1]]", max_depth=1)


def test_size_is_counted_in_bytes() -> None:
    text = json.dumps(["é" * 100], ensure_ascii=False)  # 104 characters, 204 bytes
    assert parse_strict(text, max_bytes=204)
    with pytest.raises(Fault) as raised:
        parse_strict(text, max_bytes=203)
    assert raised.value.reason == "answer_too_large"


def test_pairs_of_surrogates_are_one_letter() -> None:
    assert parse_strict(r'["\ud83e\ude7a"]') == ["🩺"]
