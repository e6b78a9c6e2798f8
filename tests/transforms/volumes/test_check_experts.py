"""What is planted in a volume's record of experts is found."""

from typing import Any

import pytest

from transforms.volumes.check_experts import expert_faults

GOOD = {
    "label": "liver", "producer": "deep@1", "measure": "agreement-dice@1", "number": 0.8, "unit": "1",
    "region_ids": ["vreg-1"], "slices": [0, 4], "rows": [1, 6], "columns": [2, 9],
}  # fmt: skip
FAR = {"measure": "agreement-hd95@1", "number": 12.0, "unit": "mm"}
ABSENT = {"measure": "found-where-absent@1", "number": 0.0, "region_ids": []}
NOWHERE = {"slices": None, "rows": None, "columns": None}


def faults(changed: dict[str, Any], **more: Any) -> list[str]:
    row = {
        "shape": [4, 8, 9], "spacing_mm": [5.0, 1.0, 1.0], "looks": None,
        "regions": [{"id": "vreg-1", "producer": "annotation:a@1"}, {"id": "vreg-2", "producer": "deep@1"}],
        "agreements": [GOOD | changed],
    }  # fmt: skip
    return list(expert_faults(row | more))


@pytest.mark.parametrize("good", [{}, FAR, ABSENT, {"number": 0.0} | NOWHERE])
def test_what_can_be_is_let_pass(good: dict[str, Any]) -> None:
    assert faults(good) == []


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"number": 1.2}, "is 1.2"),
        ({"measure": "luck"}, "none of"),
        (FAR | {"number": 40.0}, "is 40.0"),  # the grid's diagonal is 23 mm
        (FAR | {"unit": "voxels"}, "expected 'mm'"),
        ({"region_ids": ["vreg-2"]}, "none that the source drew"),  # an expert's
        ({"region_ids": []}, "with 0 regions"),
        (ABSENT | {"region_ids": ["vreg-1"]}, "with 1 regions"),
        (NOWHERE, "found nowhere"),
        ({"slices": [0, 5]}, "slices [0, 5] of 4"),
        ({"columns": None}, "found nowhere"),
    ],
)
def test_what_cannot_be_is_found(bad: dict[str, Any], told: str) -> None:
    assert any(told in what for what in faults(bad)), faults(bad)


def test_an_unknown_reason_is_found() -> None:
    look = {"expert": "deep@1", "labels": ["liver"], "reason": "tired"}
    assert faults({}, agreements=None, looks=[look]) != []
    assert faults({}, agreements=None, looks=[look | {"reason": "expert_failed"}]) == []
