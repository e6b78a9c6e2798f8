"""From findings to regions of the image, with measured facts and the record of who said what."""

from dataclasses import dataclass, field

import numpy as np

from pipelines.grounding.looking import Finding
from pipelines.grounding.merging import CONSENSUS
from pipelines.grounding.scans import Shown
from quality.judging import judge_region
from schemas.fact import Fact, fact
from schemas.region import Region
from schemas.reject import Fault
from transforms.picture import Annotation, Picture
from transforms.regions.locate import locate
from transforms.regions.patch import patch_of_rle


@dataclass
class Placed:
    """What became of the findings of one image.

    lost  (id of what was lost, which gate or step refused it, why)
    """

    regions: list[Region] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    lost: list[tuple[str, str, Fault]] = field(default_factory=list)


def place(shown: Shown, findings: list[Finding], *, smallest_px: int) -> Placed:
    """Regions of the findings, measured on the picture as annotated ones are (docs/regions.md)."""
    if not findings:
        return Placed()
    image = shown.case.image
    located = locate(
        _picture(shown, findings),
        image.id,
        producer="",
        label_map={},
        complete=set(),
        smallest_px=smallest_px,
        modality=image.modality,
    )
    out = Placed(lost=[(id, "locate", fault) for id, fault in located.faults])
    known = {region.id for region in shown.case.regions}
    for region in located.regions:
        verdicts = judge_region(region, image.width, image.height, smallest_px=smallest_px)
        bad = next((v for v in verdicts if not v.passed), None)
        if bad is not None:
            fault = Fault(bad.reason or "box_invalid", f"{bad.measured}; limit {bad.limit}")
            out.lost.append((region.id, bad.gate, fault))
        elif region.id not in known:
            out.regions.append(region)
    kept = {region.id for region in out.regions}
    out.facts = [f for f in located.facts if f.subject in kept]
    for finding in findings:
        out.facts += _support(finding, out.regions)
    return out


def _picture(shown: Shown, findings: list[Finding]) -> Picture:
    scan = shown.scan
    return Picture(
        key="",
        display=scan.display,
        native=scan.native,
        unit=scan.unit,
        spacing_mm=scan.spacing_mm,
        modality=scan.modality,
        annotations=[_annotation(one, number) for number, one in enumerate(findings)],
    )


def _annotation(one: Finding, number: int) -> Annotation:
    found = one.found
    return Annotation(
        label=found.label,
        mask=found.mask,
        box=found.box if found.mask is None else None,
        instance=f"{one.producer} {number}" if found.instance else None,
        score=found.score,
        producer=one.producer,
        candidate=one.candidate,
        quality=found.quality,
    )


def _support(finding: Finding, regions: list[Region]) -> list[Fact]:
    """One fact for each other voice, on every region that the finding became."""
    if not finding.said:
        return []
    rule = "merge-nms@1"
    if finding.refines is not None:
        rule = "refines-box@1"
    elif finding.producer == CONSENSUS:
        rule = "merge-consensus@1"
    refined = None if finding.refines is None else finding.refines.id
    return [
        fact(
            region.id,
            "support",
            value=said.producer,
            number=round(float(said.overlap), 6),
            unit="1",
            object=refined,
            origin="expert_model",
            pointer=rule,
            confidence=said.score,
        )
        for region in regions
        if _became(finding, region)
        for said in finding.said
    ]


def _became(finding: Finding, region: Region) -> bool:
    """Is it the region, or a part, of this finding?"""
    found = finding.found
    if (region.producer, region.label) != (finding.producer, found.label):
        return False
    if found.mask is None or region.mask is None:
        return found.mask is None and region.mask is None and _same_box(found.box, region.box)
    patch = patch_of_rle(region.mask)
    if patch is None:
        return False
    there = found.mask[patch.top : patch.bottom, patch.left : patch.right]
    return bool(there[patch.pixels].all())


def _same_box(found: tuple[float, ...] | None, box: list[float]) -> bool:
    """A box a pixel beyond the picture was clipped on its way."""
    return found is not None and bool(np.abs(np.subtract(found, box)).max() <= 1)
