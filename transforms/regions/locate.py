"""From what a source drew on a picture to regions and the facts measured on them."""

from dataclasses import dataclass, field

from schemas.fact import Fact, Origin, fact
from schemas.ids import content_id
from schemas.region import Region
from schemas.reject import Fault
from transforms.picture import Annotation, Picture
from transforms.regions.boxes import overlap_of
from transforms.regions.geometry import axes_of, has_length, position_of
from transforms.regions.measure import facts_of_look, facts_of_place, facts_of_size
from transforms.regions.places import Lost, Place, places_of
from transforms.regions.policy import POLICIES, name_of
from transforms.regions.scene import Scene, scene_of

SAME_THING = 0.8  # intersection over union from which two boxes of one label are one thing


@dataclass
class Located:
    """What came of the annotations of one picture.

    faults    (id of what was lost, why)
    complete  names of the labels that are exhaustive in this picture and of which nothing was lost:
              only for these does "no region" mean "not there"
    """

    regions: list[Region] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Frame:
    """What all regions of one call share."""

    image_id: str
    producer: str
    complete: frozenset[str]
    scene: Scene

    def producer_of(self, annotation: Annotation) -> str:
        """Who drew it: the expert that the annotation names, else the producer of the call."""
        return annotation.producer or self.producer


def _origin(producer: str) -> Origin:
    return "annotated" if producer.startswith("annotation:") else "expert_model"


def locate(
    picture: Picture,
    image_id: str,
    *,
    producer: str,
    label_map: dict[str, str],
    complete: set[str],
    smallest_px: int,
    modality: str | None = None,
    appearance: bool = True,
) -> Located:
    """Regions of one picture with their measured facts, and a fault for each annotation lost.

    producer     annotation:<source>@<version> or <expert>@<version> of annotations that name none;
                 facts tell the two apart
    label_map    the source's label -> finding name; a label it lacks is sought in the vocabulary
    complete     labels (the source's or the finding's) that the source annotates exhaustively
    smallest_px  mask regions of fewer pixels are refused as `region_tiny`, one fault a label
    modality     code of vocab/modalities.yaml; None: the picture's own, if it says one
    appearance   False where the annotation was made on another picture (a patient's lesion on a
                 template): then pixels say nothing of the regions, and no such fact is made

    A class mask (no instance) of lesions or cells falls into its connected components; organs,
    structures, tissues and devices stay one region with all parts. Order: as annotated, the parts
    of one annotation from the top down. The picture is not changed. Definitions: docs/regions.md.
    """
    frame = (picture.display.shape[0], picture.display.shape[1])
    found = list(
        places_of(picture.annotations, frame, label_map=label_map, smallest_px=smallest_px)
    )
    lost = [one for one in found if isinstance(one, Lost)]
    whole = {name_of(label, label_map).name for label in complete} - {
        one.named.name for one in lost if one.producer is None
    }
    out = Located(complete=sorted(whole))
    out.faults = [(_lost_id(image_id, producer, one), one.fault) for one in lost]
    places = [one for one in found if isinstance(one, Place)]
    if places:
        scene = scene_of(picture, modality, appearance=appearance)
        shared = _Frame(image_id, producer, frozenset(whole), scene)
        _take(places, shared, out)
    return out


def _lost_id(image_id: str, producer: str, lost: Lost) -> str:
    who = lost.producer or producer
    return content_id("reg", image_id, who, lost.named.name, lost.fault.reason, lost.fault.detail)


def _take(places: list[Place], shared: _Frame, out: Located) -> None:
    """Put the regions of all places into `out`, each once."""
    for place in places:
        if place.patch is not None:
            shared.scene.add(place.patch, place.named.kind)
    seen: set[str] = set()
    for place in places:
        region_id = _id(place, shared)
        if region_id in seen or _boxed_twice(place, out.regions):
            fault = Fault("region_duplicate", f"label {place.named.name!r} at {place.box}")
            out.faults.append((region_id, fault))
            continue
        seen.add(region_id)
        region, facts = _measured(place, region_id, shared)
        out.regions.append(region)
        out.facts.extend(facts)


def _boxed_twice(place: Place, earlier: list[Region]) -> bool:
    """Is it a box around what an earlier box of the same label goes round? Two cells that lie half
    over one another share up to a half; drawn twice by hand, one shares nine tenths."""
    if place.patch is not None:
        return False
    boxes = [r.box for r in earlier if r.label == place.named.name and r.mask is None]
    return any(overlap_of(place.box, box) >= SAME_THING for box in boxes)


def _id(place: Place, shared: _Frame) -> str:
    counts = place.patch.rle["counts"] if place.patch else None
    who = shared.producer_of(place.annotation)
    return content_id("reg", shared.image_id, who, place.named.name, place.box, counts)


def _measured(place: Place, region_id: str, shared: _Frame) -> tuple[Region, list[Fact]]:
    """One region and its facts."""
    scene, patch = shared.scene, place.patch
    region = _bare(place, region_id, shared)
    facts = facts_of_place(
        region,
        _centre(place),
        scene.luminance.shape,
        origin=_origin(region.producer),
        pointer=_pointer(place),
    )
    if patch is not None:
        axes = axes_of(patch, scene.spacing_mm)
        whole = POLICIES[region.kind].sized and has_length(patch, axes, place.largest_part)
        if whole:
            facts += facts_of_size(region, axes)
            region.extent_mm = [axes.major, axes.minor] if axes.unit == "mm" else None
        facts += facts_of_look(region, patch, axes, scene, whole=whole)
    return region, facts + _volume(place, region, shared)


def _bare(place: Place, region_id: str, shared: _Frame) -> Region:
    """The region without what its axes say."""
    patch, named, annotation = place.patch, place.named, place.annotation
    height, width = shared.scene.luminance.shape
    x0, y0, x1, y1 = place.box
    area = patch.area_fraction if patch else (x1 - x0) * (y1 - y0) / (height * width)
    return Region(
        id=region_id,
        label=named.name,
        kind=named.kind,
        box=place.box,
        mask=patch.rle if patch else None,
        area_fraction=area,
        position=position_of(_centre(place), (height, width)),
        side=_side(place),
        extent_mm=None,
        parent=None,
        producer=shared.producer_of(annotation),
        score=annotation.score,
        source_label=annotation.label,
        mapped=named.mapped,
        complete=annotation.producer is None and named.name in shared.complete,
        candidate=annotation.candidate,
        quality=annotation.quality,
        volume_region=annotation.volume_region,
    )


def _centre(place: Place) -> tuple[float, float]:
    """(x, y): centroid of the mask, else the middle of the box."""
    x0, y0, x1, y1 = place.box
    return place.patch.centroid if place.patch else ((x0 + x1) / 2, (y0 + y1) / 2)


def _side(place: Place) -> str:
    """Patient side: in the label's name, or said by the source of this object; never from pixels.

    Where the two disagree, neither is believed.
    """
    said = {place.named.side, place.annotation.side} - {None}
    return str(said.pop()) if len(said) == 1 else "unknown"


def _pointer(place: Place) -> str:
    """Where label and side come from."""
    if place.annotation.producer is not None:
        return place.annotation.producer
    if place.clipped_px:
        return f"annotation; box clipped by {place.clipped_px:g} px"
    return "annotation"


def _volume(place: Place, region: Region, shared: _Frame) -> list[Fact]:
    """The 3-D volume, where it is this object's own and wholly inside the scan."""
    volume_ml = place.annotation.volume_ml
    if volume_ml is None or place.annotation.truncated or place.part_of_class:
        return []
    return [
        fact(
            region.id, "volume", number=volume_ml, unit="mL", origin="computed", pointer="volume@1"
        )
    ]
