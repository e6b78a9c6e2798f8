"""What a reader scores who sees no image: by common answers, or by always saying yes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any

from quality.balance.clustered import clustered
from quality.balance.item import Item
from quality.intervals import wilson
from schemas.ids import pick


def frequent_answer_rows(items: Iterable[Item]) -> list[dict[str, Any]]:
    """By question type: how often the answer most frequent among other patients' items is right.

    Of the options of an item the one that is keyed most often is taken; of an open item the most
    frequent answer of all. Ties go by keyed hash. chance: mean of 1/n, None for open items.
    """
    groups: dict[tuple[str, bool], list[Item]] = defaultdict(list)
    for item in items:
        if item.answer:
            groups[item.question_type, item.choice].append(item)
    return [_frequent(*group, found) for group, found in sorted(groups.items())]


def _frequent(kind: str, choice: bool, items: Sequence[Item]) -> dict[str, Any]:
    keyed = Counter(_told(item.answer) for item in items)
    own = Counter((item.patient, _told(item.answer)) for item in items)
    common = [answer for answer, _ in sorted(keyed.items(), key=lambda p: (-p[1], p[0]))]
    by_patient: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for item in items:
        among = [_told(o) for o in item.options] if choice else common[:20]
        score = {a: keyed[a] - own[item.patient, a] for a in among}
        best = sorted(a for a in score if score[a] == max(score.values()))
        right = best[pick(len(best), "frequent", item.id)] == _told(item.answer)
        hits, trials = by_patient[item.patient]
        by_patient[item.patient] = hits + right, trials + 1
    found = clustered(by_patient)
    return {
        "question_type": kind,
        "form": "choice" if choice else "open",
        "items": found.items,
        "patients": found.patients,
        "hits": found.hits,
        "low": round(found.low, 4),
        "high": round(found.high, 4),
        "chance": round(fmean(1 / len(i.options) for i in items), 4) if choice else None,
    }


def _told(answer: str) -> str:
    return " ".join(answer.lower().split())


def yes_no_rows(items: Iterable[Item]) -> list[dict[str, Any]]:
    """By question type and modality: how many yes/no items have the key yes."""
    groups: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for item in items:
        if item.polar and item.choice:
            yes = item.key.strip().lower() == "yes"
            groups["", ""].append(yes)
            groups[item.question_type, item.modality].append(yes)
    rows = []
    for (kind, modality), keys in sorted(groups.items()):
        low, high = wilson(sum(keys), len(keys))
        rows.append(
            {
                "question_type": kind,
                "modality": modality,
                "items": len(keys),
                "yes": sum(keys),
                "low": round(low, 4),
                "high": round(high, 4),
            }
        )
    return rows
