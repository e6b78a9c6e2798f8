"""The kinds of errors on which a model verifier is measured, and the rows they are planted in."""

from collections.abc import Callable, Iterator, Sequence

from quality.probe import plants_in_pictures as pictures
from quality.probe import plants_in_questions as items
from quality.probe import plants_of_approval as approval
from quality.probe import plants_of_more as more
from quality.probe.exhibit import Exhibit, Row
from quality.probe.material import Item
from quality.probe.paraphrase import paraphrased
from quality.probe.plant import Plant
from quality.probe.run import (
    IN_OWN_WORDS,
    IN_QUESTIONS,
    IN_SENTENCES,
    OWN_WORDS,
    PARAPHRASE,
)
from schemas.ids import digest
from schemas.question import Question
from schemas.sentence import Sentence

Shown = tuple[Row, Exhibit | None]
Edit = Callable[[Item, Row, Sequence[Item]], Iterator[Shown]]
NEIGHBOURS = 12  # other images of the modality from which an error may be taken


def _of_sentence(edit: Callable[[Item, Sentence], Iterator[Sentence]]) -> Edit:
    def made(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
        if isinstance(row, Sentence):
            yield from ((edited, None) for edited in edit(item, row))

    return made


def _of_question(edit: Callable[[Item, Question], Iterator[Question]]) -> Edit:
    def made(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
        if isinstance(row, Question):
            yield from ((edited, None) for edited in edit(item, row))

    return made


def _copied(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
    if isinstance(row, Sentence):
        yield from ((edited, None) for edited in more.copied_number(item, row, others))


KINDS: dict[str, Edit] = {
    **{kind: _of_sentence(edit) for kind, edit in IN_SENTENCES.items()},
    "severity change": _of_sentence(more.other_grade),
    "invented history": _of_sentence(more.added_history),
    "added device": _of_sentence(more.added_device),
    "hedging removed": _of_sentence(more.without_doubt),
    "number of another patient": _copied,
    "mirrored region": pictures.mirrored_region,
    "swapped picture": pictures.other_picture,
    "swapped picture and sheet": pictures.other_picture_and_sheet,
    "swapped caption": pictures.other_words,
    "approval in a sentence": approval.in_sentence,
    "approval in a passage": approval.in_passage,
    **{kind: _of_question(edit) for kind, edit in IN_QUESTIONS.items()},
    "mixed options": _of_question(items.mixed_options),
    "approval in a stem": approval.in_stem,
    "approval in an option": approval.in_option,
}
ORDERS = ("approval in a sentence", "approval in a passage")
"""Kinds whose rows are judged alone, so that an order reaches no row but its own."""

CONTROLS: dict[str, Edit] = {PARAPHRASE: _of_sentence(paraphrased)}
"""Rows that are true in other words. The probe's own true sentences are controls as well."""


def judge_plants(found: Sequence[Item], seed: int, per_kind: int) -> dict[str, list[Plant]]:
    """At most `per_kind` plants of each kind, one a row, drawn by keyed hash; controls last.

    Of a control `edited` is what is judged; it is true.
    """
    ranked: dict[str, list[tuple[str, Item, Row]]] = {kind: [] for kind in (*KINDS, *CONTROLS)}
    for item in found:
        rows: tuple[Row, ...] = (*item.sentences, *item.questions)
        for row in rows:
            for kind in ranked:
                ranked[kind].append((_rank(seed, kind, item, row), item, row))
        for kind in IN_OWN_WORDS:
            ranked[kind] += [(_rank(seed, kind, item, row), item, row) for row in item.own_words]
    near = _Neighbours(found, seed)
    edits = KINDS | CONTROLS
    planted = {
        kind: _drawn(kind, edits[kind], rows, near, seed, per_kind) for kind, rows in ranked.items()
    }
    own = [Plant(OWN_WORDS, item, row, row) for item in found for row in item.own_words]
    own.sort(key=lambda p: _rank(seed, OWN_WORDS, p.item, p.clean))
    return planted | {OWN_WORDS: own[:per_kind]}


def _drawn(
    kind: str,
    edit: Edit,
    rows: list[tuple[str, Item, Row]],
    near: "_Neighbours",
    seed: int,
    most: int,
) -> list[Plant]:
    """Rows in keyed order until enough of them could be made wrong."""
    plants: list[Plant] = []
    for rank, item, row in sorted(rows, key=lambda entry: entry[0]):
        if len(plants) == most:
            break
        choice = [(e, s) for e, s in edit(item, row, near.of(item)) if (e, s) != (row, None)]
        if choice:
            edited, shown = choice[int(digest("edit", seed, kind, rank)[:12], 16) % len(choice)]
            plants.append(Plant(kind, item, row, edited, shown))
    return plants


class _Neighbours:
    """A few other images of the same modality, of other patients, in a keyed order."""

    def __init__(self, found: Sequence[Item], seed: int) -> None:
        self._seed = seed
        self._by_modality: dict[str, list[Item]] = {}
        for item in found:
            self._by_modality.setdefault(item.sheet.image.modality, []).append(item)
        self._known: dict[str, list[Item]] = {}

    def of(self, item: Item) -> list[Item]:
        own = item.sheet.image
        if own.id not in self._known:
            others = [
                o
                for o in self._by_modality[own.modality]
                if o.sheet.image.patient_key != own.patient_key
            ]
            others.sort(key=lambda o: digest("near", self._seed, own.id, o.sheet.image.id))
            self._known[own.id] = others[:NEIGHBOURS]
        return self._known[own.id]


def _rank(seed: int, kind: str, item: Item, row: Row) -> str:
    return digest("judge", seed, kind, item.sheet.image.id, text_of(row))


def text_of(row: Row) -> str:
    """A row in one line."""
    if isinstance(row, Sentence):
        return row.text
    return f"{row.question} {row.options} [{row.answer}]"
