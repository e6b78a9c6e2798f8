"""Boxes become masks: those of the annotation beside it, those of an expert in their place."""

import numpy as np

from expert_models.experts.base import Found
from pipelines.grounding.comparing import mask_of_region
from tests.pipelines.grounding.scene import SHAPE, Level, disc, picture
from transforms.picture import Annotation

BLOB, OTHER = (20, 40, 9), (36, 10, 6)
BOX = (29.0, 9.0, 52.0, 32.0)
MASK_ROUTE = {"expert": "sam", "when": {"missing": "mask"}}


def inside(scan) -> list[Found]:
    """What is bright in each prompt, in order; an empty mask where nothing is."""
    out = []
    for x0, y0, x1, y1 in scan.prompts:
        window = np.zeros(SHAPE, bool)
        window[int(y0) : int(y1), int(x0) : int(x1)] = True
        out.append(Found("", (scan.display > 100) & window, quality=0.9))
    return out


def sam(**more) -> Level:
    return Level("sam", answer=inside, refines=True, labels=(), anatomies=(), **more)


def test_an_annotated_box_stays_and_its_mask_is_a_region_beside_it(register, rows) -> None:
    expert = sam()
    register(expert)
    id = rows.add(picture(BLOB), [Annotation("polyp", box=BOX)])
    out = rows.ground(routes=[MASK_ROUTE])
    assert expert.scans[0].prompts == (BOX,)
    [region] = out.found(id)
    np.testing.assert_array_equal(mask_of_region(region), disc(*BLOB))
    assert (region.label, region.producer, region.candidate, region.quality) == (
        "polyp",
        "sam@1",
        True,
        0.9,
    )
    box = next(r for r in out.rows[id]["regions"] if r["mask"] is None)
    [support] = out.facts(id, "support")
    assert (support["subject"], support["object"]) == (region.id, box["id"])
    assert (support["value"], support["pointer"]) == ("annotation:drawn@1", "refines-box@1")
    assert abs(support["number"] - 19 * 19 / (23 * 23)) < 1e-6
    assert [(f["value"], f["number"]) for f in out.facts(id, "count")] == [("polyp", 1.0)]


def test_masks_are_left_alone_but_those_that_are_boxes(register, rows) -> None:
    expert = sam()
    register(expert)
    square = np.zeros(SHAPE, bool)
    square[10:31, 30:51] = True
    fine = rows.add(picture(BLOB), [Annotation("polyp", disc(*BLOB))])
    coarse = rows.add(picture(BLOB), [Annotation("polyp", square)])
    out = rows.ground(routes=[MASK_ROUTE])
    assert [scan.id for scan in expert.scans] == [coarse]
    assert out.found(fine) == []
    assert len(out.found(coarse)) == 1


def test_a_detector_and_a_refiner_make_one_region(register, rows) -> None:
    boxes = [
        Found("polyp", box=BOX, score=0.7),
        Found("polyp", box=(1.0, 1.0, 9.0, 9.0), score=0.4),
    ]
    register(Level("finds", answer=lambda scan: boxes, kind="detector"), sam())
    id = rows.add(picture(BLOB))
    out = rows.ground(routes=[{"expert": "finds"}, MASK_ROUTE])
    masked, boxed = out.found(id)
    assert (masked.producer, masked.score, masked.quality) == ("sam@1", 0.7, 0.9)
    np.testing.assert_array_equal(mask_of_region(masked), disc(*BLOB))
    assert (boxed.producer, boxed.mask) == ("finds@1", None)  # nothing bright in it
    assert [f["value"] for f in out.facts(id, "support")] == ["finds@1"]
    assert out.rejects() == []


def test_an_answer_for_other_prompts_is_a_failure(register, rows) -> None:
    expert = sam()
    expert._answer = lambda scan: inside(scan)[:1]
    register(expert)
    id = rows.add(
        picture(BLOB, OTHER), [Annotation("polyp", box=b) for b in (BOX, (2, 28, 18, 44))]
    )
    out = rows.ground(routes=[MASK_ROUTE])
    assert out.rejects() == [(id, "sam", "expert_failed")]
    assert out.found(id) == []


def test_a_classifier_says_something_of_the_image_and_marks_no_place(register, rows) -> None:
    guess = [Found("polyp", score=0.9), Found("ulcer", score=0.2)]
    clip = Level("clip", answer=lambda scan: guess, kind="classifier", labels=("polyp", "ulcer"))
    register(clip)
    id = rows.add(picture(BLOB))
    out = rows.ground(routes=[{"expert": "clip", "policy": {"least_score": 0.5}}])
    assert out.found(id) == []
    [told] = out.facts(id, "finding")
    assert (told["subject"], told["value"], told["origin"]) == (id, "polyp", "expert_model")
    assert (told["confidence"], told["pointer"]) == (0.9, "clip@1")
