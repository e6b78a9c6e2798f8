"""What lies in what in 3-D, and the path from the body part down to a region."""

from dataclasses import dataclass

import numpy as np

from schemas.vocabulary import findings
from transforms.formats.structures import Structure
from transforms.regions.nesting import HOLDS, INSIDE
from transforms.regions.policy import Named
from transforms.volumes.codec import box_of, shared

BROADER_KINDS = ("organ", "structure", "tissue")
OUTLINES = ("planning volume",)  # groups of terms that are drawn round parts and are none


@dataclass(frozen=True)
class Member:
    """A structure, what it is, and how many voxels it has."""

    structure: Structure
    named: Named
    voxels: int


def parents_of(members: list[Member]) -> list[int | None]:
    """For each, the place of the smallest one that contains it: 95 % of its voxels, as in 2-D.

    A container is strictly larger, of another label, and of a kind that can hold this one, so there
    are no cycles.
    """
    if not members:
        return []
    boxes = np.array([box_of(m.structure) for m in members])
    sizes = np.array([m.voxels for m in members])
    return [_parent(i, members, boxes, sizes) for i in range(len(members))]


def _parent(i: int, members: list[Member], boxes: np.ndarray, sizes: np.ndarray) -> int | None:
    inner = members[i]
    meets = ((boxes[:, 0] < boxes[i, 1]) & (boxes[:, 1] > boxes[i, 0])).all(axis=1)
    larger = np.flatnonzero(meets & (sizes > inner.voxels))
    for j in sorted(larger.tolist(), key=lambda j: (members[j].voxels, j)):
        outer = members[j]
        fits = outer.named.kind in HOLDS[inner.named.kind] and outer.named.name != inner.named.name
        if fits and shared(inner.structure, outer.structure) >= INSIDE * inner.voxels:
            return j
    return None


def path_of(i: int, members: list[Member], parents: list[int | None], anatomy: str | None) -> str:
    """ "chest/lung/left lung/pulmonary nodule": body part, what contains it, the thing itself.

    The body part is that of the volume, else the only one the vocabulary knows the finding in. Broader
    terms of organs and structures come before them: a lobe stands under its lung though nobody drew it.
    """
    chain: list[int] = [i]
    while (outer := parents[chain[-1]]) is not None:
        chain.append(outer)
    steps = [_part(members[i].named.name, anatomy)]
    for place in reversed(chain):
        name = members[place].named.name
        steps += _with_broader(name) if place == i or not _is_outline(name) else []
    return "/".join(dict.fromkeys(step for step in steps if step))


def _is_outline(name: str) -> bool:
    """Such as the body contour: it contains everything, and is no part of the body."""
    term = findings().get(name)
    return term is not None and term.group in OUTLINES


def _part(name: str, anatomy: str | None) -> str | None:
    term = findings().get(name)
    if anatomy is None and term is not None and len(term.organs) == 1:
        return term.organs[0]
    return anatomy


def _with_broader(name: str) -> list[str]:
    """The term below its broader ones, broadest first."""
    found = [name]
    term = findings().get(name)
    while term is not None and term.kind in BROADER_KINDS and term.broader is not None:
        found.append(term.broader)
        term = findings().get(term.broader)
    return found[::-1]
