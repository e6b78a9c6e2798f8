"""An expert compared with what is annotated: a figure for each annotated region, and one for the label."""

from dataclasses import dataclass

import numpy as np

from expert_models.experts.base import Found
from pipelines.evaluating.measure import mask_of, outlined
from pipelines.evaluating.truth import answers
from pipelines.grounding.due import Case, Due
from pipelines.grounding.levels import levels_of, levels_told, outlined_well
from pipelines.grounding.settling import Answer
from quality.agreement.objects import SAME_OBJECT, Outlined, match
from quality.agreement.overlap import dice
from quality.agreement.surface import distance
from schemas.fact import Fact, fact
from schemas.region import Region
from transforms.regions.patch import bytes_of

DICE, BOX_IOU, HD95 = "agreement-dice@1", "agreement-box-iou@1", "agreement-hd95@1"


@dataclass(frozen=True)
class Compared:
    """One label of one image: what the expert found against what is annotated.

    number  Dice of the union masks; IoU of one box with one box, of several F1 of pairs that share half of
            their union; 0 where it found what the source says is absent
    measure what `number` is, in words
    facts   `agreement` on each annotated region
    """

    label: str
    producer: str
    number: float
    measure: str
    facts: list[Fact]


def compare(case: Case, due: Due, answer: Answer) -> list[Compared]:
    """Every label that both know. An expert that refused or broke off is not compared."""
    if not due.comparing or not answer.looked:
        return []
    drawn = [r.label for r in case.annotated]
    out = [
        _compare(case, answer, label, [r for r in case.annotated if answers(r.label, label)])
        for label in levels_told(levels_of(drawn, answer.by.card.labels), answer.found, drawn)
    ]
    return out + [_alarm(answer, label) for label in _found_where_absent(case, answer)]


def _compare(case: Case, answer: Answer, label: str, regions: list[Region]) -> Compared:
    found = [one for one in answer.found if answers(one.label, label)]
    producer = answer.by.card.producer
    if all(r.mask is not None for r in regions) and all(one.mask is not None for one in found):
        return _masks(case, label, producer, regions, found)
    pairs = match(outlined(found), [Outlined(_box(r)) for r in regions], at=1e-9)
    of_region = {truth: share for _, truth, share in pairs.pairs}
    if pairs.found <= 1 and pairs.truth == 1:
        number, measure = of_region.get(0, 0.0), "IoU of boxes"
    else:
        same = sum(share >= SAME_OBJECT for share in of_region.values())
        number, measure = 2 * same / (pairs.found + pairs.truth), "F1 at IoU 0.5"
    facts = [
        _fact(region, producer, of_region.get(i, 0.0), "1", BOX_IOU)
        for i, region in enumerate(regions)
    ]
    return Compared(label, producer, round(number, 6), measure, facts)


def _masks(
    case: Case, label: str, producer: str, regions: list[Region], found: list[Found]
) -> Compared:
    image = case.image
    shape = (image.height, image.width)
    truth = np.zeros(shape, bool)
    for region in regions:
        truth |= mask_of_region(region)
    ours = mask_of(found, shape)
    number = dice(ours, truth)
    facts = [_fact(region, producer, number, "1", DICE) for region in regions]
    if outlined_well(label):
        spacing = image.spacing_mm
        apart = distance(ours, truth, None if spacing is None else (spacing[0], spacing[1]))
        if apart is not None:
            facts += [_fact(r, producer, apart.hausdorff95, apart.unit, HD95) for r in regions]
    return Compared(label, producer, round(number, 6), "Dice", facts)


def _fact(region: Region, producer: str, number: float, unit: str, measure: str) -> Fact:
    return fact(
        region.id, "agreement", value=producer, number=round(float(number), 6), unit=unit,
        origin="expert_model", pointer=measure,
    )  # fmt: skip


def _found_where_absent(case: Case, answer: Answer) -> list[str]:
    labels = dict.fromkeys(one.label for one in answer.found)
    return [label for label in labels if any(answers(label, name) for name in case.absent)]


def _alarm(answer: Answer, label: str) -> Compared:
    return Compared(label, answer.by.card.producer, 0.0, "found where annotated as absent", [])


def mask_of_region(region: Region) -> np.ndarray:
    """[H, W] bool of a region that has a mask."""
    from pycocotools import mask as coco

    return np.asarray(coco.decode(bytes_of(region.mask or {})), bool)


def _box(region: Region) -> tuple[float, float, float, float]:
    return region.box[0], region.box[1], region.box[2], region.box[3]
