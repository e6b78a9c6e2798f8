"""How many items does a classifier answer that sees their options and nothing else?

An option is an example: right or wrong. Logistic regression learns from the items of other patients
and takes, of each item, the option it scores highest. On a corpus whose wrong options are as good as
its keys it is right as often as chance.

The interval counts patients and not that folds learn from one another's items: with keys drawn by lot
(300 items of five options, 60 patients, 200 draws) the mean accuracy was 0.199 and the interval began
above 1/5 in 7 % of draws, not 2.5 %. It errs towards alarm.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from quality.balance.clustered import Clustered, clustered
from quality.balance.item import Item
from quality.balance.option_features import option_matrix
from schemas.ids import digest, pick

FOLDS = 5
FEWEST_ITEMS = 100  # of one number of options; below, the interval is too wide to mean anything
FEWEST_PATIENTS = 10
MOST_LEARNED = 20_000  # items a fold learns from; all items are answered
STRENGTH = 1.0  # inverse of the ridge penalty
AT_CHANCE, ABOVE, TOO_FEW = "at chance", "above chance", "not enough items"


@dataclass(frozen=True)
class Guess:
    """What the classifier made of one item, learned without its patient.

    margin: score of the key less the best score of the other options (log odds).
    """

    item: Item
    right: bool
    margin: float


def guesses(items: Iterable[Item]) -> list[Guess]:
    """One guess an item, out of fold. Items of one patient are in one fold; the order is by id.

    Empty where no number of options has items and patients enough. Yes/no items count like others.
    """
    found = sorted((item for item in items if item.choice), key=lambda item: item.id)
    if not any(enough(*counts) for counts in _counted(found).values()):
        return []
    fold_of = _folds({item.patient for item in found})
    matrix = option_matrix(found)
    starts = [0]
    for item in found:
        starts.append(starts[-1] + len(item.options))
    scores = [0.0] * starts[-1]
    for fold in range(FOLDS):
        held = [n for n, item in enumerate(found) if fold_of[item.patient] == fold]
        rest = [n for n, item in enumerate(found) if fold_of[item.patient] != fold]
        if held:
            rows = _rows(starts, held)
            told = _scores(matrix, rows, *_taught(found, starts, rest))
            for row, score in zip(rows, told, strict=True):
                scores[row] = round(float(score), 6)  # the last digits differ between machines
    return [_guess(item, scores[a:b]) for item, (a, b) in zip(found, pairwise(starts), strict=True)]


def _folds(patients: Iterable[str]) -> dict[str, int]:
    """Folds of equally many patients, dealt out in an order drawn by keyed hash."""
    drawn = sorted(patients, key=lambda p: (digest("fold", p), p))
    return {patient: rank % FOLDS for rank, patient in enumerate(drawn)}


def _rows(starts: Sequence[int], items: Iterable[int]) -> list[int]:
    return [row for n in items for row in range(starts[n], starts[n + 1])]


def _taught(
    items: Sequence[Item], starts: Sequence[int], among: list[int]
) -> tuple[list[int], list[bool]]:
    """Rows to learn from, and which of them are keys."""
    chosen = sorted(among, key=lambda n: digest("learn", items[n].id))[:MOST_LEARNED]
    chosen.sort()
    keys = {starts[n] + (items[n].answer_index or 0) for n in chosen}
    rows = _rows(starts, chosen)
    return rows, [row in keys for row in rows]


def _scores(matrix: Any, rows: list[int], learned: list[int], right: list[bool]) -> Any:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0, max_iter=200)
    return model.fit(matrix[learned], right).decision_function(matrix[rows])


def _guess(item: Item, scores: Sequence[float]) -> Guess:
    at = item.answer_index or 0
    best = max(score for n, score in enumerate(scores) if n != at)
    margin = round(scores[at] - best, 6)
    tied = scores.count(max(scores))
    right = margin > 0 or (margin == 0 and pick(tied, "options only", item.id) == 0)
    return Guess(item, right, margin)


def options_only_rows(found: Iterable[Guess], items: Iterable[Item]) -> list[dict[str, Any]]:
    """By number of options: accuracy with its interval beside chance, and the verdict.

    The verdict is AT_CHANCE where the interval begins at or below 1/n, ABOVE where it does not, and
    TOO_FEW below FEWEST_ITEMS items or FEWEST_PATIENTS patients: few items prove nothing.
    """
    made = by_size(found)
    counted = _counted(item for item in items if item.choice)
    return [_row(size, *counted[size], made.get(size, {})) for size in sorted(counted)]


def enough(items: int, patients: int) -> bool:
    """Enough to say anything."""
    return items >= FEWEST_ITEMS and patients >= FEWEST_PATIENTS


def _counted(items: Iterable[Item]) -> dict[int, tuple[int, int]]:
    """Number of options -> items, patients."""
    patients: dict[int, list[str]] = defaultdict(list)
    for item in items:
        patients[len(item.options)].append(item.patient)
    return {size: (len(found), len(set(found))) for size, found in patients.items()}


def by_size(found: Iterable[Guess]) -> dict[int, dict[str, tuple[int, int]]]:
    """Number of options -> patient -> (right, items)."""
    made: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for guess in found:
        patients = made[len(guess.item.options)]
        right, items = patients.get(guess.item.patient, (0, 0))
        patients[guess.item.patient] = right + guess.right, items + 1
    return made


def verdict_of(size: int, measured: Clustered) -> str:
    """AT_CHANCE, ABOVE or TOO_FEW for items of `size` options."""
    if not enough(measured.items, measured.patients):
        return TOO_FEW
    return ABOVE if measured.low > 1 / size else AT_CHANCE


def _row(
    size: int, items: int, patients: int, by_patient: dict[str, tuple[int, int]]
) -> dict[str, Any]:
    """hits, effective, low and high are None where there was too little to measure."""
    row = {"options": size, "items": items, "patients": patients, "chance": round(1 / size, 4)}
    if not enough(items, patients):
        unknown = dict.fromkeys(("hits", "effective", "low", "high"))
        return row | unknown | {"verdict": TOO_FEW}
    measured = clustered(by_patient)
    return row | {
        "hits": measured.hits,
        "effective": round(measured.effective, 1),
        "low": round(measured.low, 4),
        "high": round(measured.high, 4),
        "verdict": verdict_of(size, measured),
    }
