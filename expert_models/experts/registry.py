"""Experts by name: those that come with medgrain, and those that other packages bring.

A package brings an expert through the entry-point group `medgrain.experts`: its name there is the
name of its card, its value the class, `module:Class`, made without arguments.
"""

import importlib
import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

from expert_models.experts.base import AnyExpert, Expert, ExpertCard, VolumeExpert

GROUP = "medgrain.experts"

BUILT_IN: dict[str, str] = {
    "blood-cells": "expert_models.experts.microscopy.blood_cells:BloodCells",
    "ct-airway-3d": "expert_models.experts.ct.airway_volume:CtAirwayVolume",
    "ct-body": "expert_models.experts.ct.body:CtBody",
    "ct-body-3d": "expert_models.experts.ct.body_volume:CtBodyVolume",
    "ct-bone": "expert_models.experts.ct.bone:CtBone",
    "ct-bone-3d": "expert_models.experts.ct.bone_volume:CtBoneVolume",
    "ct-lung-opacity": "expert_models.experts.ct.opacity:CtLungOpacity",
    "ct-lung-opacity-3d": "expert_models.experts.ct.opacity_volume:CtLungOpacityVolume",
    "ct-lungs": "expert_models.experts.ct.lungs:CtLungs",
    "ct-lungs-3d": "expert_models.experts.ct.lungs_volume:CtLungsVolume",
    "cxr-heart": "expert_models.experts.radiograph.heart:CxrHeart",
    "cxr-lung-fields": "expert_models.experts.radiograph.lung_fields:LungFields",
    "dermoscopy-lesion": "expert_models.experts.skin.lesion:DermoscopyLesion",
    "endoscopy-field": "expert_models.experts.endoscopy.field:EndoscopyField",
    "endoscopy-highlights": "expert_models.experts.endoscopy.highlights:EndoscopyHighlights",
    "fluorescence-nuclei": "expert_models.experts.microscopy.fluorescence_nuclei:FluorescenceNuclei",
    "fundus-field": "expert_models.experts.retina.field:FundusField",
    "fundus-vessels": "expert_models.experts.retina.vessels:FundusVessels",
    "he-nuclei": "expert_models.experts.pathology.he_nuclei:HeNuclei",
    "mr-brain": "expert_models.experts.mr.brain:BrainMask",
    "mr-brain-3d": "expert_models.experts.mr.brain_volume:MrBrainVolume",
    "optic-disc-candidate": "expert_models.experts.retina.disc:OpticDiscCandidate",
    "polyp-candidate": "expert_models.experts.endoscopy.polyp:PolypCandidate",
    "slide-tissue": "expert_models.experts.pathology.tissue:SlideTissue",
    "us-breast-mass": "expert_models.experts.ultrasound.breast_mass:BreastMass",
}
"""Name of the card: where its class is. Nothing of it is imported before it is asked for."""


class ExpertUnavailable(Exception):
    """An expert of this name is there and cannot be had. The message says which, and why."""


@dataclass(frozen=True)
class Broken:
    """An expert that could not even be made: its name, where it comes from, and what is wrong."""

    name: str
    origin: str
    fault: str

    def __str__(self) -> str:
        return f"expert {self.name!r} of {self.origin}: {self.fault}"


def names() -> list[str]:
    """Every expert that can be had, sorted."""
    return sorted(_known()[0])


def cards() -> list[ExpertCard]:
    """The cards of all experts, by name. Loads none of them; a broken one is in `broken`."""
    made, _ = _known()
    return [made[name].card for name in sorted(made)]


def broken() -> list[Broken]:
    """What could not be made, by name: one broken package costs its own experts and no others."""
    return list(_known()[1])


def suits(card: ExpertCard, modality: str | None, anatomy: str | None) -> bool:
    """Does the expert accept such a picture? An unstated body part suits only one that takes any."""
    if modality not in card.modalities:
        return False
    return not card.anatomies or anatomy in card.anatomies


def suitable(modality: str | None, anatomy: str | None) -> list[ExpertCard]:
    """The cards of all experts that accept such a picture, by name."""
    return [card for card in cards() if suits(card, modality, anatomy)]


@cache
def expert_named(name: str) -> AnyExpert:
    """The expert of this name, loaded; one a process. `card.dimensions` says what it looks at.

    Raises ValueError where there is none of the name, ExpertUnavailable where it cannot be made or loaded.
    """
    made, lost = _known()
    if name not in made:
        for one in lost:
            if one.name == name:
                raise ExpertUnavailable(str(one))
        raise ValueError(f"no expert is called {name!r}; there are: {', '.join(sorted(made))}")
    try:
        made[name].load()
    except (ImportError, OSError, ValueError) as error:
        raise ExpertUnavailable(f"expert {name!r} does not load: {error}") from error
    return made[name]


def picture_expert(name: str) -> Expert:
    """`expert_named`, of pictures; ValueError where the expert looks at volumes."""
    expert = expert_named(name)
    if expert.card.dimensions != 2:
        raise ValueError(f"expert {name!r} looks at volumes, not at pictures")
    return cast(Expert, expert)


def volume_expert(name: str) -> VolumeExpert:
    """`expert_named`, of volumes; ValueError where the expert looks at pictures."""
    expert = expert_named(name)
    if expert.card.dimensions != 3:
        raise ValueError(f"expert {name!r} looks at pictures, not at volumes")
    return cast(VolumeExpert, expert)


@cache
def _known() -> tuple[dict[str, AnyExpert], tuple[Broken, ...]]:
    """Every expert, made and not loaded; and those that could not be made."""
    made: dict[str, AnyExpert] = {}
    lost: list[Broken] = []
    offered = [(name, "medgrain", _class_at(place)) for name, place in BUILT_IN.items()]
    points = sorted(
        importlib.metadata.entry_points(group=GROUP), key=lambda p: (p.name, str(p.value))
    )
    offered += [(p.name, f"package {p.dist.name if p.dist else p.value!r}", p.load) for p in points]
    for name, origin, find in offered:
        if name in made:
            lost.append(Broken(name, origin, "another expert already has this name"))
            continue
        try:
            expert: AnyExpert = find()()
            called = expert.card.name
        except Exception as error:  # code that is not ours may fail in any way
            lost.append(Broken(name, origin, f"{type(error).__name__}: {error}"))
            continue
        if called == name:
            made[name] = expert
        else:
            lost.append(Broken(name, origin, f"its card is called {called!r}"))
    return made, tuple(lost)


def _class_at(place: str) -> Callable[[], Callable[[], AnyExpert]]:
    module, _, name = place.partition(":")

    def find() -> Callable[[], AnyExpert]:
        made: Callable[[], AnyExpert] = getattr(importlib.import_module(module), name)
        return made

    return find
