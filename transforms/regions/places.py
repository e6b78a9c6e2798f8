"""From annotations to places: one mask or box each, checked, split, the tiny ones set aside."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from schemas.reject import Fault
from transforms.picture import Annotation
from transforms.regions.boxes import fit_box
from transforms.regions.patch import Patch, components, patch_of
from transforms.regions.policy import POLICIES, Named, name_of


@dataclass(frozen=True)
class Place:
    """One place of a picture that becomes a region: a mask, or a box where there is none.

    largest_part  pixels of the largest connected part of the mask
    clipped_px    by how much a box was clipped
    part_of_class it is one component of a class mask: what is known of the class is not its own
    """

    annotation: Annotation
    named: Named
    box: list[float]
    patch: Patch | None = None
    largest_part: int = 0
    clipped_px: float = 0.0
    part_of_class: bool = False


@dataclass(frozen=True)
class Lost:
    """An annotation, or parts of it, that cannot become a region, and why."""

    named: Named
    fault: Fault
    producer: str | None = None


def places_of(
    annotations: list[Annotation],
    frame: tuple[int, int],
    *,
    label_map: dict[str, str],
    smallest_px: int,
) -> Iterator[Place | Lost]:
    """The places of each annotation, in order; the tiny ones last, as one `Lost` for each label.

    `label_map` is of the source's words: an expert's label is a vocabulary term already.
    """
    tiny: dict[tuple[Named, str | None], list[int]] = {}
    for annotation in annotations:
        named = name_of(annotation.label, {} if annotation.producer else label_map)
        try:
            found = _places(annotation, named, frame)
        except Fault as fault:
            yield Lost(named, fault, annotation.producer)
            continue
        for place in found:
            if place.patch is not None and place.patch.count < smallest_px:
                tiny.setdefault((named, annotation.producer), []).append(place.patch.count)
            else:
                yield place
    for (named, producer), sizes in tiny.items():
        yield Lost(named, _tiny(named, sizes, smallest_px), producer)


def _places(annotation: Annotation, named: Named, frame: tuple[int, int]) -> list[Place]:
    if annotation.mask is not None:
        return _places_of_mask(annotation, annotation.mask, named, frame)
    if annotation.box is None:
        raise ValueError(f"annotation {annotation.label!r} has neither mask nor box")
    box, clipped_px = fit_box(annotation.box, frame)
    return [Place(annotation, named, box, clipped_px=clipped_px)]


def _places_of_mask(
    annotation: Annotation, mask: np.ndarray, named: Named, frame: tuple[int, int]
) -> list[Place]:
    if mask.shape != frame:
        raise Fault("mask_size_differs", f"mask {mask.shape}, image {frame} (rows, columns)")
    patch = patch_of(mask)
    if patch is None:
        raise Fault("mask_empty", f"label {named.name!r}")
    parts = components(patch)
    if annotation.instance is None and POLICIES[named.kind].split:
        return [
            Place(annotation, named, part.box, part, part.count, part_of_class=True)
            for part in parts
        ]
    return [Place(annotation, named, patch.box, patch, max(part.count for part in parts))]


def _tiny(named: Named, sizes: list[int], smallest_px: int) -> Fault:
    many = f"{len(sizes)} of label {named.name!r}"
    return Fault("region_tiny", f"{many} below {smallest_px} px, the largest of {max(sizes)} px")
