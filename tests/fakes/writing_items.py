"""Stands in for a model that writes items: fills the form at the end of the prompt with what the prompt settles."""

import json
import re
from typing import Any

from schemas.ids import digest
from tests.fakes.sheet import Known
from tests.fakes.wording import statement

Form = dict[str, Any]

_EXAMPLE = re.compile(r"^A stem that is well understood: (.+)$", re.MULTILINE)
_PAIR = re.compile(r"^A pair that is well understood:\n- (.+)\n- (.+)$", re.MULTILINE)
_KEY = re.compile(r"^The right option says: (.+)$", re.MULTILINE)
_STEP = re.compile(r"^\d+\. (.+): the answer rests on (.+)$", re.MULTILINE)
_WRONG = re.compile(r"^The wrong options say four of these.*\n((?:- .+\n)+)", re.MULTILINE)
_DULL = re.compile(r"^no .* but those counted$|^number of |^on the patient's ")
_STEPS_AWAY = (
    "Reassurance without further care",
    "Repeat imaging in ten years",
    "A change of diet alone",
    "Removal of a healthy organ",
)
LETTERS = "ABCDE"


def item(prompt: str, known: Known) -> Form:
    """The filled form of whatever kind of item is asked for."""
    form = form_of(prompt)
    if "turns" in form:
        return _conversation(form, prompt, known)
    if "yes" in form:
        return _pair(form, prompt, known)
    example = _EXAMPLE.search(prompt)
    form["question"] = example[1] if example else "What does this image show?"
    form["rationale"] = rationale(form["facts"], known, form["question"])
    return _with_options(form, prompt, known) if "options" in form else form


def form_of(prompt: str) -> Form:
    """The last line that is a JSON object with a code: the form of the answer."""
    lines = [line for line in prompt.splitlines() if line.startswith('{"code"')]
    return json.loads(lines[-1])


def rationale(aliases: list[str], known: Known, stem: str = "") -> str:
    """What the last telling fact says; over several images one fact of each."""
    for asked, kind in ((r"\bmany\b", "^number of "), (r"\bside\b", "patient's (?:left|right)")):
        if re.search(asked, stem):
            aliases = [a for a in aliases if re.search(kind, known.told(a))] or aliases
    told = [a for a in aliases if not _DULL.search(known.told(a))] or aliases
    if len(known.sheets) < 2:
        return statement(known, told[-1])
    first = {a.split("F")[0]: a for a in told}
    parts = [statement(known, a).rstrip(".") for a in first.values()]
    return ", and ".join([parts[0], *(p[0].lower() + p[1:] for p in parts[1:])]) + "."


def _with_options(form: Form, prompt: str, known: Known) -> Form:
    found = _KEY.search(prompt)
    key = found[1] if found else _what_is_done(form, known)
    block = _WRONG.search(prompt)
    wrong = [line[2:] for line in block[1].splitlines()] if block else list(_STEPS_AWAY)
    texts = sorted([key, *wrong[:4]], key=lambda text: digest(form["code"], text))
    form["options"] = dict(zip(LETTERS, texts, strict=False))
    form["answer"] = LETTERS[texts.index(key)]
    return form


def _what_is_done(form: Form, known: Known) -> str:
    """Of a next step: the words of the passage."""
    text = next((t for alias, _, t in known.passages if alias in form["passages"]), "Further care.")
    acts = re.search(r"[^.]*\b(?:treat|surg|remov|biops|follow|monitor)[^.]*", text)
    return (acts or re.match(r"[^.]*", text))[0].strip()[:150]  # type: ignore[index]


def _pair(form: Form, prompt: str, known: Known) -> Form:
    stems = _PAIR.search(prompt)
    for half, stem in zip(("yes", "no"), stems.groups() if stems else ("", ""), strict=True):
        form[half]["question"] = stem
        form[half]["rationale"] = rationale(form[half]["facts"], known)
    return form


def _conversation(form: Form, prompt: str, known: Known) -> Form:
    for turn, (about, _) in zip(form["turns"], _STEP.findall(prompt), strict=False):
        turn["user"] = f"Can you say {about}?"
        turn["assistant"] = _answer(turn, about, known)
        if about.startswith("whether something"):
            thing = known.told(turn["facts"][0]).split(": ")[-1].removeprefix("there are no ")
            turn["user"] = f"Can {thing} be seen?"
    return form


def _answer(turn: Form, about: str, known: Known) -> str:
    if turn["passages"]:
        text = next(t for alias, _, t in known.passages if alias == turn["passages"][0])
        first = re.match(r".*?[a-z]\.(?= |$)", text)
        return first[0] if first else text
    facts = [a for a in turn["facts"] if not _DULL.search(known.told(a))] or turn["facts"]
    if about.startswith(("how it looks", "how large")):
        facts = facts[:2]
    return " ".join(dict.fromkeys(statement(known, a) for a in facts[:2]))
