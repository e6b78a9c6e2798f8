"""What is known of labels in one picture or volume, and which labels of an expert are left to be found."""

from collections.abc import Iterable

from pipelines.evaluating.truth import answers


def akin(one: str, other: str) -> bool:
    """The same label, or one the broader of the other: a "left lung" and a "lung", but not the right one."""
    return answers(one, other) or answers(other, one)


def covered(label: str, drawn: Iterable[str], absent: Iterable[str] = ()) -> bool:
    """Is a label known here already? drawn: labels annotated; absent: labels said to be absent, narrower ones too."""
    return any(akin(label, name) for name in drawn) or any(answers(label, name) for name in absent)


def wanted(labels: Iterable[str], drawn: Iterable[str], absent: Iterable[str] = ()) -> list[str]:
    """The labels that are not covered, in order."""
    drawn, absent = list(drawn), list(absent)
    return [label for label in labels if not covered(label, drawn, absent)]
