"""Tables: any delimiter, quoting and encoding; ids stay text."""

from pathlib import Path

from schemas.declaration.images import Table
from transforms.layouts.paths import Tree
from transforms.layouts.tables import read_table


def table(**keys: object) -> Table:
    return Table.model_validate({"path": "t.csv", "key": "{id}", **keys})


def read(root: Path, text: str | bytes, **keys: object) -> object:
    (root / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(table(**keys), Tree(root), "t")


def test_ids_stay_text_and_cells_keep_quotes_and_newlines(root: Path) -> None:
    text = 'id,note,age\n007,"a, ""b""\nc",1.50\n1e3,x,\n'
    rows = read(root, text)
    assert rows.by_key["007"] == [{"id": "007", "note": 'a, "b"\nc', "age": "1.50"}]
    assert rows.of({"stem": "1e3"}) == [{"id": "1e3", "note": "x", "age": ""}]
    assert rows.of({"stem": "1000.0"}) == []


def test_other_dialects(root: Path) -> None:
    rows = read(root, "id;größe\nä1;3\n".encode("latin-1"), delimiter=";", encoding="latin-1")
    assert rows.by_key == {"ä1": [{"id": "ä1", "größe": "3"}]}
    rows = read(root, "id\tq\na\t'x\ty'\n", delimiter="\t", quote="'")
    assert rows.by_key["a"][0]["q"] == "x\ty"
    rows = read(root, 'id|q\na|"x\n', delimiter="|", quote="")
    assert rows.by_key["a"][0]["q"] == '"x'
    assert list(read(root, "\ufeffid,q\na,b\n").by_key) == ["a"]  # byte order mark


def test_a_list_without_header(root: Path) -> None:
    assert list(read(root, "a\n\nb\n", header=["id"]).by_key) == ["a", "b"]
    rows = read(root, "a b\nc d\n", header=False, delimiter=" ", key="{0}")
    assert rows.by_key["c"] == [{"0": "c", "1": "d"}]


def test_a_key_built_from_columns(root: Path) -> None:
    rows = read(root, "p,s\n1,02\n", key="p{p}_slice{s}")
    assert list(rows.by_key) == ["p1_slice02"]


def test_bad_tables_and_rows_are_faults(root: Path) -> None:
    rows = read(root, "id,a\n1,2,3\n,5\n6,7\n")
    assert [(n, f.reason) for n, f in rows.faults] == [
        ("t.csv:2", "not_this_format"),
        ("t.csv:3", "not_this_format"),
    ]
    assert list(rows.by_key) == ["6"]
    assert [f.reason for _, f in read(root, "a,b\n1,2\n").faults] == [
        "not_this_format"
    ]  # no column id
    assert [f.reason for _, f in read(root, b"id\n\xff\xfe\n").faults] == [
        "not_this_format"
    ]  # not UTF-8
    assert [f.reason for _, f in read_table(table(path="none.csv"), Tree(root), "t").faults] == [
        "file_absent"
    ]
