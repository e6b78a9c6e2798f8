"""All gates of sentences, in the order in which they are reported."""

from collections.abc import Callable, Iterable, Sequence

from quality.gates import (
    appearance,
    basis,
    candidate,
    count,
    doubt,
    finding,
    forbidden,
    form,
    ids,
    modality,
    negation,
    number,
    organ,
    origin,
    passage,
    patient,
    plane,
    position,
    region,
    relation,
    side,
    unread,
)  # fmt: skip
from quality.gates.case import Case
from quality.gates.world import World
from schemas.passage import Passage
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.sheet import FactSheet


def _form(case: Case) -> Verdict:
    """Text without placeholders, doubled or stray marks, that begins and ends as a sentence does."""
    return form.judge_text(case.sentence.text)


def _forbidden(case: Case) -> Verdict:
    """No word of the record's making: caption, according to, annotation, mask, dataset."""
    return forbidden.judge_text(case.spoken)


def _unread(case: Case) -> Verdict:
    """Every word is in a vocabulary, a lexicon of the reader, or among the sheet's own labels."""
    return unread.judge_reading(case.reading)


SENTENCE_GATES: dict[str, Callable[[Case], Verdict]] = {
    form.GATE: _form,
    forbidden.GATE: _forbidden,
    unread.GATE: _unread,
    ids.GATE: ids.judge,
    basis.GATE: basis.judge,
    passage.GATE: passage.judge,
    passage.CONCEPT: passage.judge_concept,
    modality.GATE: modality.judge,
    plane.GATE: plane.judge,
    patient.GATE: patient.judge,
    doubt.GATE: doubt.judge,
    candidate.GATE: candidate.judge,
    organ.GATE: organ.judge,
    finding.GATE: finding.judge,
    negation.GATE: negation.judge,
    count.GATE: count.judge,
    position.GATE: position.judge,
    side.GATE: side.judge,
    number.GATE: number.judge,
    appearance.GATE: appearance.judge,
    relation.GATE: relation.judge,
    region.GATE: region.judge,
    origin.GATE: origin.judge,
}


def judge_sentences(
    sheet: FactSheet, sentences: Sequence[Sentence], passages: Iterable[Passage]
) -> list[list[Verdict]]:
    """For each sentence one verdict of every gate, passed or not, in the order of SENTENCE_GATES.

    The gates read the text and compare it with the facts of the image and of the regions that the
    sentence names; they never look at how the text was made. A sentence is released when all passed.
    """
    world = World(sheet)
    known = {p.id: p for p in passages}
    return [
        [gate(case) for gate in SENTENCE_GATES.values()] for case in _cases(world, sentences, known)
    ]


def _cases(
    world: World, sentences: Sequence[Sentence], passages: dict[str, Passage]
) -> Iterable[Case]:
    for sentence in sentences:
        own, _ = passage.split_quote(sentence, passages)
        yield Case(world, sentence, passages, own)
