"""Stands in for a model that judges: fills in what a rubric prompt asks for, by what the facts of that prompt say."""

import re
from collections.abc import Callable
from typing import Any

from schemas.ids import pick
from tests.fakes.answering import is_right, openly
from tests.fakes.sheet import Known
from tests.fakes.weighing import weigh

QUOTED_WORDS = 9
Rows = dict[str, Any]

_BLOCK = r"^<<(data-[0-9a-f]{16})%s[^\n]*\n(.*?)^\1>>"
_LETTERED = re.compile(r"^([A-J])\. (.+)$", re.MULTILINE)
_NAMED = re.compile(r"^([SQA]\d+): (.+)$", re.MULTILINE)
_CRITERION = re.compile(r"^- ([a-z_]+): ", re.MULTILINE)
_FORBIDDEN = re.compile(r"\b(?:caption|report|annotation|label|mask|file)s?\b", re.IGNORECASE)
_GUESSES = ("yes", "no", "left", "right", "upper left", "one", "two", "a mass", "10 mm", "axial")


def judged(prompt: str, known: Known) -> Rows | None:
    """The answer's fields beside its code; None for a prompt that is no judge's."""
    for title, make in _MAKERS:
        if found := re.search(_BLOCK % title, prompt, re.DOTALL | re.MULTILINE):
            return make(found[2], prompt, known)
    return None


def guessed(prompt: str, draw: int) -> Rows | None:
    """The answer to a blind test: a keyed guess, since a stand-in sees no pixels."""
    if (
        "Answer with one letter, as " not in prompt
        and "Answer in a few words, a number" not in prompt
    ):
        return None
    letters = [letter for letter, _ in _LETTERED.findall(prompt)]
    choices = letters or list(_GUESSES)
    return {"answer": choices[pick(len(choices), "guess", prompt, draw)]}


def quote(text: str) -> str:
    """Words of the text that evidence needs."""
    return " ".join(text.split()[:QUOTED_WORDS])


def _row(text: str, refs: list[str], **answer: Any) -> Rows:
    return {"quote": quote(text), "refs": [r for r in refs if r][:3], **answer}


def _sentences(block: str, prompt: str, known: Known) -> Rows:
    rows = dict(_NAMED.findall(block))
    return {
        "sentences": {n: _judged(rows[n], known) for n in sorted(rows, key=lambda n: int(n[1:]))}
    }


def _judged(text: str, known: Known) -> Rows:
    found = weigh(text, known)
    return _row(text, found.refs, verdict=found.verdict)


def _options(block: str, prompt: str, known: Known) -> Rows:
    stem = block.split("\n")[0]
    rows = {}
    for letter, text in _LETTERED.findall(block):
        found = is_right(stem, text, known)
        rows[letter] = _row(text, found.refs, correct=found.verdict == "supported")
    return {"options": rows}


def _open(block: str, prompt: str, known: Known) -> Rows:
    stem = block.strip()
    said, refs = openly(stem, known)
    return {"own": _row(stem, refs, answer=said)}


def _question_block(block: str, prompt: str, known: Known) -> Rows:
    """A block QUESTION is put to answer among options, or openly."""
    return (_options if _LETTERED.search(block) else _open)(block, prompt, known)


def _same(block: str, prompt: str, known: Known) -> Rows:
    one, other = (re.search(rf"^{n}: (.+)$", block, re.MULTILINE) for n in ("first", "second"))
    return {"same": bool(one and other and _core(one[1]) == _core(other[1]))}


def _core(text: str) -> set[str]:
    words = re.findall(r"[a-z0-9.]+", text.lower())
    return {w.rstrip("s.") for w in words} - {
        "a",
        "an",
        "the",
        "side",
        "patient",
        "of",
        "in",
        "projection",
        "view",
    }


def _item(block: str, prompt: str, known: Known) -> Rows:
    stem = re.search(r"^Question: (.+)$", block, re.MULTILINE)
    key = re.search(r"^Keyed answer: (?:[A-J]\. )?(.+)$", block, re.MULTILINE)
    asked = stem[1] if stem else ""
    unmet = _unmet(asked, key[1] if key else "", block)
    names = _CRITERION.findall(prompt.split("For each criterion")[1])
    return {"criteria": {n: _row(asked, [], met=n not in unmet) for n in names}}


def _unmet(stem: str, key: str, block: str) -> set[str]:
    options = [text for _, text in _LETTERED.findall(block)]
    unmet = set()
    own_word = key.lower() in (
        "yes",
        "no",
        "center",
    )  # "the center of the mass" gives no place away
    if not own_word and re.search(rf"\b{re.escape(key.lower())}\b", stem.lower()):
        unmet.add("no_leak")
    if _FORBIDDEN.search(block):
        unmet.add("vocabulary")
    if options and len(key) > 2.5 * max([len(o) for o in options if o != key] or [len(key)]):
        unmet.add("parallel")
    return unmet


def _conversation(block: str, prompt: str, known: Known) -> Rows:
    turns = _NAMED.findall(block)
    rows = {n: _judged(t, known) if n[0] == "A" else _row(t, [], good=True) for n, t in turns}
    agree = all(r.get("verdict") != "contradicted" for r in rows.values())
    return {"turns": rows, "whole": _row(turns[0][1], [], good=agree)}


_MAKERS: tuple[tuple[str, Callable[[str, str, Known], Rows]], ...] = (
    (" TEXTS ON TRIAL", _sentences),
    (" CONVERSATION ON TRIAL", _conversation),
    (" ITEM ON TRIAL", _item),
    (" QUESTION AND TWO ANSWERS", _same),
    (" QUESTION$", _question_block),
)
