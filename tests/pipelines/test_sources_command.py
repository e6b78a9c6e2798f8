"""medgrain sources list | show | check."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pipelines.commands.sources import app

RUN = CliRunner()
GOOD = """\
name: my-set
version: "1"
title: A set
home: https://example.org/set
license: CC-BY-4.0
citation: Doe 2024
folder: my_set
modality: US
split_of_origin: none stated
known_issues: [one, two]
images: [{glob: "im/*.png", pattern: "(?P<case>c.)"}]
columns: {patient: "{cas}", sex: female}
annotations: [{reader: mask, file: "m/{stem}.png", label: blob}]
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data root with five pictures, of which one has no mask and one has a mask of another size."""
    for folder in ("im", "m"):
        (tmp_path / "my_set" / folder).mkdir(parents=True)
    for n in range(5):
        array = np.full((20, 30), 9 * n, np.uint8)
        Image.fromarray(array).save(tmp_path / f"my_set/im/c{n}.png")
        if n != 4:
            array = np.zeros((20, 30) if n else (30, 20), np.uint8)
            array[2:9, 4:7] = 255
            Image.fromarray(array).save(tmp_path / f"my_set/m/c{n}.png")
    (tmp_path / "set.yaml").write_text(GOOD)
    return tmp_path


def test_list() -> None:
    rows = json.loads(RUN.invoke(app, ["list", "--json"]).stdout)
    by_name = {row["name"]: row for row in rows}
    assert len(rows) >= 20
    assert by_name["bccd"]["license"] == "MIT"
    assert by_name["dsb2018"]["modality"].startswith("by rule")
    assert "bccd" in RUN.invoke(app, ["list"]).stdout


def test_show() -> None:
    shown = RUN.invoke(app, ["show", "bccd"]).stdout
    assert "WBC -> white blood cell (exhaustive)" in shown
    assert "Platelets -> platelet\n" in shown
    assert (
        json.loads(RUN.invoke(app, ["show", "bccd", "--json"]).stdout)["license"]["from"] == "MIT"
    )


def test_check_tells_every_fault_and_exits_2(data: Path) -> None:
    (data / "set.yaml").write_text(
        GOOD.replace("modality: US", "modality: XX").replace("citation", "cite")
    )
    told = RUN.invoke(app, ["check", str(data / "set.yaml")])
    assert told.exit_code == 2
    for part in (
        "[set.yaml > citation] is missing",
        "[set.yaml > cite] is not a key",
        "[set.yaml > modality] 'XX'",
        "3 fault(s)",
    ):
        assert part in told.stderr
    machine = RUN.invoke(app, ["check", str(data / "set.yaml"), "--json"])
    assert (machine.exit_code, len(json.loads(machine.stdout)["faults"])) == (2, 3)


def test_check_without_data(data: Path) -> None:
    told = RUN.invoke(app, ["check", str(data / "set.yaml")])
    assert (told.exit_code, told.stdout) == (
        0,
        "my-set: no fault. Add --data-root to see what it finds.\n",
    )


def test_check_with_data(data: Path) -> None:
    arguments = ["check", str(data / "set.yaml"), "--data-root", str(data)]
    told = RUN.invoke(app, [*arguments, "--json"])
    found = json.loads(told.stdout)
    assert told.exit_code == 0
    assert (found["items"], found["kinds"], found["rejects"]) == (5, {"raster": 5}, {})
    assert found["unknown"] == ["cas"]  # a slip: the group is called `case`
    assert found["kept"] == ["case"]
    first, middle, last = found["samples"]
    assert [row["item"] for row in (first, middle, last)] == ["im/c0", "im/c2", "im/c4"]
    assert first["faults"][0].startswith("mask_size_differs")
    assert middle["annotations"] == {"blob -> not mapped": 1}
    assert last["faults"][0].startswith("annotation_absent")
    people = RUN.invoke(app, arguments).stdout
    assert "5 items (5 raster)" in people
    assert "columns that are named and that no item has: cas" in people
    assert "blob -> not mapped" in people


def test_check_that_finds_nothing_exits_1(data: Path) -> None:
    told = RUN.invoke(app, ["check", str(data / "set.yaml"), "--data-root", str(data / "nowhere")])
    assert told.exit_code == 1
    assert "file_absent" in told.stdout


@pytest.mark.samples
def test_check_of_a_shipped_source(samples: Path) -> None:
    told = RUN.invoke(
        app, ["check", "covid-cxr-segmentations", "--data-root", str(samples), "--json"]
    )
    found = json.loads(told.stdout)
    assert (told.exit_code, found["items"]) == (0, 40)
    assert found["rejects"] == {"reference_unknown": 60}
    assert found["unknown"] == []
