"""Declarations: every fault at once, with place and cure; and nothing unsafe is read."""

import time
from pathlib import Path

import pytest

from schemas.declaration import DeclarationError, load_declaration
from schemas.declaration.licenses import LICENSES, license_fault
from schemas.declaration.value import Value, fill
from schemas.vocabulary import findings

GOOD = """\
name: my-set
version: "1.10"
title: A set
home: https://example.org/set
license: CC-BY-4.0
citation: Doe 2024
folder: my_set
modality: US
anatomy: breast
split_of_origin: none stated
known_issues: []
images:
  - glob: "im/*.png"
annotations:
  - {reader: mask, file: "m/{stem}.png", label: blob, labels: {blob: breast cyst}, complete: true}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "set.yaml"
    path.write_text(text, "utf-8")
    return path


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(DeclarationError) as error:
        load_declaration(write(folder, text))
    return error.value.faults


def test_a_good_one(tmp_path: Path) -> None:
    found = load_declaration(write(tmp_path, GOOD))
    assert (found.name, found.version) == ("my-set", "1.10")  # a version is no number
    assert found.producer == "annotation:my-set@1.10"
    assert found.label_map == {"blob": "breast cyst"}
    assert found.annotations[0].exhaustive() == ["blob"]


def test_every_fault_at_once_with_place_and_cure(tmp_path: Path) -> None:
    wrong = (
        GOOD.replace("license: CC-BY-4.0", "license: CC-BY-5.0")
        .replace("modality: US", "modality: ultrasound")
        .replace("anatomy: breast", "anatomy: brest")
        .replace("citation: Doe 2024\n", "")
        .replace("labels: {blob: breast cyst}", "labels: {blob: brest cyst}")
        .replace("glob:", "globb:")
        + "  - {reader: boxes, table: t, box: [a, b, c, d], convention: corners, label: x}\n"
        + "  - {reader: maskk, file: x}\ncolumns: {side: {from: '{s}', map: {l: lft}}}\n"
    )
    assert faults(tmp_path, wrong) == [
        "[set.yaml > license] licence 'CC-BY-5.0' is not on the list; did you mean 'CC-BY-4.0' or "
        "'CC-BY-3.0'? Write an SPDX id, or LicenseRef-<name> for terms that have none",
        "[set.yaml > citation] is missing; add it (docs/declare-a-source.md tells what it means)",
        "[set.yaml > modality] 'ultrasound' is no modality of schemas/vocab/modalities.yaml. "
        "Use a code of that list",
        "[set.yaml > anatomy] 'brest' is no body part of schemas/vocab/anatomy.yaml; did you mean "
        "'breast' or 'wrist'? Use a name of that list, or add one",
        "[set.yaml > images[0] > globb] is not a key here; did you mean 'glob'? Keys: glob, table, "
        "file, dicomdir, format, pattern, show, exclude, name, set",
        "[set.yaml > columns > side] 'lft' is no side; did you mean 'left'? Map to one of: left, "
        "right, bilateral",
        "[set.yaml > annotations[0] > labels] 'brest cyst' is no finding of "
        "schemas/vocab/findings.yaml; did you mean 'breast cyst' or 'breast lesion'? Use a term of that "
        "list, add the term to it, or leave the label out: it is then kept as it is",
        "[set.yaml > annotations[1] > convention] is 'corners'; write one of 'xyxy', "
        "'xyxy-inclusive', 'xyxy-1based-inclusive', 'xywh', 'xywh-inclusive', 'xywh-1based', "
        "'cxcywh', 'xyxy-normalised', 'xywh-normalised' or 'cxcywh-normalised'",
        "[set.yaml > annotations[2]] needs `reader:`, one of 'mask', 'masks', 'crops', 'boxes', "
        "'coco', 'voc', 'yolo', 'geojson', 'dicom-objects', 'label-volume', 'structure-volumes', "
        "'slide-xml'",
        "[set.yaml > annotations[1] > table] table 't' is not declared. Declare it under `tables:` "
        "(none is there)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('glob: "im/*.png"', "{glob: x.png, file: '{a}'}", "`table` and `file` belong together"),
        ('glob: "im/*.png"', '{glob: a, dicomdir: b}', "exactly one of glob, table, dicomdir"),
        ("label: blob, ", "label: blob, values: {1: x}, ", "one of them"),
        ("label: blob, ", "", "give `label`"),
        ("complete: true", "complete: [other]", "'other' is no label of this reader"),
        ("complete: true", "pattern: x", "> pattern] is not a key here. Keys: labels, complete"),
        ("known_issues: []", "known_issues: {a: b}", "is {'a': 'b'}; write"),
        ("label: blob, ", "label: blob, threshold: high, ", "is 'high'; write a whole number"),
        ("my-set", "My Set", "pattern"),
        ("https://", "ftp://", "pattern"),
        ("im/*.png", "../im/*.png", "leads out of the source folder"),
        ("m/{stem}.png", "m/{stem.png", "is no template"),
        ("modality: US", "modality: {rule: guess}", "fluorescence-or-brightfield"),
        ("folder: my_set", "folder: ../other", "leads out of"),
        ("folder: my_set", "folder: /etc", "is not relative"),
        ("known_issues: []\n", "known_issues: []\nrules: [{where: {stem: '('}, reason: not_medical}]\n", "no regular expression"),
        ("known_issues: []\n", "known_issues: []\nrules: [{where: {stem: x}, reason: not_medical, policy: mark}]\n", "`flag` goes with"),
        ("known_issues: []\n", "known_issues: []\ndisplay: {spacing_mm: [0, 1]}\n", "between 0 and 1000"),
        ("known_issues: []\n", "known_issues: []\ntables: {t: {path: a.csv, key: id}}\n", "key names no column"),
        ("known_issues: []\n", "known_issues: []\ntables: {t: {path: a.csv, key: '{id}', encoding: utf-88}}\n", "encoding 'utf-88' is unknown"),
    ],
)  # fmt: skip
def test_wrong_values_say_what_to_do(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    (fault,) = faults(tmp_path, GOOD.replace(old, new))
    assert fault.startswith("[set.yaml > ")
    assert said in fault


def test_labels_of_two_readers_must_agree(tmp_path: Path) -> None:
    other = "  - {reader: voc, file: v.xml, labels: {blob: fibroadenoma}}\n"
    (fault,) = faults(tmp_path, GOOD + other)
    assert fault == (
        "[set.yaml > annotations[1] > labels] 'blob' is 'fibroadenoma' here and 'breast cyst' in "
        "annotations[0]; map it to one finding"
    )


def test_a_shared_label_list(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("values: {1: a, 2: b}\nlabels: {a: liver, b: spleen}\n")
    shared = "  - {reader: label-volume, file: s.nii, values: list.yaml, labels: list.yaml}\n"
    found = load_declaration(write(tmp_path, GOOD + shared)).annotations[1]
    assert (found.values, found.labels) == ({1: "a", 2: "b"}, {"a": "liver", "b": "spleen"})
    (fault,) = [
        f
        for f in faults(tmp_path, GOOD + shared.replace("values: list", "values: ../x"))
        if "../x" in f
    ]
    assert "leads away" in fault


def test_text_stays_text(tmp_path: Path) -> None:
    text = (
        GOOD + "columns: {side: {from: '{s}', map: {on: left, no: right, 007: null, 1.0: left}}}\n"
    )
    found = load_declaration(write(tmp_path, text)).columns.side
    assert found is not None
    assert found.map == {"on": "left", "no": "right", "007": None, "1.0": "left"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a [x]\nb: [" + "*a, " * 60 + "*a]", "more than 50 aliases"),
        ("a: " + "[" * 30 + "]" * 30, "nested deeper than 20"),
        ("a: !!python/object/apply:os.system [id]", "could not determine a constructor"),
        ("name: x\nname: y", "stands here twice"),
        ("a: [1", "mend the YAML"),
        ("- a", "is not a mapping"),
        ("", "is not a mapping"),
        ("x: " + "y" * 1_000_001, "larger than"),
    ],
)
def test_hostile_and_broken_yaml(tmp_path: Path, text: str, said: str) -> None:
    start = time.process_time()
    (fault,) = faults(tmp_path, text)
    assert said in fault
    assert time.process_time() - start < 2


def test_a_billion_laughs_stay_small(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "aliases" in faults(tmp_path, "\n".join(rows))[0]


def test_not_utf8_and_absent(tmp_path: Path) -> None:
    (tmp_path / "set.yaml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(DeclarationError, match="not UTF-8 at byte 6"):
        load_declaration(tmp_path / "set.yaml")
    with pytest.raises(DeclarationError, match=r"\[none.yaml\] No such file"):
        load_declaration(tmp_path / "none.yaml")


def test_templates() -> None:
    assert fill("P{pid}_{Template Name}", {"pid": "7", "Template Name": "x"}) == "P7_x"
    assert fill("P{pid}", {"pid": ""}) is None
    assert fill("P{pid}", {}) is None
    assert Value.model_validate({"from": "const"}).targets() == ["const"]


def test_licences() -> None:
    assert all(license_fault(name) is None for name in LICENSES)
    assert license_fault("LicenseRef-Stanford-Research") is None
    assert "did you mean 'CC-BY-4.0'" in str(license_fault("CC BY 4.0"))
    assert license_fault("LicenseRef-") is not None


def test_errors_survive_a_process_boundary() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(DeclarationError(["a", "b", "a"])))
    assert error.faults == ["a", "b"]


SOURCES = Path(__file__).resolve().parents[2] / "pipelines" / "sources"


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_declarations(path: Path) -> None:
    found = load_declaration(path)
    assert found.name == path.stem
    assert set(found.label_map.values()) <= {f.name for f in findings()}
    open_ended = {"dicom-objects", "geojson"}
    for annotation in found.annotations:
        unmapped = set(annotation.declared()) - found.label_map.keys()
        assert not unmapped or annotation.reader in open_ended
        assert annotation.note or not annotation.complete, "completeness needs its reason"
