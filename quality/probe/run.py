"""Plant, judge, count."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quality.intervals import wilson
from quality.judging import judge_questions, judge_sentences
from quality.probe import plants_in_names as names
from quality.probe import plants_in_numbers as numbers
from quality.probe import plants_in_places as places
from quality.probe import plants_in_questions as items
from quality.probe.corpus import sheets_of
from quality.probe.material import Item, drawn_items
from quality.probe.paraphrase import paraphrased
from quality.probe.plant import Plant
from schemas.ids import digest
from schemas.question import Question
from schemas.sentence import Sentence
from schemas.verdict import Verdict

PER_KIND = 40
IN_SENTENCES: dict[str, Callable[[Item, Sentence], Iterator[Sentence]]] = {
    "side flip": places.other_side,
    "position flip": places.other_position,
    "negation flip": names.turned_polarity,
    "number x2": numbers.doubled,
    "number /10": numbers.divided,
    "mm to cm": numbers.other_unit,
    "µm and mm": numbers.other_thousand,
    "wrong modality": names.other_modality,
    "wrong plane or sequence": names.other_plane,
    "wrong organ": names.other_organ,
    "wrong age or sex": names.other_patient,
    "count change": numbers.miscounted,
    "relation flip": places.turned_relation,
    "appearance flip": names.other_look,
    "swapped region": places.other_region,
    "wrong finding": names.other_finding,
    "unsupported finding": names.added_finding,
    "altered passage": names.altered_passage,
    "candidate dropped": names.dropped_candidate,
}
IN_QUESTIONS: dict[str, Callable[[Item, Question], Iterator[Question]]] = {
    "wrong key": items.wrong_key,
    "two right options": items.two_right,
    "leaked answer": items.leaked_answer,
    "groundless no": items.groundless_no,
}
PARAPHRASE = "paraphrase"  # the generator's sentences with words exchanged
OWN_WORDS = "other wording"  # the probe's own sentences
CONTROLS = (PARAPHRASE, OWN_WORDS)
IN_OWN_WORDS = ("relation flip", "position flip", "number x2", "number /10", "swapped region")


@dataclass
class Score:
    """The outcome of one kind of error, and of the clean rows it was planted in."""

    kind: str
    planted: int = 0
    caught: int = 0
    controls: int = 0
    false_rejects: int = 0
    by: Counter[str] = field(default_factory=Counter)  # gates that failed a plant
    missed: list[str] = field(default_factory=list)  # texts
    refused: list[str] = field(default_factory=list)  # clean texts, with the gate

    @property
    def recall(self) -> tuple[float, float]:
        """Wilson interval of the share of plants caught."""
        return wilson(self.caught, self.planted)

    @property
    def false_reject_rate(self) -> tuple[float, float]:
        """Wilson interval of the share of clean rows refused."""
        return wilson(self.false_rejects, self.controls)

    def below(self, floor: float) -> bool:
        """Errors were planted, and the recall interval begins below `floor`."""
        return self.planted > 0 and self.recall[0] < floor

    def as_row(self) -> tuple[str, ...]:
        """kind, planted, caught, recall with interval, controls, refused, their share, first gate
        to fail.
        """
        recall = _shown(self.caught, self.planted) if self.planted else "-"
        gate = self.by.most_common(1)[0][0] if self.by else "-"
        refused = _shown(self.false_rejects, self.controls) if self.controls else "-"
        counts = (str(n) for n in (self.planted, self.caught))
        return (
            self.kind,
            *counts,
            recall,
            str(self.controls),
            str(self.false_rejects),
            refused,
            gate,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            k: getattr(self, k) for k in ("kind", "planted", "caught", "controls", "false_rejects")
        }


def _shown(hits: int, trials: int) -> str:
    low, high = wilson(hits, trials)
    return f"{hits / trials:.3f} ({low:.3f}-{high:.3f})"


def plants_of(found: Sequence[Item], seed: int, per_kind: int) -> dict[str, list[Plant]]:
    """At most `per_kind` plants of each kind, one a row, drawn by keyed hash; the same for one
    seed.
    """
    kinds: dict[str, list[Plant]] = {k: [] for k in (*IN_SENTENCES, *IN_QUESTIONS, *CONTROLS)}
    for item in found:
        for row in item.sentences:
            for kind, edit in (*IN_SENTENCES.items(), (PARAPHRASE, paraphrased)):
                kinds[kind] += _one(kind, item, row, edit(item, row), seed)
        for row in item.own_words:
            kinds[OWN_WORDS] += [Plant(OWN_WORDS, item, row, row)]
            for kind in IN_OWN_WORDS:
                kinds[kind] += _one(kind, item, row, IN_SENTENCES[kind](item, row), seed)
        for question in item.questions:
            for kind, change in IN_QUESTIONS.items():
                kinds[kind] += _one(kind, item, question, change(item, question), seed)
    return {k: sorted(v, key=lambda p: _order(p, seed))[:per_kind] for k, v in kinds.items()}


def _one(kind: str, item: Item, row: Any, edits: Iterable[Any], seed: int) -> list[Plant]:
    """One of the edits that this kind can make of a row, drawn by keyed hash."""
    choice = [e for e in edits if e != row]
    if not choice:
        return []
    key = int(digest("edit", seed, kind, item.sheet.image.id, _text(row))[:12], 16)
    return [Plant(kind, item, row, choice[key % len(choice)])]


def _order(plant: Plant, seed: int) -> str:
    return digest("plant", seed, plant.kind, plant.item.sheet.image.id, _text(plant.clean))


def _text(row: Sentence | Question) -> str:
    return row.text if isinstance(row, Sentence) else f"{row.question} {row.options} [{row.answer}]"


def judged(item: Item, row: Sentence | Question) -> list[Verdict]:
    """The verdicts of the gates on one row; a question is seen with its twin."""
    if isinstance(row, Sentence):
        return judge_sentences(item.sheet, [row], item.passages)[0]
    twin = item.by_id.get(row.twin_id or "")
    return judge_questions(item.sheet, [row, *([twin] if twin else [])], item.others)[0]


DRAWN = 192  # sheets: twelve of each kind of image


def probe_folder(folder: Path | None, *, seed: int = 0, per_kind: int = PER_KIND) -> list[Score]:
    """Probe a released corpus, or drawn sheets where no folder is given.

    Raises FileNotFoundError where the folder holds no released triplets.
    """
    found = drawn_items(DRAWN, seed) if folder is None else sheets_of(folder, seed=seed)
    return probe(found, seed=seed, per_kind=per_kind)


def probe(found: Iterable[Item], *, seed: int = 0, per_kind: int = PER_KIND) -> list[Score]:
    """One score a kind, in a fixed order. Each plant has its own clean row as control.

    The gates see rows one by one and are not told which are planted. Paraphrases are controls only.
    """
    planted = plants_of(list(found), seed, per_kind)
    return [_score(kind, rows) for kind, rows in planted.items()]


def _score(kind: str, rows: list[Plant]) -> Score:
    score = Score(kind)
    for plant in rows:
        clean = plant.edited if kind in CONTROLS else plant.clean
        failed = [v for v in judged(plant.item, clean) if not v.passed]
        score.controls += 1
        if failed:
            score.false_rejects += 1
            score.refused.append(f"{failed[0].gate}: {_text(clean)}")
        if kind not in CONTROLS:
            _count(score, plant)
    return score


def _count(score: Score, plant: Plant) -> None:
    failed = [v.gate for v in judged(plant.item, plant.edited) if not v.passed]
    score.planted += 1
    score.caught += bool(failed)
    score.by.update(failed[:1])
    if not failed:
        score.missed.append(_text(plant.edited))
