"""Slices and what experts made of their volume: doubts in 3-D, and experts of pictures as the reserve."""

import pytest

from pipelines.grounding.shard import DISAGREES
from tests.pipelines.grounding.scene import Level, disc, picture
from transforms.picture import Annotation

BLOB = (20, 40, 9)
ROUTES = [{"expert": "flat"}, {"expert": "deep"}]


def look(reason: str | None, *labels: str) -> dict:
    return {"expert": "deep@1", "labels": list(labels or ("polyp",)), "reason": reason}


def agreement(measure: str, number: float, regions: list[str], **more) -> dict:
    values = {
        "label": "polyp", "producer": "deep@1", "measure": measure, "number": number, "unit": "1",
        "region_ids": regions, "slices": None, "rows": None, "columns": None,
    }  # fmt: skip
    return values | more


@pytest.mark.parametrize(
    ("looks", "asked"),
    [
        (None, False),  # its labels were drawn in the volume: nobody had to look
        ([look(None)], False),  # looked, and what it did not find here is not here
        ([look("expert_input_missing")], True),
        ([look("expert_failed")], True),
        ([look("expert_unavailable")], True),
        ([look("expert_failed"), look(None)], False),  # another one looked
        ([look("expert_failed", "ulcer")], False),  # for something else
    ],
)
def test_slices_are_left_to_experts_of_pictures_where_nobody_could_look_in_3d(
    register, rows, looks, asked
) -> None:
    flat = Level("flat")
    register(flat, Level("deep", dimensions=3, labels=("polyp", "ulcer")))
    id = rows.add(picture(BLOB), volume_id="vol-1")
    rows.add_volume("vol-1", {id: 3}, looks=looks)
    out = rows.ground(routes=ROUTES)
    assert [scan.id for scan in flat.scans] == ([id] if asked else [])
    assert [r.producer for r in out.found(id)] == (["flat@1"] if asked else [])


def drawn(region: str) -> Annotation:
    return Annotation("polyp", disc(*BLOB), volume_region=region)


def test_slices_that_show_a_doubtful_region_are_flagged_and_it_is_told_once(register, rows) -> None:
    register(Level("deep", dimensions=3))
    ids = [
        rows.add(picture(BLOB), [drawn(region)] if region else [], volume_id="vol-1")
        for region in ("vreg-bad", "vreg-bad", "vreg-good", None)
    ]
    figures = [
        agreement("agreement-dice@1", 0.2, ["vreg-bad"]),
        agreement("agreement-hd95@1", 0.1, ["vreg-good"], unit="mm"),  # near: no doubt
        agreement("agreement-dice@1", 0.9, ["vreg-good"]),
    ]
    rows.add_volume("vol-1", {id: n for n, id in enumerate(ids)}, agreements=figures)
    out = rows.ground(routes=[{"expert": "deep"}])
    assert [out.rows[id]["flags"] == [DISAGREES] for id in ids] == [True, True, False, False]
    assert out.rejects() == [("vol-1", "deep", "expert_disagrees")]
    assert "Dice of the volume 0.200, least 0.5" in out.outcome.rejects[0].detail
    assert all(out.facts(id, "agreement") == [] for id in ids)  # the figure is the volume's
    lenient = rows.ground(routes=[{"expert": "deep"}], least_agreement=0.1)
    assert lenient.rejects() == []


def test_what_is_found_where_there_is_none_is_doubted_where_it_was_found(register, rows) -> None:
    register(Level("deep", dimensions=3))
    ids = [rows.add(picture(BLOB), volume_id="vol-1") for _ in range(4)]
    alarm = agreement("found-where-absent@1", 0.0, [], slices=[1, 3], rows=[0, 9], columns=[0, 9])
    rows.add_volume("vol-1", {id: n for n, id in enumerate(ids)}, agreements=[alarm])
    out = rows.ground(routes=[{"expert": "deep"}])
    assert [out.rows[id]["flags"] == [DISAGREES] for id in ids] == [False, True, True, False]
    assert "absent" in out.outcome.rejects[0].detail
