"""Listing: items, joined tables, and what became no item."""

import dataclasses
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.declaration import DeclarationError
from transforms.layouts.item import Item
from transforms.layouts.listing import list_items
from transforms.layouts.paths import Tree


def names(listing: object) -> list[str]:
    return [i.name for i in listing.items]


def faults(listing: object) -> list[tuple[str, str]]:
    return [(name, fault.reason) for name, fault in listing.faults]


def test_globs_patterns_and_constants(root: Path, declare: Callable, picture: Callable) -> None:
    for name in ("b/P2_L.png", "a/P1_R.png", "a/P1_R.txt", "a/other.png", "a/P3_L.png"):
        picture(name) if name.endswith("png") else (root / name).write_text("")
    listing = list_items(
        declare(r"""
images:
  - glob: "**/*.png"
    pattern: (?P<patient>P\d+)_(?P<eye>[LR])\.png$
    exclude: "*/P3*"
    set: {kind: x}
"""),
        root,
    )
    assert names(listing) == ["a/P1_R", "b/P2_L"]
    assert listing.items[0].columns == {
        "path": "a/P1_R.png", "folder": "a", "parent": "a", "file": "P1_R.png", "stem": "P1_R",
        "patient": "P1", "eye": "R", "kind": "x", "item": "a/P1_R",
    }  # fmt: skip
    assert listing.items[0].bytes == (root / "a/P1_R.png").stat().st_size


def test_items_are_plain_data(root: Path, declare: Callable, picture: Callable) -> None:
    picture("a.png")
    item = list_items(declare('images: [{glob: "*.png"}]'), root).items[0]
    assert pickle.loads(pickle.dumps(item)) == item
    assert Item(**json.loads(json.dumps(dataclasses.asdict(item)))) == item


def test_the_rows_of_a_table_are_items(root: Path, declare: Callable, picture: Callable) -> None:
    picture("im/p1/s02.png")
    (root / "t.csv").write_text("pid,slice,view\np1,02,AP\np2,03,PA\n,04,PA\n../..,x,PA\n")
    listing = list_items(
        declare("""
images: [{table: t, file: "im/{pid}/s{slice}.png"}]
tables: {t: {path: t.csv, key: "{pid}-{slice}"}}
columns: {view: "{view}"}
"""),
        root,
    )
    assert names(listing) == ["im/p1/s02"]
    assert listing.items[0].columns["view"] == "AP"
    wanted = [
        ("../..-x", "path_outside_root"),
        ("p2-03", "file_absent"),
        ("t.csv:4", "not_this_format"),
    ]
    assert faults(listing) == wanted


def test_tables_join_by_key(root: Path, declare: Callable, picture: Callable) -> None:
    for name in ("1.png", "2.png", "3.png"):
        picture(name)
    (root / "a.csv").write_text("id,age,note\n1,50,x\n2,60,y\n2,61,y\n9,1,z\n")
    (root / "b.tsv").write_text("file\tage\n1.png\t51\n3.png\t70\n")
    listing = list_items(
        declare("""
images: [{glob: "*.png"}]
tables:
  a: {path: a.csv, key: "{id}"}
  b: {path: b.tsv, delimiter: "\\t", key: "{file}", match: "{file}", required: true}
"""),
        root,
    )
    assert names(listing) == ["1", "3"]
    one = listing.items[0].columns
    assert (one["age"], one["b.age"], one["note"]) == ("50", "51", "x")  # nothing is overwritten
    assert faults(listing) == [("2", "table_row_ambiguous")]


def test_an_item_without_its_required_row(root: Path, declare: Callable, picture: Callable) -> None:
    picture("1.png")
    (root / "a.csv").write_text("id\n2\n")
    text = 'images: [{glob: "*.png"}]\ntables: {a: {path: a.csv, key: "{id}", required: true}}'
    assert faults(list_items(declare(text), root)) == [("1", "file_absent")]


def test_rules_reject_by_name(root: Path, declare: Callable, picture: Callable) -> None:
    for name in ("a.png", "hflipped_a.png", "pie.png"):
        picture(name)
    listing = list_items(
        declare("""
images: [{glob: "*.png"}]
rules:
  - {where: {stem: ^hflipped_}, reason: augmented_copy}
  - {where: {stem: ^pie$}, reason: not_medical}
"""),
        root,
    )
    assert names(listing) == ["a"]
    assert faults(listing) == [("hflipped_a", "augmented_copy"), ("pie", "not_medical")]


def test_annotation_rows_of_absent_images(root: Path, declare: Callable, picture: Callable) -> None:
    picture("1.png")
    (root / "b.csv").write_text("f,x\n1,3\n2,4\n2,5\n")
    listing = list_items(
        declare("""
images: [{glob: "*.png"}]
tables: {b: {path: b.csv, rows: many, key: "{f}"}}
annotations:
  - {reader: boxes, table: b, box: ["{x}", "{x}", "{x}", "{x}"], convention: xywh, label: cell}
"""),
        root,
    )
    assert listing.items[0].rows == {"annotation:0": [{"f": "1", "x": "3"}]}
    assert faults(listing) == [("2", "reference_unknown")]
    assert listing.faults[0][1].scope == "region"


def test_two_items_of_one_name(root: Path, declare: Callable, picture: Callable) -> None:
    picture("a.png"), picture("a.bmp")
    listing = list_items(declare('images: [{glob: ["*.png", "*.bmp"]}]'), root)
    assert (names(listing), faults(listing)) == ([], [("a", "table_row_ambiguous")])


def test_rows_that_disagree_on_one_image(root: Path, declare: Callable, picture: Callable) -> None:
    for name in ("a.png", "b.png"):
        picture(name)
    (root / "t.csv").write_text("f,dx\na,1\na,0\nb,1\nb,1\n")
    text = 'images: [{table: t, file: "{f}.png"}]\ntables: {t: {path: t.csv, key: "{f}"}}'
    listing = list_items(declare(text), root)
    assert (names(listing), faults(listing)) == (["b"], [("a", "table_row_ambiguous")])


def test_rows_of_a_rejected_image_are_not_told_again(
    root: Path, declare: Callable, picture: Callable
) -> None:
    picture("pie.png")
    (root / "b.csv").write_text("f,x\npie,3\n")
    text = """
images: [{glob: "*.png"}]
tables: {b: {path: b.csv, rows: many, key: "{f}"}}
rules: [{where: {stem: pie}, reason: not_medical}]
"""
    assert faults(list_items(declare(text), root)) == [("pie", "not_medical")]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("m/a_*.png", ["m/a_1.png", "m/a_2.png"]),
        ("m/a[[]1]*.png", ["m/a[1]x.png"]),
        ("m/[ab]_1.png", ["m/a_1.png", "m/b_1.png"]),
        ("m/?_1.png", ["m/a_1.png", "m/b_1.png"]),
        ("*/b_1.png", ["m/b_1.png"]),
        ("**/*_2.png", ["a_2.png", "m/a_2.png", "m/n/c_2.png"]),
        ("a_2.png", ["a_2.png"]),
        ("none/*.png", []),
    ],
)
def test_globs_are_those_of_the_standard_library(
    root: Path, picture: Callable, pattern: str, wanted: list
) -> None:
    import glob

    for name in (
        "m/a_1.png",
        "m/a_2.png",
        "m/a[1]x.png",
        "m/b_1.png",
        "m/n/c_2.png",
        "a_2.png",
        "m/.a_3.png",
    ):
        picture(name)
    assert Tree(root).find([pattern]) == wanted
    assert sorted(glob.glob(pattern, root_dir=root, recursive=True)) == wanted


def test_nothing_outside_the_folder_is_read(
    root: Path, declare: Callable, picture: Callable
) -> None:
    picture("../outside.png"), picture("inside.png")
    (root / "link.png").symlink_to(root.parent / "outside.png")
    listing = list_items(declare('images: [{glob: "*.png"}]'), root)
    assert names(listing) == ["inside"]
    assert faults(listing) == [("link", "path_outside_root")]
    for glob in ("../*.png", "/etc/*.png", "a/../../*.png", "C:/x.png", "~/x.png"):
        with pytest.raises(DeclarationError, match=r"relative|out of the source"):
            declare(f'images: [{{glob: "{glob}"}}]')


def test_mask_paths_from_columns_stay_inside(
    root: Path, declare: Callable, picture: Callable
) -> None:
    picture("a.png"), picture("../mask.png")
    (root / "t.csv").write_text("id,mask\na,../mask.png\n")
    text = """
images: [{glob: "*.png"}]
tables: {t: {path: t.csv, key: "{id}"}}
annotations: [{reader: mask, file: "{mask}", label: x}]
"""
    assert faults(list_items(declare(text), root)) == [("a", "path_outside_root")]


def test_columns_in_a_glob_are_literal(root: Path, declare: Callable, picture: Callable) -> None:
    picture("im/a[1].png"), picture("m/a[1]_x.png"), picture("m/a1_x.png")
    text = """
images: [{glob: "im/*.png"}]
annotations: [{reader: masks, files: "m/{stem}_*.png", each: object, label: x}]
"""
    item = list_items(declare(text), root).items[0]
    assert item.files["annotation:0"] == ["m/a[1]_x.png"]


def test_a_missing_folder(root: Path, declare: Callable) -> None:
    listing = list_items(declare('images: [{glob: "*.png"}]'), root / "nowhere")
    assert faults(listing) == [("tiny", "file_absent")]
