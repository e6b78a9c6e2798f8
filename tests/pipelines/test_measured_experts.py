"""What experts did is counted from rows that were kept and from rejects, each image once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipelines import measured_experts as counting
from pipelines.measured import measured
from schemas.conform import to_table
from schemas.reject import REJECT, Reject

EYE, LUNG = "annotation:eye@1", "annotation:lung@1"


def region(id: str, label: str, producer: str, candidate: bool = False) -> dict[str, Any]:
    return {"id": id, "label": label, "producer": producer, "candidate": candidate}


def said(subject: str, kind: str, value: str, number: float | None, pointer: str) -> dict[str, Any]:
    return {
        "subject": subject, "kind": kind, "value": value, "number": number, "pointer": pointer,
        "origin": "expert_model",
    }  # fmt: skip


ROWS: list[tuple[str, dict[str, Any]]] = [
    ("eye", {"id": "a", "flags": [], "facts": [],
             "regions": [region("a1", "optic disc", "disc@2", True), region("a2", "optic disc", "disc@2", True)]}),
    ("eye", {"id": "b", "flags": ["expert disagrees"],
             "regions": [region("b1", "optic disc", EYE), region("b2", "fovea", EYE)],
             "facts": [said("b1", "agreement", "disc@2", 0.25, "agreement-dice@1"),
                       said("b1", "agreement", "disc@2", 31.0, "agreement-hd95@1")]}),
    ("eye", {"id": "c", "flags": [], "facts": [said("c1", "agreement", "disc@2", 0.75, "agreement-box-iou@1"),
                                               said("c2", "agreement", "disc@2", 0.25, "agreement-box-iou@1")],
             "regions": [region("c1", "optic disc", EYE), region("c2", "optic disc", EYE),
                         region("c3", "retinal blood vessel", "vessels@1")]}),
    ("lung", {"id": "d", "flags": [], "regions": [],
              "facts": [said("d", "finding", "pneumonia", None, "guesser@1")]}),
    ("lung", {"id": "e", "flags": [], "regions": [region("e1", "left lung", LUNG)], "facts": []}),
]  # fmt: skip


def reject(id: str, source: str, gate: str, reason: str, scope: str = "expert") -> Reject:
    return Reject(id, source, id, "ground", gate, reason, "", 1, scope)


REJECTS = [
    reject("d", "lung", "lungs", "expert_found_nothing"),
    reject("f", "eye", "disc", "expert_found_nothing"),
    reject("b", "eye", "disc", "expert_disagrees"),
    reject("d", "lung", "ct", "expert_input_missing"),
    reject("e", "lung", "grounding", "expert_unsuitable"),
    reject("a", "eye", "disc", "region_tiny", "region"),
]


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    def grounded(out: Path, shard: str) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from ROWS

    monkeypatch.setattr(counting, "_grounded", grounded)
    (tmp_path / "run/rejects").mkdir(parents=True)
    pq.write_table(to_table(REJECTS, REJECT), tmp_path / "run/rejects/ground.parquet")
    return counting.measured_experts(tmp_path, ["s"], {"least_agreement": 0.6})


def test_each_image_once_by_source_and_expert(found: dict[str, Any]) -> None:
    rows = {(r["source"], r["expert"]): r for r in found["experts"]}
    names = ("looked", "compared", "found", "regions", "candidates", "nothing", "refused")
    counts = {key: tuple(row[n] for n in names) for key, row in rows.items()}
    assert counts == {
        ("eye", "disc@2"): (4, 2, 1, 2, 2, 1, 0),
        ("eye", "vessels@1"): (1, 0, 1, 1, 0, 0, 0),
        ("lung", "guesser@1"): (1, 0, 1, 0, 0, 0, 0),
        ("lung", "lungs"): (1, 0, 0, 0, 0, 1, 0),
        ("lung", "ct"): (0, 0, 0, 0, 0, 0, 1),
        ("lung", "grounding"): (0, 0, 0, 0, 0, 0, 1),
    }
    assert {(r["expert"], r["reason"], r["images"]) for r in found["refused"]} == {
        ("ct", "expert_input_missing", 1), ("grounding", "expert_unsuitable", 1),
    }  # fmt: skip


def test_agreement_is_a_figure_an_image_and_label(found: dict[str, Any]) -> None:
    assert found["limit"] == 0.6
    assert [(r["measure"], r["n"], r["median"], r["below"]) for r in found["agreement"]] == [
        ("Dice", 1, 0.25, 1), ("IoU of boxes", 1, 0.5, 1),
    ]  # fmt: skip


def test_a_volume_is_one_figure_a_label_and_its_slices_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def figure(measure: str, number: float, *regions: str) -> dict[str, Any]:
        return {"producer": "deep@1", "measure": measure, "number": number, "region_ids": regions}

    def volume(images: str, *agreements: dict[str, Any]) -> dict[str, Any]:
        return {
            "source": "lung",
            "images": [{"image_id": i} for i in images],
            "agreements": agreements,
        }

    volumes = [
        volume("de", figure("agreement-dice@1", 0.4, "vreg-1"), figure("agreement-hd95@1", 9.0, "vreg-1"),
               figure("found-where-absent@1", 0.0)),
        volume("z", figure("agreement-dice@1", 0.1, "vreg-2")),  # no slice of it was kept
    ]  # fmt: skip
    rows = [
        (source, row | {"regions": [r | {"volume_region": "vreg-1"} for r in row["regions"]]})
        for source, row in ROWS
        if source == "lung"
    ]
    monkeypatch.setattr(counting, "_volumes", lambda out, shard: iter(volumes))
    monkeypatch.setattr(counting, "_grounded", lambda out, shard: iter(rows))
    (tmp_path / "run/rejects").mkdir(parents=True)
    told = [reject("vol-1", "lung", "deep", "expert_disagrees")]
    pq.write_table(to_table(told, REJECT), tmp_path / "run/rejects/ground.parquet")
    found = counting.measured_experts(tmp_path, ["s"], {"least_agreement": 0.6})
    assert [(r["expert"], r["measure"], r["n"], r["median"], r["below"]) for r in found["agreement"]] == [
        ("deep@1", "Dice in 3-D", 1, 0.4, 1)
    ]  # fmt: skip
    (row,) = [r for r in found["experts"] if r["expert"] == "deep@1"]
    assert (row["looked"], row["compared"], row["found"]) == (1, 1, 0)  # image e shows the lung


def test_whose_regions_images_have(found: dict[str, Any]) -> None:
    kinds = ("images", "annotated", "expert", "both", "none", "flagged")
    assert [(r["source"], *(r[k] for k in kinds)) for r in found["origins"]] == [
        ("eye", 3, 1, 1, 1, 0, 1), ("lung", 2, 1, 0, 0, 1, 0),
    ]  # fmt: skip


def test_a_build_without_experts_has_no_section(built: Path) -> None:
    assert measured(built)["experts"] == {}
