from dataclasses import asdict

import numpy as np
import pytest
from pycocotools import mask as coco

from schemas.region import Region
from transforms.picture import Annotation, Picture
from transforms.regions.locate import Located, locate
from transforms.regions.patch import bytes_of
from transforms.regions.policy import Named, name_of

SHAPE = (60, 90)


def disc(row: float, column: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius**2


def located(*annotations: Annotation, **options: object) -> Located:
    """Regions on a plain picture with one bright band; a test names only what it is about."""
    display = np.full(SHAPE, 40, np.uint8)
    display[:, 45:] = 160
    fields = {k: options.pop(k) for k in ("spacing_mm", "native", "unit") if k in options}
    picture = Picture("", display, annotations=list(annotations), **fields)
    given = {"producer": "annotation:x@1", "label_map": {}, "complete": set(), "smallest_px": 9}
    return locate(picture, "img-1", **(given | options))


def values(out: Located, region: Region) -> dict[str, object]:
    return {f.kind: f.value or f.number for f in out.facts if f.subject == region.id}


def test_one_nucleus_in_millimetres() -> None:
    out = located(Annotation("nucleus", mask=disc(10, 75, 8)), spacing_mm=(0.5, 0.25))
    (region,) = out.regions
    assert (region.label, region.kind, region.mapped) == ("nucleus", "cell", True)
    assert region.box == [67, 2, 84, 19]
    assert region.position == "upper right"
    assert region.extent_mm == pytest.approx([8.5, 4.25], rel=0.03)  # rows 0.5 mm, columns 0.25
    assert region.area_fraction == coco.decode(bytes_of(region.mask)).mean()
    assert (region.side, region.parent, region.score) == ("unknown", None, None)
    told = values(out, region)
    assert told["label"] == "nucleus"
    assert told["position"] == "upper right"
    assert told["major_axis"] == pytest.approx(region.extent_mm[0], abs=1e-5)
    assert {f.unit for f in out.facts if f.kind.endswith("_axis")} == {"mm"}
    assert out.faults == []


def test_class_mask_of_cells_splits_and_instances_do_not() -> None:
    two = disc(15, 20, 6) | disc(40, 60, 5)
    split = located(Annotation("nucleus", mask=two))
    assert [r.box[:2] for r in split.regions] == [[14, 9], [55, 35]]
    kept = located(Annotation("nucleus", mask=two, instance="7"))
    assert len(kept.regions) == 1
    assert "major_axis" not in values(kept, kept.regions[0])  # two parts have no one length


def test_what_is_unknown_stays_whole_and_is_said_to_be_unmapped() -> None:
    out = located(Annotation("vessels?", mask=disc(15, 20, 6) | disc(40, 60, 5)))
    (region,) = out.regions
    assert (region.label, region.kind, region.mapped) == ("vessels?", "unknown", False)


def test_label_map_goes_before_the_vocabulary() -> None:
    assert name_of("WBC", {}) == Named("white blood cell", "cell", True)
    assert name_of("WBC", {"WBC": "platelet"}) == Named("platelet", "cell", True)
    assert name_of("3", {"3": "no such thing"}) == Named("no such thing", "unknown", False)


def test_tiny_parts_are_one_fault_and_end_completeness() -> None:
    mask = disc(30, 20, 6)
    mask[2, 2] = mask[5, 70:73] = True
    out = located(Annotation("nucleus", mask=mask), complete={"nucleus", "RBC"})
    (region,) = out.regions
    ((_, fault),) = out.faults
    assert fault.reason == "region_tiny"
    assert "2 of label 'nucleus' below 9 px, the largest of 3 px" in fault.detail
    assert not region.complete
    assert out.complete == ["red blood cell"]


def test_completeness_reaches_the_regions() -> None:
    out = located(Annotation("RBC", mask=disc(30, 20, 6)), complete={"RBC", "platelet"})
    assert out.regions[0].complete
    assert out.complete == ["platelet", "red blood cell"]


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        (Annotation("nucleus", mask=np.ones((90, 60), bool)), "mask_size_differs"),
        (Annotation("nucleus", mask=np.zeros(SHAPE, bool)), "mask_empty"),
        (Annotation("nucleus", box=(80, 5, 99, 20)), "box_outside_image"),
        (Annotation("nucleus", box=(30, 5, 20, 20)), "box_invalid"),
    ],
)
def test_a_fault_costs_one_annotation(annotation: Annotation, reason: str) -> None:
    good = Annotation("nucleus", mask=disc(30, 20, 6))
    out = located(annotation, good, complete={"nucleus"})
    assert len(out.regions) == 1
    assert [fault.reason for _, fault in out.faults] == [reason]
    assert out.complete == []  # something of this label is missing


def test_the_same_region_twice() -> None:
    box = Annotation("nucleus", box=(3, 4, 20, 30))
    out = located(box, Annotation("cell nucleus", box=(3, 4, 20, 30)), complete={"nucleus"})
    assert len(out.regions) == 1
    assert [(i, f.reason) for i, f in out.faults] == [(out.regions[0].id, "region_duplicate")]
    assert out.complete == ["nucleus"]  # nothing is missing


def test_box_only_has_place_and_no_look() -> None:
    out = located(Annotation("RBC", box=(60, 40, 90.5, 60), score=0.5), spacing_mm=(1, 1))
    (region,) = out.regions
    assert region.box == [60, 40, 90, 60]
    assert (region.mask, region.extent_mm, region.score) == (None, None, 0.5)
    assert region.position == "lower right"
    assert region.area_fraction == pytest.approx(30 * 20 / (60 * 90))
    assert set(values(out, region)) == {"label", "position", "area_fraction"}
    assert "clipped by 0.5 px" in next(f.pointer for f in out.facts if f.kind == "label")


def test_side_is_taken_from_the_source_and_never_guessed() -> None:
    mask = disc(30, 70, 6)  # on the right of the image
    assert located(Annotation("nucleus", mask=mask)).regions[0].side == "unknown"
    out = located(Annotation("nucleus", mask=mask, side="left"))
    assert out.regions[0].side == "left"
    assert values(out, out.regions[0])["side"] == "left"
    middle = located(Annotation("nucleus", mask=mask, side="midline"))
    assert middle.regions[0].side == "midline"
    assert "side" not in values(middle, middle.regions[0])


def test_volume_only_of_the_object_itself() -> None:
    whole = Annotation("nucleus", mask=disc(30, 20, 6), instance="1", volume_ml=1.5)
    cut = Annotation("RBC", mask=disc(30, 40, 6), instance="2", volume_ml=2.5, truncated=True)
    of_class = Annotation("WBC", mask=disc(30, 70, 6), volume_ml=3.5)
    out = located(whole, cut, of_class)
    told = [(f.subject, f.number, f.unit) for f in out.facts if f.kind == "volume"]
    assert told == [(out.regions[0].id, 1.5, "mL")]


def test_whole_image_and_single_pixel() -> None:
    out = located(Annotation("thing", mask=np.ones(SHAPE, bool)))
    (region,) = out.regions
    assert region.area_fraction == 1.0
    assert "position" not in values(out, region)
    assert "major_axis" not in values(out, region)  # it goes on beyond the image
    pixel = np.zeros(SHAPE, bool)
    pixel[59, 0] = True
    out = located(Annotation("thing", mask=pixel), smallest_px=1)
    assert out.regions[0].position == "lower left"


def test_a_catheter_has_no_diameter() -> None:
    out = located(Annotation("endotracheal tube", mask=disc(30, 20, 6)))
    assert out.regions[0].kind == "device"
    assert set(values(out, out.regions[0])) == {"label", "position", "area_fraction"}


def test_a_template_says_nothing_of_the_lesion() -> None:
    lesion = Annotation("breast lesion", mask=disc(30, 47, 9))
    kinds = [
        {f.kind for f in located(lesion, appearance=given, modality="US").facts} - {"position"}
        for given in (True, False)
    ]
    assert kinds[0] - kinds[1] == {"homogeneity", "brightness"}
    assert kinds[1] == {"label", "area_fraction", "major_axis", "minor_axis", "shape"}


def test_an_expert_says_that_it_is_one() -> None:
    out = located(Annotation("nucleus", mask=disc(30, 20, 6)), producer="seg@1")
    assert next(f.origin for f in out.facts if f.kind == "label") == "expert_model"


def test_same_input_same_output_and_picture_untouched() -> None:
    annotations = [Annotation("nucleus", mask=disc(30, c, 5)) for c in (10, 40, 80)]
    before = [a.mask.copy() for a in annotations]
    first, second = located(*annotations), located(*annotations)
    assert asdict(first) == asdict(second)
    assert all(np.array_equal(a.mask, b) for a, b in zip(annotations, before, strict=True))


def test_a_cell_boxed_twice_is_one_cell() -> None:
    """Overlap of nine tenths is one cell boxed twice; of a half, two cells; another label, another
    thing."""
    boxes = [
        Annotation("red blood cell", box=(10.0, 10.0, 30.0, 30.0)),
        Annotation("red blood cell", box=(10.0, 11.0, 30.0, 31.0)),
        Annotation("red blood cell", box=(10.0, 16.0, 30.0, 36.0)),
        Annotation("white blood cell", box=(10.0, 10.0, 30.0, 31.0)),
    ]
    out = located(*boxes)
    assert [r.box[1] for r in out.regions] == [10, 16, 10]
    assert [f.reason for _, f in out.faults] == ["region_duplicate"]


@pytest.mark.parametrize(
    ("box", "told"),
    [
        ((10.0, 5.0, 49.0, 25.0), False),  # 39 of 90 wide, middle at 29.5: the line is at 30
        ((10.0, 5.0, 45.0, 25.0), True),  # middle at 27.5, clear of it
        ((26.0, 5.0, 33.0, 12.0), True),  # small: either word will do
        ((2.0, 11.0, 20.0, 30.0), False),  # 19 of 60 high, middle at 20.5: the line is at 20
    ],
)
def test_a_large_organ_on_a_grid_line_has_no_position(box: tuple, told: bool) -> None:
    out = located(Annotation("liver", box=box), Annotation("polyp", box=box))
    assert ("position" in values(out, out.regions[0])) == told
    assert "position" in values(out, out.regions[1])  # of a lesion either word is of use


def test_an_expert_s_finding_beside_what_the_source_drew() -> None:
    found = Annotation(
        "lung", mask=disc(30, 70, 9), instance="1", producer="seer@2", candidate=True,
        quality=0.5, score=0.25, volume_region="vreg-1",
    )  # fmt: skip
    drawn = Annotation("lung", mask=disc(30, 20, 9), instance="1")
    out = located(found, drawn, label_map={"lung": "heart"}, complete={"lung"})
    expert, source = out.regions
    assert (expert.label, expert.producer, expert.candidate) == ("lung", "seer@2", True)
    assert (expert.quality, expert.score, expert.volume_region) == (0.5, 0.25, "vreg-1")
    assert (source.label, source.producer, source.candidate) == ("heart", "annotation:x@1", False)
    assert (expert.complete, source.complete) == (False, True)
    origins = {f.subject: f.origin for f in out.facts if f.kind == "label"}
    assert origins == {expert.id: "expert_model", source.id: "annotated"}


def test_a_lost_finding_of_an_expert_leaves_the_annotation_exhaustive() -> None:
    speck = Annotation("nucleus", mask=disc(30, 70, 1), instance="1", producer="seer@2")
    out = located(speck, Annotation("nucleus", mask=disc(9, 9, 6)), complete={"nucleus"})
    assert out.complete == ["nucleus"]
    assert [f.reason for _, f in out.faults] == ["region_tiny"]
