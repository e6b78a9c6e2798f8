"""From criteria met and not met to one number, computed by the program alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from quality.rubric.choice import Scoring
from quality.rubric.criteria import Criterion


@dataclass(frozen=True)
class Mark:
    """One criterion, decided. why: words for people, where it is not met."""

    criterion: Criterion
    met: bool
    why: str = ""


def score(marks: Sequence[Mark], scoring: Scoring) -> float:
    """The score in [0, 1]. Whether the essential criteria are met is asked apart, in both modes.

    published: S = clip01((bonus points + penalties) / bonus weights), as the paper writes it.
    code: points of essential and bonus criteria over their weights, penalties added, as
    compute_rubric.py of the release does. Each 1 where no weight is at stake. With the full list (35
    essential and 15 to 17 bonus points) and the threshold 0.967, `code` allows the loss of one point
    and `published` of none.
    """
    counted = ("bonus",) if scoring == "published" else ("essential", "bonus")
    weighed = [m for m in marks if m.criterion.category in counted]
    most = sum(m.criterion.weight for m in weighed)
    points = sum(m.criterion.weight for m in weighed if m.met)
    lost = sum(m.criterion.weight for m in marks if m.criterion.category == "penalty" and not m.met)
    if most == 0:
        return 1.0 if lost == 0 else 0.0
    return min(1.0, max(0.0, (points - lost) / most))


def unmet_essentials(marks: Sequence[Mark]) -> list[Mark]:
    """Essential criteria that are not met. One of them refuses the item, whatever its score."""
    return [m for m in marks if m.criterion.category == "essential" and not m.met]


def named(marks: Sequence[Mark]) -> str:
    """ "Diagnosis Leak (quote not in the item); Parallel Options"."""
    return "; ".join(f"{m.criterion.title}{f' ({m.why})' if m.why else ''}" for m in marks)
