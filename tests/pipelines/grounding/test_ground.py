"""The phase over drawn pictures: who is asked, what becomes of answers, and what of trouble."""

import numpy as np
import pytest

from expert_models.experts.base import Found
from pipelines.grounding import scans
from pipelines.grounding.comparing import mask_of_region
from pipelines.grounding.shard import DISAGREES
from tests.pipelines.grounding.scene import SHAPE, Level, breaks, disc, picture, refuses
from transforms.picture import Annotation

BLOB = (20, 40, 9)


def route(expert: str, **more) -> dict:
    return {"expert": expert, **more}


def test_what_an_expert_finds_becomes_a_region_with_all_that_is_known_of_it(register, rows) -> None:
    register(Level(candidate=True))
    id = rows.add(picture(BLOB, (40, 8, 4)))
    out = rows.ground(routes=[route("level")])
    large, small = out.found(id)
    assert (large.label, large.kind, large.producer, large.candidate) == (
        "polyp",
        "lesion",
        "level@1",
        True,
    )
    assert (large.score, large.quality, large.complete, large.mapped) == (0.8, 0.6, False, True)
    assert large.box == [31.0, 11.0, 50.0, 30.0]
    assert large.position == "center"
    assert small.position == "lower left"
    origins = {f["origin"] for f in out.facts(id, "label")}
    assert origins == {"expert_model"}
    assert out.facts(id, "count") == []  # candidates are not counted
    assert out.rejects() == []


def test_readings_are_counted_and_hierarchy_comes_from_containment(register, rows) -> None:
    nucleus = Level("inner", level=220, labels=("nucleus",))
    tissue = Level("outer", level=100, labels=("slide tissue",))
    register(nucleus, tissue)
    display = picture((24, 30, 20))
    display[disc(24, 30, 5)] = 250
    id = rows.add(display)
    out = rows.ground(routes=[route("inner"), route("outer")])
    inner, outer = out.found(id)
    assert inner.parent == outer.id
    assert [(f["value"], f["number"]) for f in out.facts(id, "count")] == [("nucleus", 1.0)]


def test_policy_and_order_hold(register, rows) -> None:
    register(Level())
    id = rows.add(picture(BLOB, (40, 8, 4)))
    out = rows.ground(routes=[route("level", policy={"parts": 1})])
    assert [r.box for r in out.found(id)] == [[31.0, 11.0, 50.0, 30.0]]


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (Level("first", answer=refuses), None),
        (Level("first", answer=lambda scan: []), None),
        (Level("first", answer=breaks), "expert_failed"),
    ],
)
def test_the_fallback_looks_where_the_expert_does_not(register, rows, first, reason) -> None:
    register(first, Level("second"))
    id = rows.add(picture(BLOB))
    out = rows.ground(routes=[route("first", fallback="second")])
    assert [r.producer for r in out.found(id)] == ["second@1"]
    assert [r for *_, r in out.rejects()] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refuses, "expert_input_missing"),
        (breaks, "expert_failed"),
        (lambda scan: [], "expert_found_nothing"),
        (lambda scan: [Found("polyp", np.zeros(SHAPE, bool))], "expert_found_nothing"),
        (lambda scan: [Found("polyp", np.ones((3, 3), bool))], "expert_failed"),
        (lambda scan: [Found("no such word", np.ones(SHAPE, bool))], "expert_failed"),
        (lambda scan: [Found("polyp", box=(0, 0, float("nan"), 3))], "expert_failed"),
        (lambda scan: [Found("polyp", disc(*BLOB), score=7.0)], "expert_failed"),
    ],
)
def test_trouble_is_one_row_an_image_and_route_and_never_a_box(
    register, rows, answer, reason
) -> None:
    register(Level(answer=answer))
    id = rows.add(picture(BLOB))
    out = rows.ground(routes=[route("level")])
    assert out.found(id) == []
    assert out.rejects() == [(id, "level", reason)]
    assert out.outcome.rejects[0].scope == "expert"


def test_a_fallback_that_does_no_better_is_told_in_the_same_row(register, rows) -> None:
    register(Level("first", answer=breaks), Level("second", answer=refuses))
    id = rows.add(picture(BLOB))
    out = rows.ground(routes=[route("first", fallback="second")])
    assert out.rejects() == [(id, "first", "expert_failed")]
    assert "fallback second: too small" in out.outcome.rejects[0].detail


def test_one_bad_picture_costs_itself_in_a_batch(register, rows) -> None:
    expert = Level(batch=4)
    expert._answer = lambda scan: breaks(scan) if scan.id == "img-002" else expert.find(scan)
    register(expert)
    ids = [rows.add(picture((20, 10 + 5 * n, 6))) for n in range(4)]
    out = rows.ground(routes=[route("level")])
    assert [len(out.found(id)) for id in ids] == [1, 1, 0, 1]
    assert out.rejects() == [(ids[2], "level", "expert_failed")]


def test_out_of_memory_halves_the_batch_and_changes_nothing(register, rows) -> None:
    ids = [rows.add(picture((20, 10 + 5 * n, 6))) for n in range(5)]
    roomy, tight, hopeless = (Level(batch=4, most=most) for most in (4, 1, 0))
    register(roomy)
    expected = rows.ground(routes=[route("level")]).rows
    assert [len(b) for b in roomy.batches] == [4, 1]
    register(tight)
    assert rows.ground(routes=[route("level")]).rows == expected
    assert [len(b) for b in tight.batches] == [4, 2, 1, 1, 2, 1, 1, 1]
    register(hopeless)
    out = rows.ground(routes=[route("level")])
    assert {r for *_, r in out.rejects()} == {"expert_out_of_memory"}
    assert len(out.rejects()) == len(ids)


def test_windows_and_batches_change_nothing(register, rows, monkeypatch) -> None:
    for n in range(9):
        rows.add(picture((20, 6 + 5 * n, 5)))
    register(Level(batch=3))
    expected = rows.ground(routes=[route("level")]).rows
    monkeypatch.setattr(scans, "WINDOW_BYTES", 2 * SHAPE[0] * SHAPE[1])
    one = Level(batch=2)
    register(one)
    assert rows.ground(routes=[route("level")]).rows == expected
    assert [len(b) for b in one.batches] == [2, 2, 2, 2, 1]


def test_annotated_labels_are_compared_and_gain_no_region(register, rows) -> None:
    register(Level("good"), Level("poor", shift=14))
    id = rows.add(picture(BLOB), [Annotation("polyp", disc(*BLOB))])
    out = rows.ground(routes=[route("good"), route("poor")])
    assert out.found(id) == []
    region = out.rows[id]["regions"][0]["id"]
    told = {
        (f["subject"], f["value"], f["pointer"]): f["number"] for f in out.facts(id, "agreement")
    }
    assert told[region, "good@1", "agreement-dice@1"] == 1.0
    assert 0 < told[region, "poor@1", "agreement-dice@1"] < 0.5
    assert told[region, "poor@1", "agreement-hd95@1"] > 10
    assert out.rows[id]["flags"] == [DISAGREES]
    assert out.rejects() == [(id, "poor", "expert_disagrees")]


@pytest.mark.parametrize(
    ("drawn", "compared"), [(("left lung", "right lung"), 2), (("left lung",), 0)]
)
def test_both_lungs_are_compared_with_an_expert_that_knows_no_side(
    register, rows, drawn, compared
) -> None:
    register(Level(labels=("lung", "left lung", "right lung")))
    lungs = {"left lung": disc(*BLOB), "right lung": disc(36, 12, 6)}
    id = rows.add(picture(BLOB), [Annotation(name, lungs[name]) for name in drawn])
    dice = [
        f["number"]
        for f in rows.ground(routes=[route("level")]).facts(id, "agreement")
        if f["pointer"] == "agreement-dice@1"
    ]
    assert len(dice) == compared
    assert all(0.5 < number < 1 for number in dice)  # one of two lungs was found, the larger one


def test_nobody_looks_where_all_is_annotated_and_nothing_is_compared(register, rows) -> None:
    expert = Level()
    register(expert)
    rows.add(picture(BLOB), [Annotation("polyp", disc(*BLOB))])
    out = rows.ground(routes=[route("level")], compare=False)
    assert expert.batches == []
    assert out.rejects() == []


def test_what_is_said_to_be_absent_is_not_found_after_all(register, rows) -> None:
    register(Level())
    id = rows.add(picture(BLOB), complete=["polyp"])
    out = rows.ground(routes=[route("level")])
    assert out.found(id) == []
    assert out.rejects() == [(id, "level", "expert_disagrees")]
    assert "absent" in out.outcome.rejects[0].detail


def test_boxes_are_compared_one_to_one(register, rows) -> None:
    boxes = [(31.0, 11.0, 50.0, 30.0), (2.0, 2.0, 12.0, 12.0)]
    register(Level())
    id = rows.add(picture(BLOB), [Annotation("polyp", box=box) for box in boxes])
    out = rows.ground(routes=[route("level")])
    assert sorted(f["number"] for f in out.facts(id, "agreement")) == [0.0, 1.0]
    assert {f["pointer"] for f in out.facts(id, "agreement")} == {"agreement-box-iou@1"}
    assert out.rows[id]["flags"] == []  # 2 * 1 / (1 + 2) is above a half


def test_several_experts_give_one_region_and_the_record_of_both(register, rows) -> None:
    register(Level("first"), Level("second", shift=2))
    id = rows.add(picture(BLOB))
    out = rows.ground(routes=[route("first"), route("second")])
    [region] = out.found(id)
    assert region.producer == "first@1"
    [support] = out.facts(id, "support")
    assert (support["subject"], support["value"]) == (region.id, "second@1")
    assert 0.5 < support["number"] < 1


def test_consensus_takes_what_experts_agree_on(register, rows) -> None:
    register(Level("first"), Level("second", shift=4), Level("third", answer=refuses))
    id = rows.add(picture(BLOB))
    out = rows.ground(routes=[route(n) for n in ("first", "second", "third")], merge="consensus")
    [region] = out.found(id)
    assert region.producer == "consensus@1"
    both = disc(*BLOB) & np.roll(disc(*BLOB), 4, axis=1)
    np.testing.assert_array_equal(mask_of_region(region), both)
    assert {f["value"] for f in out.facts(id, "support")} == {"first@1", "second@1"}
    assert out.rejects() == [(id, "third", "expert_input_missing")]


def test_experts_that_share_no_pixel_agree_on_nothing(register, rows) -> None:
    register(Level("first"), Level("second", shift=25))
    id = rows.add(picture((20, 20, 6)))
    out = rows.ground(routes=[route("first"), route("second")], merge="consensus")
    assert out.found(id) == []
    assert out.rejects() == [(id, "consensus", "expert_found_nothing")]


def test_no_expert_no_pixels(register, rows, monkeypatch) -> None:
    """A recipe without `grounding`, and images that no route is for, are grounded unseen."""
    expert = Level(modalities=("OP",), anatomies=("retina",))
    register(expert)
    id = rows.add(picture(BLOB))
    other = rows.add(picture(BLOB), anatomy=None)

    def fail(*_):
        raise AssertionError("pixels were read")

    monkeypatch.setattr(scans.Pixels, "png", fail)
    assert rows.unground().rejects() == []
    out = rows.ground(routes=[route("level")])
    assert out.rejects() == [
        (id, "grounding", "expert_unsuitable"),
        (other, "grounding", "expert_unsuitable"),
    ]
    register(Level())
    with pytest.raises(AssertionError, match="pixels were read"):
        rows.ground(routes=[route("level")])


def test_a_body_part_that_nobody_stated_is_said_to_be_missing(register, rows) -> None:
    register(Level())
    id = rows.add(picture(BLOB), anatomy=None)
    assert rows.ground(routes=[route("level")]).rejects() == [
        (id, "grounding", "expert_input_missing")
    ]


def test_stored_values_reach_only_the_expert_that_needs_them(register, rows) -> None:
    def cold(scan):
        return [Found("polyp", scan.native < -500, instance=False)]

    needy, plain = Level("needy", answer=cold, needs_native=True), Level("plain")
    register(needy, plain)
    values = np.where(disc(30, 12, 7), -800, 40).astype(np.float32)
    rows.add(picture(BLOB))
    id = rows.add(picture(BLOB), native=values)
    out = rows.ground(routes=[route("needy", when={"sources": ["drawn"]}), route("plain")])
    assert needy.scans[1].unit == "HU"
    np.testing.assert_array_equal(needy.scans[1].native, values)
    assert all(scan.native is None and scan.unit is None for scan in plain.scans)
    assert any(r.box == [5.0, 23.0, 20.0, 38.0] for r in out.found(id))


def test_slices_of_a_volume_that_was_looked_at_are_left_alone(register, rows) -> None:
    flat, deep = Level("flat"), Level("deep", dimensions=3)
    register(flat, deep)
    rows.add(picture(BLOB), volume_id="vol-1")
    free = rows.add(picture(BLOB))
    out = rows.ground(routes=[route("flat"), route("deep")])
    assert [scan.id for scan in flat.scans] == [free]
    assert out.rejects() == []
