"""Items made wrong: the key, a second true option, the answer in the stem, a "no" without ground."""

import re
from collections.abc import Iterator
from dataclasses import replace

from quality.probe.material import Item
from quality.probe.plant import kin, known_terms, swapped, with_article
from schemas.question import Question
from schemas.vocabulary import findings, modalities, organs

SAME = {"axial": "transverse", "upper left": "top left", "upper right": "top right", "lower left": "bottom left",
        "lower right": "bottom right", "upper center": "top center", "lower center": "bottom center",
        "middle left": "left middle", "middle right": "right middle", "center": "middle"}  # fmt: skip


def wrong_key(item: Item, row: Question) -> Iterator[Question]:
    """Another option keyed; for an open measured item, twice the number."""
    for at, option in enumerate(row.options):
        if at != row.answer_index:
            yield replace(row, answer=option, answer_index=at)
    if not row.options and row.answer_value:
        number = re.match(r"\d+(?:\.\d+)?", row.answer)
        if number:
            said = f"{2 * float(number.group()):g}{row.answer[number.end() :]}"
            yield replace(row, answer=said, answer_value=2 * row.answer_value)


def two_right(item: Item, row: Question) -> Iterator[Question]:
    """A distractor replaced by another way to say the truth."""
    if row.answer_index is None or row.answer in ("yes", "no"):
        return
    at = (row.answer_index + 1) % len(row.options)
    for same in _same(item, row):
        if same not in row.options:
            yield replace(row, options=[same if n == at else o for n, o in enumerate(row.options)])


def _same(item: Item, row: Question) -> Iterator[str]:
    answer = row.answer
    if answer in SAME:
        yield SAME[answer]
    for modality in modalities():
        if modality.title == answer:
            yield from modality.synonyms
    if row.question_type == "anatomy":
        organ = organs().get(answer)
        yield from organ.synonyms if organ else ()
    term = findings().get(answer)
    if term is not None and row.question_type == "which_finding":
        yield from term.synonyms
        yield from (term.broader,) if term.broader else ()
    if row.tolerance and row.answer_value and row.unit not in (None, "1"):
        near = row.answer_value + 0.7 * row.tolerance
        yield re.sub(r"^\d+(?:\.\d+)?", f"{near:.2f}", answer)


def leaked_answer(item: Item, row: Question) -> Iterator[Question]:
    """The key told in the stem."""
    bare = re.sub(r"^(?:the|an?) ", "", row.answer)
    if row.answer in ("yes", "no") or row.question_type == "larger_of_two":
        return
    if row.unit == "1":
        return
    stem = row.question[0].lower() + row.question[1:]
    yield replace(row, question=f"Given {bare}, {stem}")
    yield replace(row, question=f"{row.question[:-1]} ({bare})?")


def groundless_no(item: Item, row: Question) -> Iterator[Question]:
    """A "no" about a finding on which the facts are silent."""
    if row.answer != "no":
        return
    known = {up for label in known_terms(item) for up in kin(label)}
    asked = next(
        (t for t in sorted(item.sheet.absent, key=lambda t: (-len(t), t)) if t in row.question),
        None,
    )
    own = findings().get(asked)
    for other in findings():
        if (
            own is not None
            and other.kind == own.kind
            and other.name not in known
            and not kin(other.name) & known
        ):
            text = swapped(row.question, own.name, other.name)
            if text is not None:
                yield replace(row, question=with_article(text), rationale=None)


ODD = {"modality": "the upper left", "plane": "a liver cyst", "which_finding": "axial"}


def mixed_options(item: Item, row: Question) -> Iterator[Question]:
    """A distractor of another semantic type than the others."""
    if row.answer_index is None or len(row.options) < 3:
        return
    at = (row.answer_index + 1) % len(row.options)
    odd = ODD.get(row.question_type, "computed tomography")
    yield replace(row, options=[odd if n == at else o for n, o in enumerate(row.options)])
