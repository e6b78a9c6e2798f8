"""What the honest fake model gets wrong: a keyed share of planted faults, mended when the prompt shows them again."""

import re
from typing import Any

from schemas.ids import pick
from tests.fakes.describing import Row, description, row
from tests.fakes.sheet import Known
from tests.fakes.writing_items import LETTERS, Form, item

_REJECTED = re.compile(r"^\d+\. (.+)\n   fault: (.+)$", re.MULTILINE)
_MOST = re.compile(r"in at most (\d+) sentences|Write at most (\d+) sentences")
_SWAPS = (
    ("upper left", "lower right"), ("upper right", "lower left"), ("middle left", "middle right"),
    ("brighter than", "darker than"), ("in the center", "in the upper left"), ("MRI", "computed tomography (CT)"),
    ("CT", "MRI"), ("radiograph", "dermoscopic image"), ("ultrasound", "radiograph"), ("fundus photograph", "radiograph"),
)  # fmt: skip
STRANGE = "Subtle architectural remodeling surrounds the parenchymal interstices."
"""True or not, no reader of plain words can tell."""
NO_SUCH_FACT = "F999"


def described(prompt: str, known: Known) -> list[Row]:
    """The sentences of a description. What was rejected is written again without its fault.

    Of ten prompts two hold a wrong sentence, one an id that does not exist, one strange words.
    """
    true = description(known)
    rejected = _REJECTED.findall(prompt)
    if rejected:
        return [r for text, _ in rejected if (r := _nearest(text, true)) is not None]
    turn = pick(10, "plant", prompt)
    if turn in (0, 1):
        true = wrong_somewhere(true)
    elif turn == 2:
        true[-1:] = [{**r, "facts": [*r["facts"], NO_SUCH_FACT]} for r in true[-1:]]
    elif turn == 3 and true:
        true.append(row(STRANGE, "roi_appearance", true[0]["facts"], []))
    most = next((int(a or b) for a, b in _MOST.findall(prompt)), 8)
    return true[:most]


def wrong_somewhere(rows: list[Row]) -> list[Row]:
    """The last sentence that can be turned into its opposite is."""
    for place in reversed(range(len(rows))):
        for one, other in (pair for a, b in _SWAPS for pair in ((a, b), (b, a))):
            if one in rows[place]["text"]:
                spoilt = {**rows[place], "text": rows[place]["text"].replace(one, other)}
                return [*rows[:place], spoilt, *rows[place + 1 :]]
    return rows


def written(prompt: str, known: Known) -> Form:
    """An item; of twelve one has a wrong key, one an id that does not exist, one a rationale of another kind."""
    form = item(prompt, known)
    turn = pick(12, "plant", prompt)
    if "Earlier attempts were rejected" in prompt or turn > 2:
        return form
    spoil = (_wrong_key, _wrong_id, _wrong_rationale)[turn]
    return spoil(form)


def _wrong_key(form: Form) -> Form:
    if "answer" in form:
        place = LETTERS.index(form["answer"])
        return {**form, "answer": LETTERS[(place + 1) % len(LETTERS)]}
    if "yes" in form:
        yes, no = form["yes"], form["no"]
        return {
            **form,
            "yes": {**yes, "question": no["question"]},
            "no": {**no, "question": yes["question"]},
        }
    return form


def _wrong_id(form: Form) -> Form:
    part = form["turns"][-1] if "turns" in form else form.get("yes", form)
    part["facts"] = [*part["facts"], NO_SUCH_FACT]
    return form


def _wrong_rationale(form: Form) -> Form:
    part: dict[str, Any] = form.get("yes", form)
    if "rationale" in part:
        part["rationale"] = "The image shows a fracture of the left femur."
    return form


def _nearest(text: str, rows: list[Row]) -> Row | None:
    """The true sentence that shares most words with a rejected one; none where they share few."""
    words = set(text.lower().split())

    def shared(candidate: Row) -> float:
        own = set(candidate["text"].lower().split())
        return len(own & words) / len(own | words)

    best = max((r for r in rows if r["text"] != text), key=shared, default=None)
    return best if best is not None and shared(best) > 0.5 else None
