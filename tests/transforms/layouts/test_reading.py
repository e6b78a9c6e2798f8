"""Reading: each layout end to end, and no annotation fault loses a picture."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from schemas.reject import Fault
from transforms.formats.volume import Cut
from transforms.layouts.listing import list_items
from transforms.layouts.reading import read_item
from transforms.picture import Picture


def read(root: Path, declaration: object) -> dict[str, list[Picture | Fault]]:
    items = list_items(declaration, root).items
    return {i.name: list(read_item(i, declaration, root, Cut())) for i in items}


def one(found: list) -> Picture:
    """The only thing read, a picture."""
    (picture,) = found
    assert isinstance(picture, Picture), picture
    return picture


MASK = np.zeros((20, 30), np.uint8)
MASK[3:9, 20:28] = 255


def test_mask(root: Path, declare: Callable, picture: Callable) -> None:
    picture("im/a.png"), picture("m/a.png", MASK)
    text = """
images: [{glob: "im/*.png"}]
annotations: [{reader: mask, file: "m/{stem}.png", label: polyp, complete: true}]
"""
    found = one(read(root, declare(text))["im/a"])
    assert (found.annotations[0].mask == (MASK > 0)).all()
    assert (found.complete, found.flags) == (["polyp"], [])


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (None, "annotation_absent"),
        ((30, 20), "mask_size_differs"),
        (np.zeros((20, 30), np.uint8), "mask_empty"),
        (b"\x89PNG\r\n\x1a\n broken", "truncated"),
        (b"hello", "not_this_format"),
    ],
)
def test_a_bad_mask_leaves_the_picture(
    root: Path, declare: Callable, picture: Callable, write: object, reason: str
) -> None:
    picture("im/a.png")
    if isinstance(write, bytes):
        (root / "m").mkdir()
        (root / "m/a.png").write_bytes(write)
    elif write is not None:
        picture("m/a.png", write)
    text = """
images: [{glob: "im/*.png"}]
annotations: [{reader: mask, file: "m/{stem}.png", label: polyp, complete: true}]
"""
    seen, fault = read(root, declare(text))["im/a"]
    assert (fault.reason, fault.scope) == (reason, "region")
    assert (seen.annotations, seen.complete, seen.flags) == ([], [], ["annotation incomplete"])


def test_optional_and_conditional_annotations(
    root: Path, declare: Callable, picture: Callable
) -> None:
    picture("im/a.png"), picture("im/b.png")
    (root / "y").mkdir()
    (root / "y/a.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    text = """
images: [{glob: "im/*.png"}]
annotations:
  - {reader: masks, files: "none/*.png", each: object, label: x, optional: true}
  - {reader: yolo, file: "y/{stem}.txt", classes: [cell], where: {stem: "^a$"}, complete: true}
"""
    found = read(root, declare(text))
    assert one(found["im/a"]).annotations[0].box == pytest.approx((12, 8, 18, 12))
    assert (one(found["im/b"]).annotations, one(found["im/b"]).complete) == ([], [])


def test_an_optional_mask_that_is_absent_is_no_fault(
    root: Path, declare: Callable, picture: Callable
) -> None:
    picture("im/a.png"), picture("im/b.png"), picture("m/a.png", MASK)
    text = """
images: [{glob: "im/*.png"}]
annotations: [{reader: mask, file: "m/{stem}.png", label: polyp, complete: true, optional: true}]
"""
    found = read(root, declare(text))
    assert one(found["im/a"]).complete == ["polyp"]
    without = one(found["im/b"])
    assert (without.annotations, without.complete, without.flags) == ([], [], [])


def test_one_file_per_structure_and_one_per_object(
    root: Path, declare: Callable, picture: Callable
) -> None:
    picture("im/a.png"), picture("s/a_lung_1.png", MASK), picture("s/a_heart_2.png", MASK.T.copy())
    picture("s/a_liver_3.png", np.zeros((20, 30), np.uint8))
    text = r"""
images: [{glob: "im/*.png"}]
annotations:
  - reader: masks
    files: s/{stem}_*.png
    pattern: (?P<label>lung|heart|liver)_(?P<instance>\d)
    each: EACH
    empty: absent
    complete: [lung]
    labels: {lung: lung, heart: heart}
"""
    seen, fault = read(root, declare(text.replace("EACH", "object")))["im/a"]
    assert [(a.label, a.instance) for a in seen.annotations] == [("lung", "1")]
    assert fault.reason == "mask_size_differs"  # the transposed heart
    seen, _ = read(root, declare(text.replace("EACH", "structure")))["im/a"]
    assert [(a.label, a.instance) for a in seen.annotations] == [("lung", None)]


CROPS = """
images: [{glob: "im/*.png"}]
tables: {t: {path: t.csv, rows: many, key: "{f}"}}
annotations:
  - reader: crops
    table: t
    file: "m/{mask}"
    left: "{x}"
    top: "{y}"
    size: "{size}"
    label: "{class}"
    labels: {lung: lung, tube: chest tube}
    complete: true
"""


def test_crops(root: Path, declare: Callable, picture: Callable) -> None:
    crop = np.zeros((4, 6, 4), np.uint8)
    crop[..., 3] = 255
    crop[1, 2:5, 1] = 200
    picture("im/a.png"), picture("m/c.png", crop)
    rows = [
        "a,c.png,10,5,30x20,lung",
        "a,,0,0,30x20,tube",
        "a,c.png,28,5,30x20,lung",
        "a,c.png,0,0,20x30,tube",
    ]
    (root / "t.csv").write_text("f,mask,x,y,size,class\n" + "\n".join(rows))
    seen, *lost = read(root, declare(CROPS))["im/a"]
    assert np.argwhere(seen.annotations[0].mask).tolist() == [[6, 12], [6, 13], [6, 14]]
    assert [f.reason for f in lost] == [
        "annotation_absent",
        "box_outside_image",
        "mask_size_differs",
    ]


def test_a_lost_annotation_takes_only_its_own_label_out_of_the_complete_ones(
    root: Path, declare: Callable, picture: Callable
) -> None:
    picture("im/a.png"), picture("m/c.png", (4, 6))
    (root / "t.csv").write_text(
        "f,mask,x,y,size,class\na,c.png,1,1,30x20,lung\na,,0,0,30x20,tube\n"
    )
    seen, _ = read(root, declare(CROPS))["im/a"]
    assert seen.complete == ["lung"]


def test_box_rows(root: Path, declare: Callable, picture: Callable) -> None:
    picture("im/a.png")
    (root / "t.csv").write_text(
        "f,x,y,w,h,c,p\na,1,2,9,4,nodule,0.75\na,1,2,99,4,nodule,0.5\na,1,2,x,4,nodule,1\n"
    )
    text = """
images: [{glob: "im/*.png"}]
tables: {t: {path: t.csv, rows: many, key: "{f}"}}
annotations:
  - {reader: boxes, table: t, box: ["{x}", "{y}", "{w}", "{h}"], convention: xywh-inclusive, label: "{c}", score: "{p}"}
"""
    seen, outside, broken = read(root, declare(text))["im/a"]
    (box,) = seen.annotations
    assert (box.box, box.label, box.score, box.instance) == ((1, 2, 11, 7), "nodule", 0.75, "row:0")
    assert (outside.reason, broken.reason) == ("box_outside_image", "box_invalid")


def test_a_declared_flip_turns_image_masks_and_boxes(
    root: Path, declare: Callable, picture: Callable
) -> None:
    picture("im/a.png"), picture("m/a.png", MASK)
    (root / "y").mkdir()
    (root / "y/a.txt").write_text("0 0.5 0.1 0.2 0.2\n")
    text = """
images: [{glob: "im/*.png"}]
display: {flip: vertical, spacing_mm: [0.5, 0.25]}
annotations:
  - {reader: mask, file: "m/{stem}.png", label: polyp}
  - {reader: yolo, file: "y/{stem}.txt", classes: [cell]}
"""
    upright = one(read(root, declare(text))["im/a"])
    raw = one(read(root, declare(text.replace("flip: vertical, ", "")))["im/a"])
    assert (upright.display == raw.display[::-1]).all()
    assert (upright.annotations[0].mask == raw.annotations[0].mask[::-1]).all()
    assert raw.annotations[1].box == pytest.approx((12, 0, 18, 4))
    assert upright.annotations[1].box == pytest.approx((12, 16, 18, 20))
    assert upright.spacing_mm == (0.5, 0.25)
    assert [s["step"] for s in upright.steps] == ["declared_spacing", "declared_flip"]


def test_patient_side_of_regions(root: Path, declare: Callable, picture: Callable) -> None:
    picture("P1_L.png"), picture("P2_B.png"), picture("m.png", MASK)
    text = """
images: [{glob: "P*.png", pattern: "_(?P<eye>.)"}]
columns: {side: {from: "{eye}", map: {L: left, R: right, B: bilateral}}}
RULES
annotations:
  - {reader: mask, file: m.png, label: vessel}
  - {reader: mask, file: m.png, label: rl, labels: {rl: right lung}}
"""
    found = read(root, declare(text.replace("RULES", "")))
    assert [a.side for a in one(found["P1_L"]).annotations] == [
        "left",
        None,
    ]  # the label has its own
    assert [a.side for a in one(found["P2_B"]).annotations] == [None, None]
    rule = "rules: [{where: {stem: P1}, reason: augmented_copy, policy: mark, flag: copy, hide: [side]}]"
    hidden = read(root, declare(text.replace("RULES", rule)))
    assert [a.side for a in one(hidden["P1_L"]).annotations] == [None, None]


def test_a_broken_picture_is_one_fault_of_the_item(root: Path, declare: Callable) -> None:
    (root / "a.png").write_bytes(b"nothing")
    (fault,) = read(root, declare('images: [{glob: "*.png"}]'))["a"]
    assert (fault.reason, fault.scope) == ("not_this_format", "item")
