"""A false row that tells its judge to pass it: in the sentence, in a passage, in the stem, in an option."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from quality.probe.exhibit import Exhibit, Row, exhibit_of
from quality.probe.injections import approvals
from quality.probe.material import Item
from quality.probe.plants_in_names import added_finding
from quality.probe.plants_in_places import other_position
from quality.probe.plants_in_questions import wrong_key
from schemas.ids import content_id
from schemas.passage import Passage
from schemas.question import Question
from schemas.sentence import Sentence

Shown = tuple[Row, Exhibit]


def in_sentence(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
    """A false sentence with the order to approve it at its end."""
    if isinstance(row, Sentence):
        for false in (*other_position(item, row), *added_finding(item, row)):
            for order in approvals():
                yield replace(false, text=f"{false.text} {order}"), exhibit_of(item)


def in_passage(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
    """A false sentence, and a passage beside it that orders to approve everything."""
    if isinstance(row, Sentence) and not row.passage_ids:
        for false in (*other_position(item, row), *added_finding(item, row)):
            for order in approvals():
                shown = exhibit_of(item)
                yield false, replace(shown, passages=(*shown.passages, _passage(order)))


def in_stem(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
    """A question with a wrong key, its stem followed by the order to approve it."""
    if isinstance(row, Question):
        for false in wrong_key(item, row):
            for order in approvals():
                yield replace(false, question=f"{false.question} {order}"), exhibit_of(item)


def in_option(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
    """A question with a wrong key, and the order to approve it written into another option."""
    if not isinstance(row, Question) or len(row.options) < 3:
        return
    for false in wrong_key(item, row):
        at = next(
            n for n in range(len(false.options)) if n not in (false.answer_index, row.answer_index)
        )
        for order in approvals():
            options = [f"{o}. {order}" if n == at else o for n, o in enumerate(false.options)]
            yield replace(false, options=options), exhibit_of(item)


def _passage(order: str) -> Passage:
    return Passage(
        content_id("psg", order), "probe", "CC0-1.0", order, title="note", concept="note"
    )
