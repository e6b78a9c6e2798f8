"""The probe of a model verifier: the same rows before gates, verifier, and both together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from quality.judging import judge_questions, judge_sentences
from quality.probe.exhibit import Exhibit, Row, Show, exhibit_of
from quality.probe.judge_kinds import CONTROLS, ORDERS, judge_plants, text_of
from quality.probe.judge_score import JudgeScore, Opinion
from quality.probe.material import Item
from quality.probe.plant import Plant
from quality.probe.run import OWN_WORDS, PER_KIND
from quality.rubric.choice import VerifyingChoice
from quality.rubric.questions import rate_question
from quality.rubric.sentences import rate_sentences
from schemas.conform import plain
from schemas.exchange import Ask
from schemas.ids import digest
from schemas.question import Question
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.showing.view import View

ROWS = 8  # most sentences judged together, as of one description
TRUE = (*CONTROLS, OWN_WORDS)


@dataclass(frozen=True)
class Verifier:
    """The model on trial: its door, its choices, and how things are put before it."""

    ask: Ask
    choice: VerifyingChoice
    show: Show


@dataclass(frozen=True)
class Ballot:
    """One row to be judged. origin: what the row was made from, so that two versions of one sentence
    are never seen side by side. alone: it gives orders that could reach the rows beside it.
    """

    item: Item
    exhibit: Exhibit
    row: Row
    origin: str
    alone: bool = False

    @cached_property
    def key(self) -> str:
        """Equal ballots are judged once."""
        return digest("ballot", self.exhibit.key, plain(self.row))

    def gates(self) -> list[Verdict]:
        """Verdicts of the deterministic gates; a question is seen with its twin."""
        sheet = self.exhibit.sheet
        if isinstance(self.row, Sentence):
            return judge_sentences(sheet, [self.row], self.exhibit.passages)[0]
        rows = [self.row, *([self.twin] if self.twin else [])]
        return judge_questions(sheet, rows, self.item.others)[0]

    @property
    def twin(self) -> Question | None:
        """The clean item with the opposite answer, where there is one."""
        return (
            None if isinstance(self.row, Sentence) else self.item.by_id.get(self.row.twin_id or "")
        )


class JudgeProbe:
    """Planted rows and their clean twins, laid out in sittings; the scores once all were judged.

    The verifier is not told which rows are planted: clean and planted rows of an image come mixed, in
    an order drawn by keyed hash, and no sitting shows two versions of one row.
    """

    def __init__(self, found: Iterable[Item], *, seed: int = 0, per_kind: int = PER_KIND) -> None:
        self._planted = judge_plants(list(found), seed, per_kind)
        ballots = {
            b.key: b for plants in self._planted.values() for p in plants for b in _ballots(p)
        }
        self.sittings = sittings(list(ballots.values()), seed)

    def scores(self, opinions: Mapping[str, Opinion]) -> list[JudgeScore]:
        """One score a kind, in a fixed order, controls last. opinions: of every ballot, by its key."""
        return [_score(kind, plants, opinions) for kind, plants in self._planted.items()]


async def sit(sitting: Sequence[Ballot], verifier: Verifier) -> dict[str, Opinion]:
    """What gates and verifier make of the rows of one sitting, by key. Exceptions of `ask` pass."""
    view = _shown(sitting[0], verifier.show)
    marks = await _rated(view, sitting, verifier)
    return {b.key: Opinion(b.gates(), mark) for b, mark in zip(sitting, marks, strict=True)}


def _shown(ballot: Ballot, show: Show) -> View:
    """The exhibit, and the further images where the row is a question on several."""
    further = ballot.row.more_image_ids if isinstance(ballot.row, Question) else []
    known = {sheet.image.id: sheet for sheet in ballot.item.others}
    others = tuple(show(Exhibit(known[id], (), id)) for id in further)
    return replace(show(ballot.exhibit), others=others)


async def _rated(view: View, sitting: Sequence[Ballot], verifier: Verifier) -> list[list[Verdict]]:
    """Verdicts of the verifier; none of what the recipe does not have it judge."""
    first, ask, choice = sitting[0], verifier.ask, verifier.choice
    if isinstance(first.row, Question):
        if not choice.questions:
            return [[]]
        return [await rate_question(view, first.row, ask, choice, twin=first.twin)]
    if not choice.sentences:
        return [[] for _ in sitting]
    sentences = [b.row for b in sitting if isinstance(b.row, Sentence)]
    return await rate_sentences(view, sentences, ask, choice)


def _ballots(plant: Plant) -> list[Ballot]:
    """The edited row and, unless it is true itself, its clean twin."""
    origin = digest(plant.item.sheet.image.id, plain(plant.clean))
    edited = Ballot(plant.item, plant.exhibit, plant.edited, origin, plant.kind in ORDERS)
    if plant.kind in TRUE:
        return [edited]
    return [edited, Ballot(plant.item, exhibit_of(plant.item), plant.clean, origin)]


def _score(kind: str, plants: list[Plant], opinions: Mapping[str, Opinion]) -> JudgeScore:
    score = JudgeScore(kind)
    for plant in plants:
        edited, *clean = _ballots(plant)
        for ballot in clean or [edited]:
            score.add_control(text_of(ballot.row), opinions[ballot.key])
        if clean:
            score.add_plant(text_of(edited.row), opinions[edited.key])
    return score


def sittings(ballots: Sequence[Ballot], seed: int) -> list[list[Ballot]]:
    """Rows judged in one call: sentences on one exhibit, no two of one origin; a question, and a row
    that gives orders, alone.
    """
    single = [b for b in ballots if b.alone or not isinstance(b.row, Sentence)]
    together: dict[str, dict[str, list[Ballot]]] = {}
    for ballot in ballots:
        if isinstance(ballot.row, Sentence) and not ballot.alone:
            together.setdefault(ballot.exhibit.key, {}).setdefault(ballot.origin, []).append(ballot)
    made = []
    for origins in together.values():
        drawn = [sorted(v, key=lambda b: digest(seed, b.key)) for _, v in sorted(origins.items())]
        for turn in range(max(map(len, drawn))):
            rows = [versions[turn] for versions in drawn if turn < len(versions)]
            made += [rows[at : at + ROWS] for at in range(0, len(rows), ROWS)]
    return [[b] for b in single] + made
