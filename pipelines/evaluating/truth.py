"""What the annotations of a picture say of one label of an expert."""

from dataclasses import dataclass

import numpy as np

from quality.agreement.objects import Outlined, outline_of, parts_of
from schemas.vocabulary import findings
from transforms.formats.structures import Structure
from transforms.picture import Annotation, Picture
from transforms.regions.policy import name_of


@dataclass(frozen=True)
class Truth:
    """One label in one picture or volume.

    marks  what is drawn of it; () where it is absent from a picture in which it would be drawn
    mask   [H, W] or [S, H, W] bool, all of them together; None where nothing is drawn or the source gives boxes
    """

    marks: tuple[Annotation, ...] | tuple[Structure, ...]
    mask: np.ndarray | None

    def objects(self) -> list[Outlined]:
        """Each thing of a picture apart: those of one instance are one, a class mask falls into its parts."""
        marks = [mark for mark in self.marks if isinstance(mark, Annotation)]
        if self.mask is None:
            return [box for a in marks if (box := _boxed(a)) is not None]
        things: list[Outlined] = []
        instances: dict[str, np.ndarray] = {}
        for annotation in marks:
            if annotation.mask is None:
                continue
            if annotation.instance is None:
                things += parts_of(annotation.mask)
            else:
                known = instances.get(annotation.instance)
                mask = annotation.mask if known is None else known | annotation.mask
                instances[annotation.instance] = mask
        outlines = (outline_of(mask) for mask in instances.values())
        return things + [one for one in outlines if one is not None]


def answers(name: str, label: str) -> bool:
    """Is a finding of this name one of `label`? A "left lung" is a "lung"; not the other way round."""
    seen: set[str] = set()
    while name not in seen:
        if name == label:
            return True
        seen.add(name)
        term = findings().get(name)
        if term is None or term.broader is None:
            return False
        name = term.broader
    return False


def truth_of(
    picture: Picture, label_map: dict[str, str], complete: frozenset[str], label: str
) -> Truth | None:
    """What is drawn of `label`; None where the source leaves open whether it is there.

    label_map  of the declaration; complete: labels of the source annotated exhaustively in this picture

    A label without a side that is drawn by its sides ("lung" as "left lung" and "right lung") is only
    known where both are drawn: one lung alone is not "the lungs".
    """
    drawn = [(a, name_of(a.label, label_map).name) for a in picture.annotations]
    drawn = [(a, name) for a, name in drawn if answers(name, label)]
    if not drawn:
        exhaustive = {name_of(word, label_map).name for word in complete}
        return Truth((), None) if label in exhaustive else None
    if _half_drawn({name for _, name in drawn}, label):
        return None
    marks = tuple(a for a, _ in drawn)
    if any(a.mask is None for a in marks):
        return Truth(marks, None)
    whole = np.zeros(picture.display.shape[:2], dtype=bool)
    for annotation in marks:
        if annotation.mask is not None:
            whole |= annotation.mask
    return Truth(marks, whole) if whole.any() else None


def truth_of_volume(
    structures: list[Structure],
    shape: tuple[int, int, int],
    label_map: dict[str, str],
    complete: frozenset[str],
    label: str,
) -> Truth | None:
    """What is drawn of `label` in a volume of `shape`; None as in `truth_of`."""
    drawn = [(s, name_of(s.label, label_map).name) for s in structures]
    drawn = [(s, name) for s, name in drawn if answers(name, label)]
    if not drawn:
        exhaustive = {name_of(word, label_map).name for word in complete}
        return Truth((), None) if label in exhaustive else None
    if _half_drawn({name for _, name in drawn}, label):
        return None
    whole = np.zeros(shape, bool)
    for structure, _ in drawn:
        ends = zip(structure.start, structure.mask.shape, strict=True)
        whole[tuple(slice(start, start + size) for start, size in ends)] |= structure.mask
    return Truth(tuple(s for s, _ in drawn), whole)


def _half_drawn(names: set[str], label: str) -> bool:
    term = findings().get(label)
    if term is not None and term.side is not None:
        return False
    sides = {term.side for name in names if (term := findings().get(name)) is not None}
    return len(sides & {"left", "right"}) == 1 and label not in names


def _boxed(annotation: Annotation) -> Outlined | None:
    if annotation.mask is not None:
        one = outline_of(annotation.mask)
        return None if one is None else Outlined(one.box)
    return None if annotation.box is None else Outlined(annotation.box)
