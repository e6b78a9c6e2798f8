"""Facts of one region: where it lies, how large it is, how it looks."""

from schemas.fact import Fact, Origin, fact
from schemas.region import Region
from transforms.regions.appearance import (
    attenuation_of,
    brightness_of,
    homogeneity_of,
    sample_of,
)
from transforms.regions.geometry import Axes, fills_image, on_grid_line
from transforms.regions.outline import outline_of, shape_of
from transforms.regions.patch import Patch
from transforms.regions.policy import POLICIES
from transforms.regions.scene import HOSTS, Scene

PLACES = 6  # decimals kept: below any meaning, above the last bits in which two machines may differ


def facts_of_place(
    region: Region,
    centre: tuple[float, float],
    frame: tuple[int, int],
    *,
    origin: Origin,
    pointer: str,
) -> list[Fact]:
    """Facts of mask and box-only regions alike: label, position, patient side, share of the image.

    No position where the box covers more than 60 % of both width and height, nor where a large
    organ has its center so close to a grid line that a reader would call it by either word.
    """
    found = [fact(region.id, "label", value=region.label, origin=origin, pointer=pointer)]
    doubtful = region.kind in HOSTS and on_grid_line(centre, region.box, frame)
    if not fills_image(region.box, frame) and not doubtful:
        found.append(_computed(region, "position", "position-thirds@1", value=region.position))
    share = region.area_fraction
    found.append(_computed(region, "area_fraction", "area-share@1", number=share, unit="1"))
    if region.side in ("left", "right"):
        found.append(fact(region.id, "side", value=region.side, origin=origin, pointer=pointer))
    return found


def facts_of_size(region: Region, axes: Axes) -> list[Fact]:
    """Major and minor axis."""
    return [
        _computed(region, kind, "feret-diameters@1", number=_kept(value), unit=axes.unit)
        for kind, value in (("major_axis", axes.major), ("minor_axis", axes.minor))
    ]


def facts_of_look(
    region: Region, patch: Patch, axes: Axes, scene: Scene, *, whole: bool
) -> list[Fact]:
    """Appearance facts that the region's kind and the picture allow and its pixels are clear about.

    whole  its diameters mean something (`has_length`): outline and shape are measured
    """
    words = POLICIES[region.kind].words - scene.unsaid(region.kind)
    found: list[Fact] = []
    if "attenuation" in words and (hu := attenuation_of(patch, scene)) is not None:
        found.append(_computed(region, "attenuation", "mean-hu@1", number=_kept(hu), unit="HU"))
    if words & {"brightness", "homogeneity"}:
        sample = sample_of(patch, scene, kind=region.kind)
        if "brightness" in words and (tone := brightness_of(sample, scene)):
            found.append(_word(region, "brightness", "ring-cliffs-delta@1", *tone, "1"))
        if "homogeneity" in words and (evenness := homogeneity_of(sample, scene)):
            found.append(_word(region, "homogeneity", "spread-10-90@1", *evenness))
    if whole and "outline" in words and (word := outline_of(patch, axes, scene.spacing_mm)):
        found.append(_computed(region, "outline", "outline-dents@1", value=word))
    if whole and "shape" in words and (word := shape_of(patch, axes, scene.spacing_mm)):
        found.append(_computed(region, "shape", "shape-axes@1", value=word))
    return found


def _word(region: Region, kind: str, rule: str, value: str, number: float, unit: str) -> Fact:
    return _computed(region, kind, rule, value=value, number=_kept(number), unit=unit)


def _computed(region: Region, kind: str, rule: str, **content: str | float | None) -> Fact:
    return fact(region.id, kind, origin="computed", pointer=rule, **content)  # type: ignore[arg-type]


def _kept(number: float) -> float:
    return round(number, PLACES)
