"""Which routes an image is meant for, from its row alone: no pixel is read to find out."""

from dataclasses import dataclass, field
from functools import cached_property

from pipelines.evaluating.truth import answers
from pipelines.grounding.coarse import is_coarse
from pipelines.grounding.covering import akin, covered
from pipelines.grounding.route import Route
from pipelines.grounding.settings import Settings
from pipelines.grounding.whole import WholeVolume
from schemas.fact import Fact
from schemas.image import Image
from schemas.region import Region
from schemas.reject import Fault


@dataclass
class Case:
    """One image, what ingest knows of it and of the volume it is cut from, and the routes it is meant for."""

    image: Image
    regions: list[Region]
    facts: list[Fact]
    volume: WholeVolume | None = None
    due: list["Due"] = field(default_factory=list)

    @cached_property
    def drawn(self) -> frozenset[str]:
        """Names of what is marked on the image already: by the source, and by experts of its volume."""
        return frozenset(region.label for region in self.regions)

    @cached_property
    def annotated(self) -> list[Region]:
        """What the source itself drew: an expert's finding is no truth to compare with."""
        return [r for r in self.regions if r.producer.startswith("annotation:")]

    @cached_property
    def absent(self) -> frozenset[str]:
        """Labels that the source draws exhaustively here and drew nowhere."""
        named = {f.value for f in self.facts if f.kind == "complete" and f.value}
        return frozenset(n for n in named if not any(answers(r.label, n) for r in self.annotated))

    @cached_property
    def stated(self) -> frozenset[str]:
        """What the source says of the image as a whole, present or absent."""
        return frozenset(f.value for f in self.facts if f.kind == "finding" and f.value)

    def lacks(self, label: str, route: Route) -> bool:
        """May a finding of this label become a region (of a classifier: a fact of the image)?"""
        if route.expert.card.kind == "classifier":
            return not covered(label, self.drawn | self.stated, self.absent)
        if route.when.missing == "nothing":
            return label not in self.drawn and not any(answers(label, n) for n in self.absent)
        return not covered(label, self.drawn, self.absent)


@dataclass(frozen=True)
class Due:
    """A route that the image is meant for.

    lacking    findings may become regions; prompts: annotated regions whose box is to be refined
    comparing  the source annotates a label of the expert, or says that it is absent
    """

    route: Route
    lacking: bool
    comparing: bool
    prompts: tuple[Region, ...] = ()


def due_of(case: Case, settings: Settings) -> list[Due]:
    """The routes that the image is meant for, in order.

    A refining expert is also shown boxes that earlier routes find, so it is due after one that may find any.
    """
    found: list[Due] = []
    for route in settings.routes:
        one = _due(case, route, settings)
        if one is None:
            continue
        if route.expert.card.refines and not one.prompts and not any(d.lacking for d in found):
            continue
        found.append(one)
    return found


def _due(case: Case, route: Route, settings: Settings) -> Due | None:
    image = case.image
    if not route.accepts(image.modality, image.anatomy, image.source):
        return None
    if route.expert.card.refines:
        prompts = tuple(r for r in case.annotated if _to_refine(r, route))
        return Due(route, lacking=True, comparing=False, prompts=prompts)
    if _seen_in_volume(case, route, settings):
        return None
    labels = route.expert.card.labels
    lacking = any(case.lacks(label, route) for label in labels)
    if route.when.missing == "region":
        lacking = lacking and not case.regions
    known = [r.label for r in case.annotated]
    comparing = settings.compare and route.expert.card.kind != "classifier"
    comparing = comparing and any(
        any(akin(label, name) for name in known) or label in case.absent for label in labels
    )
    return Due(route, lacking, comparing) if lacking or comparing else None


def _to_refine(region: Region, route: Route) -> bool:
    """A box, or a coarse mask, of a label that the expert takes; no labels: of any."""
    labels = route.expert.card.labels
    if labels and not any(akin(region.label, label) for label in labels):
        return False
    if region.mask is not None:
        return is_coarse(region.mask)
    x0, y0, x1, y1 = region.box
    return x1 > x0 and y1 > y0


def _seen_in_volume(case: Case, route: Route, settings: Settings) -> bool:
    """An expert of three dimensions has looked for all these labels in the whole volume: where it found
    nothing in this slice, one that knows the slice alone is not asked to find something after all. Where
    it refused or broke off, nobody has looked, and the slices are left to those who read pictures."""
    image = case.image
    if image.volume_id is None:
        return False
    unseen = frozenset() if case.volume is None else case.volume.unseen()
    seen = [
        label
        for one in settings.volume_routes
        if one.accepts(image.modality, image.anatomy, image.source)
        for label in one.expert.card.labels
        if label not in unseen
    ]
    return all(any(akin(label, name) for name in seen) for label in route.expert.card.labels)


def unmet(case: Case, settings: Settings) -> Fault | None:
    """Why an image without any region is meant for no route; None where it is, or has regions."""
    if case.due or case.regions:
        return None
    image = case.image
    routes = (*settings.routes, *settings.volume_routes)
    if any(route.accepts(image.modality, image.anatomy, image.source) for route in routes):
        return None  # its labels are known to be absent, or its whole volume was looked at
    readers = [
        route.name
        for route in routes
        if image.modality in route.expert.card.modalities
        and (route.when.sources is None or image.source in route.when.sources)
    ]
    if readers and image.anatomy is None:
        detail = f"no body part is stated; {', '.join(readers)} must know it"
        return Fault("expert_input_missing", detail, "expert")
    part = image.anatomy or "no stated body part"
    return Fault("expert_unsuitable", f"no route reads {image.modality} of {part}", "expert")
