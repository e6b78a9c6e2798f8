"""Under which label an expert and an annotation are compared, where one is broader than the other."""

from collections.abc import Iterable, Sequence

from expert_models.experts.base import Found
from pipelines.evaluating.truth import answers
from schemas.vocabulary import findings


def levels_of(drawn: Iterable[str], labels: Sequence[str]) -> list[str]:
    """Labels to compare under. drawn: names of what is annotated; labels: those of the expert's card.

    An annotated term that the expert reports itself, or a narrower one of it, stands for itself; else the
    nearest broader term that the expert reports. "lung" is compared only where both lungs are annotated.
    What is compared under a level is whatever `answers` it.
    """
    names = list(dict.fromkeys(drawn))
    levels: list[str] = []
    for name in names:
        level = name if any(answers(own, name) for own in labels) else _reported(name, labels)
        if level is not None and not _half({n for n in names if answers(n, level)}, level):
            levels.append(level)
    return list(dict.fromkeys(levels))


def levels_told(levels: Iterable[str], found: Sequence[Found], drawn: Iterable[str]) -> list[str]:
    """The levels that the findings speak of. Where an expert said "lung" and not which, it is no answer for
    the left lung and no miss of it; both lungs together are compared with it, where both are annotated."""
    names = set(drawn)
    told: list[str] = []
    for level in levels:
        if only_broader(found, level):
            level = next(one.label for one in found if answers(level, one.label))
            if _half({n for n in names if answers(n, level)}, level):
                continue
        told.append(level)
    return list(dict.fromkeys(told))


def only_broader(found: Sequence[Found], label: str) -> bool:
    """It said "lung" where it did not know the side."""
    if any(answers(one.label, label) for one in found):
        return False
    return any(answers(label, one.label) for one in found)


def outlined_well(label: str) -> bool:
    """Has a distance between outlines a meaning? Not of cells, nor of tissue that goes on everywhere."""
    term = findings().get(label)
    if term is None or term.kind == "cell":
        return False
    return term.countable or term.kind != "structure"


def _reported(name: str, labels: Iterable[str]) -> str | None:
    term = findings().get(name)
    seen: set[str] = set()
    while term is not None and term.broader is not None and term.broader not in seen:
        seen.add(term.broader)
        if term.broader in labels:
            return term.broader
        term = findings().get(term.broader)
    return None


def _half(names: set[str], level: str) -> bool:
    """Drawn by its sides, and one side only."""
    term = findings().get(level)
    if level in names or (term is not None and term.side is not None):
        return False
    sides = {term.side for name in names if (term := findings().get(name)) is not None}
    return len(sides & {"left", "right"}) == 1
