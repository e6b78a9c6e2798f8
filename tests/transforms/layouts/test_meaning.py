"""What columns mean: codes into terms, facts with origins, nothing guessed."""

from collections.abc import Callable

import numpy as np
import pytest

from schemas.fact import Statement
from schemas.reject import Fault
from transforms.layouts.item import Item
from transforms.layouts.meaning import meaning
from transforms.picture import Picture


def shown(**fields: object) -> Picture:
    return Picture(key="", display=np.zeros((4, 6), np.uint8), **fields)


def item(**columns: str) -> Item:
    return Item("a", "raster", {"image": ["a.png"]}, {"path": "a.png", "item": "a", **columns})


ALL = """
images: [{glob: "*.png"}]
modality: {from: "{type}", map: {DM: MG, CM: MG-CE}}
anatomy: breast
columns:
  patient: "P{pid}"
  study: "{pid}/{visit}"
  view: "{view}"
  side: {from: "{eye}", map: {L: left, R: right, s: null}}
  sex: {from: "{sex}", map: {F: female, M: male}, missing: "?"}
  age: {from: "{age}", missing: unknown}
  day: "{offset}"
  split: {from: "{fold}", map: {"0": train, "1": test}}
  labels:
    - {from: "{dx}", map: {"1.0": {present: melanoma}, "0.0": {absent: melanoma}}, missing: [NA]}
    - {from: "{many}", separator: "|", unmapped: skip, map: {cyst: breast cyst, none: null}}
drop: [secret]
flags: [burned-in text]
"""


def test_everything(declare: Callable) -> None:
    row = item(type="CM", pid="7", visit="2", view="CC", eye="R", sex="F", age="55", offset="-3",
               fold="1", dx="0.0", many="cyst|what|none", secret="x", rest="kept", empty="")  # fmt: skip
    found = meaning(shown(), row, declare(ALL))
    assert (found.modality, found.anatomy, found.license) == ("MG-CE", "breast", "CC-BY-4.0")
    assert (found.patient, found.study, found.view, found.side) == ("P7", "7/2", "CC", "right")
    assert (found.day, found.split, found.labels) == (-3, "test", ["breast cyst"])
    assert found.extra == {"rest": "kept"}
    assert found.flags == ["burned-in text"]
    assert [(s.kind, s.value, s.number, s.polarity, s.origin) for s in found.statements] == [
        ("modality", "MG-CE", None, "present", "observed"),
        ("anatomy", "breast", None, "present", "declared"),
        ("view", "CC", None, "present", "observed"),
        ("image_side", "right", None, "present", "observed"),
        ("sex", "female", None, "present", "observed"),
        ("age", None, 55.0, "present", "observed"),
        ("finding", "melanoma", None, "absent", "annotated"),
        ("finding", "breast cyst", None, "present", "annotated"),
    ]
    assert found.statements[5].unit == "a"
    assert found.statements[3].pointer == "column eye"


def test_what_is_not_stated_is_not_said(declare: Callable) -> None:
    found = meaning(
        shown(), item(type="DM", eye="s", sex="?", age="unknown", dx="NA"), declare(ALL)
    )
    assert (found.side, found.day, found.split, found.view, found.study) == (None,) * 5
    assert found.patient is None  # "P{pid}" with no pid is not the patient "P"
    assert [s.kind for s in found.statements] == ["modality", "anatomy"]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"type": "XX"}, "value_unmapped"),
        ({}, "modality_unknown"),
        ({"type": "DM", "eye": "q"}, "value_unmapped"),
        ({"type": "DM", "dx": "2.0"}, "value_unmapped"),
        ({"type": "DM", "age": "old"}, "value_unmapped"),
        ({"type": "DM", "offset": "soon"}, "value_unmapped"),
    ],
)
def test_unmapped_codes_are_faults_that_do_not_tell_them(
    declare: Callable, columns: dict[str, str], reason: str
) -> None:
    with pytest.raises(Fault) as error:
        meaning(shown(), item(**columns), declare(ALL))
    assert error.value.reason == reason
    assert "old" not in error.value.detail


def test_an_impossible_age_is_left_out(declare: Callable) -> None:
    found = meaning(shown(), item(type="DM", age="999"), declare(ALL))
    assert "age" not in [s.kind for s in found.statements]


def test_a_licence_per_row(declare: Callable) -> None:
    text = """
images: [{glob: "*.png"}]
license: {from: "{license}", map: {CC BY 4.0: CC-BY-4.0, mine: LicenseRef-mine}}
"""
    assert meaning(shown(), item(license="mine"), declare(text)).license == "LicenseRef-mine"
    with pytest.raises(Fault, match="license_unknown"):
        meaning(shown(), item(), declare(text))
    with pytest.raises(Fault, match="value_unmapped"):
        meaning(shown(), item(license="CC BY-NC"), declare(text))


def test_the_header_is_believed_before_the_declaration(declare: Callable) -> None:
    text = 'images: [{glob: "*.png"}]\nmodality: "{modality}"\ncolumns: {sex: female}'
    said = [Statement("modality", "CT", pointer="DICOM (0008,0060)"), Statement("sex", "male")]
    header = {"PatientID": "id1", "StudyInstanceUID": "1.2", "Modality": "CT", "Manufacturer": "M"}
    found = meaning(shown(modality="CT", statements=said, columns=header), item(), declare(text))
    assert (found.modality, found.patient, found.study) == ("CT", "id1", "1.2")
    assert found.statements == []  # the picture's own statements say it already
    assert found.extra == {"Manufacturer": "M"}  # ids are for hashing, never released


def test_an_unstated_modality_makes_no_fact(declare: Callable) -> None:
    text = 'images: [{glob: "*.png"}]\nmodality: "{modality}"'
    assert meaning(shown(modality="OT"), item(), declare(text)).statements == []
    with pytest.raises(Fault, match="modality_unknown"):
        meaning(shown(modality="XYZ"), item(), declare(text))


def test_marked_pictures_keep_a_flag_and_lose_what_is_untrue(declare: Callable) -> None:
    text = """
images: [{glob: "*.png"}]
anatomy: breast
columns: {side: left, sex: female, view: CC}
rules:
  - {where: {aug: flip}, reason: augmented_copy, policy: mark, flag: augmented copy, hide: [side, anatomy]}
"""
    marked = meaning(shown(), item(aug="hflipped"), declare(text))
    assert (marked.side, marked.anatomy, marked.view) == (None, None, "CC")
    assert marked.flags == ["augmented copy"]
    assert {s.kind for s in marked.statements} == {"modality", "view", "sex"}
    assert meaning(shown(), item(), declare(text)).side == "left"


def test_completeness_may_depend_on_the_picture(declare: Callable) -> None:
    text = """
images: [{glob: "*.png"}]
modality: {rule: fluorescence-or-brightfield}
annotations:
  - reader: masks
    files: m/*.png
    each: object
    label: nucleus
    complete: true
    complete_where: {modality: ^GM-FL$}
  - {reader: mask, file: m.png, label: platelet, complete: true}
"""
    dark = shown(complete=["nucleus", "platelet"])
    assert meaning(dark, item(), declare(text)).complete == {"nucleus", "platelet"}
    bright = Picture("", np.full((4, 6), 220, np.uint8), complete=["nucleus", "platelet"])
    found = meaning(bright, item(), declare(text))
    assert (found.modality, found.complete) == ("GM-BF", {"platelet"})
    assert found.statements[0].origin == "computed"


def test_masks_of_a_model_are_flagged(declare: Callable) -> None:
    text = """
images: [{glob: "*.png"}]
annotations: [{reader: mask, file: m.png, label: liver, by: model, where: {kind: ct}}]
"""
    assert meaning(shown(), item(kind="ct"), declare(text)).flags == [
        "annotations drawn by a model"
    ]
    assert meaning(shown(), item(kind="mr"), declare(text)).flags == []


def test_columns_that_contradict_each_other_are_a_fault(declare: Callable) -> None:
    text = """
images: [{glob: "*.png"}]
columns:
  labels:
    - {from: "{a}", map: {"1": {present: melanoma}}}
    - {from: "{b}", map: {"0": {absent: melanoma}}}
"""
    with pytest.raises(Fault, match="table_row_ambiguous"):
        meaning(shown(), item(a="1", b="0"), declare(text))
    assert meaning(shown(), item(a="1"), declare(text)).labels == ["melanoma"]
