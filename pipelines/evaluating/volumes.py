"""Volumes of declared sources before experts of three dimensions, one at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from expert_models.experts.base import AnyExpert, VolumeScan
from expert_models.experts.registry import suits
from pipelines.evaluating.asking import Tallies, compare, labels_in, predicted, truths_of
from pipelines.evaluating.halves import HALVES, Half, half_of
from pipelines.evaluating.truth import truth_of_volume
from schemas.declaration import Declaration
from schemas.reject import Fault
from transforms.formats.structures import Structure
from transforms.formats.volume import Cut, Seen, Whole
from transforms.layouts.item import Item, Meaning
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture

NO_PICTURES = Cut(planes=("axial",), max_slices=1)
"""The volume itself is what is asked for."""

Look = Callable[[VolumeScan, Meaning, list[Structure]], None]


@dataclass
class Volumes:
    """Tallies of the volumes of one source, by half; `unread` counts those that could not be read."""

    experts: list[AnyExpert]
    declaration: Declaration
    tallies: dict[Half, Tallies] = field(default_factory=dict)
    unread: int = 0

    def read(self, item: Item, root: Path, half: Half) -> None:
        """Put the volumes of one item before every expert that accepts them."""

        def look(scan: VolumeScan, means: Meaning, structures: list[Structure]) -> None:
            self._compare(half, item, scan, means, structures)

        self.unread += see_volumes(item, self.declaration, root, look)

    def best(self, half: Half) -> tuple[Half, Tallies]:
        """The tallies of the half asked for; where nothing is annotated in it, those of the other."""
        if half == "all":
            return half, self.tallies.get("all", {})
        other = next(one for one in HALVES if one != half)
        if self.tallies.get(half):
            return half, self.tallies[half]
        return other, self.tallies.get(other, {})

    def _compare(
        self, half: Half, item: Item, scan: VolumeScan, means: Meaning, structures: list[Structure]
    ) -> None:
        shape = scan.values.shape
        patient = means.patient if means.patient is not None else item.name
        for expert in self.experts:
            if not suits(expert.card, scan.modality, scan.anatomy):
                continue
            truths = truths_of(
                labels_in(expert, self.declaration),
                lambda label: truth_of_volume(
                    structures,
                    shape,  # type: ignore[arg-type]
                    means.label_map,
                    means.complete,
                    label,
                ),
            )
            if truths:
                tallies = self.tallies.setdefault(half, {})
                compare(tallies, expert.card.name, predicted(expert, scan), truths, scan, patient)


def half_of_volume(item: Item, half: Half) -> Half:
    """A volume is in the half of its item, whichever is asked for."""
    return half if half == "all" else half_of(item.name)


def see_volumes(
    item: Item, declaration: Declaration, root: Path, look: Look, *, as_in_build: bool = True
) -> int:
    """Show `look` every volume of an item, with what is drawn in it; how many could not be read.

    as_in_build  lengths that the declaration calls unknown are not told
    """
    lost = 0

    def see(whole: Whole, structures: list[Structure]) -> Seen:
        nonlocal lost
        try:
            look(*scan_of_volume(whole, item, declaration, as_in_build), structures)
        except Fault:
            lost += 1
        return Seen(None, [])

    try:
        for one in read_item(item, declaration, root, NO_PICTURES, see=see):
            lost += isinstance(one, Fault) and one.scope == "item"
    except Fault:
        lost += 1
    return lost


def scan_of_volume(
    whole: Whole, item: Item, declaration: Declaration, as_in_build: bool = True
) -> tuple[VolumeScan, Meaning]:
    """A volume as an expert sees it, without its annotations. Raises Fault."""
    display = declaration.display
    if as_in_build and display is not None and display.physical_size == "unknown":
        whole = replace(whole, spacing_mm=None, affine=None)
    if whole.load is None:
        raise Fault("colour_volume", "experts of volumes read one value a voxel")
    blank = Picture(
        key=whole.key,
        display=np.zeros((1, 1), np.uint8),
        modality=whole.modality,
        unit=whole.unit,
        statements=list(whole.statements),
        columns=dict(whole.columns),
        complete=list(whole.complete),
    )
    means = meaning(blank, item, declaration)
    stated = next((s.value for s in whole.statements if s.kind == "anatomy"), None)
    scan = VolumeScan(
        id=f"{declaration.name}/{item.name}/{whole.key}",
        values=np.asarray(whole.load(), np.float32),
        modality=means.modality,
        anatomy=means.anatomy or stated,
        unit=whole.unit,
        spacing_mm=whole.spacing_mm,
        placed=whole.affine is not None,
    )
    return scan, means
