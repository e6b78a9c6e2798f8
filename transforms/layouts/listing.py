"""List a source: which items it holds, from folder listings, tables and headers. No pixel is read."""

import re
from collections.abc import Iterator
from pathlib import Path

from schemas.declaration import Declaration
from schemas.declaration.annotations import Boxes, Coco, Crops
from schemas.declaration.images import ImageSet
from schemas.declaration.value import fill
from schemas.reject import Fault
from transforms.layouts.annotation_files import files_of
from transforms.layouts.coco import read_coco
from transforms.layouts.item import Item, Listing, annotation_role
from transforms.layouts.paths import Tree, built_in, confine, size_of
from transforms.layouts.tables import Rows, read_table


def list_items(declaration: Declaration, root: Path) -> Listing:
    """Every item of the source in `root` (its own folder), sorted by name, and the faults.

    A fault of the listing is a thing that became no item: a row that names an absent file, two rows
    that claim one image, an item that a rule rejects, an annotation that refers to no item. Missing
    annotations are not faults here: `read_item` yields them beside the picture.
    """
    if not root.is_dir():
        fault = Fault(
            "file_absent", "the folder of the source is absent; set the data root or `folder`"
        )
        return Listing([], [(declaration.name, fault)])
    tree = Tree(root)
    tables = {name: read_table(t, tree, name) for name, t in declaration.tables.items()}
    faults = [f for rows in tables.values() for f in rows.faults]
    found: dict[str, list[Item]] = {}
    for item in _bare_items(declaration, tree, tables, faults):
        try:
            complete = _complete(item, declaration, tree, tables)
            if complete not in found.setdefault(complete.name, []):
                found[complete.name].append(complete)
        except Fault as fault:
            faults.append((item.name, fault))
    items = _unambiguous(found, faults)
    faults += _orphans(tables)
    for number, reader in enumerate(declaration.annotations):
        if isinstance(reader, Coco):
            items, wrong = read_coco(reader, annotation_role(number), items, tree)
            faults += wrong
    ordered = [items[name] for name in sorted(items)]
    return Listing(ordered, sorted(faults, key=lambda f: (f[0], f[1].reason, f[1].detail)))


def _unambiguous(found: dict[str, list[Item]], faults: list[tuple[str, Fault]]) -> dict[str, Item]:
    """Items by name. Where rows disagree on one image, none of them is believed."""
    items: dict[str, Item] = {}
    for name, same in found.items():
        if len(same) == 1:
            items[name] = same[0]
        elif len({item.files["image"][0] for item in same}) == 1:
            detail = f"{len(same)} different rows claim this image"
            faults.append((name, Fault("table_row_ambiguous", detail)))
        elif same:
            detail = f"{len(same)} files have this item name; declare another `name`"
            faults.append((name, Fault("table_row_ambiguous", detail)))
    return items


def _bare_items(
    declaration: Declaration, tree: Tree, tables: dict[str, Rows], faults: list[tuple[str, Fault]]
) -> Iterator[Item]:
    """Items with their image files and the columns of their names."""
    for images in declaration.images:
        if images.format == "dicom":
            from transforms.layouts.dicom_tree import dicom_items

            yield from dicom_items(images, declaration, tree.root, faults)
            continue
        named = _named_items(images, tree, tables, faults)
        if images.format == "slide":
            from transforms.layouts.slide_tree import whole_slides

            named = whole_slides(named, tree.root, faults)
        yield from named


def _named_items(
    images: ImageSet, tree: Tree, tables: dict[str, Rows], faults: list[tuple[str, Fault]]
) -> Iterator[Item]:
    """One item a file."""
    for path, row in _paths(images, tree, tables, faults):
        columns = built_in(path) | row
        if images.pattern is not None:
            match = re.search(images.pattern, path)
            if match is None:
                continue
            columns |= {k: v for k, v in match.groupdict().items() if v is not None}
        columns |= images.set
        name = fill(images.name, columns) if images.name else None
        name = name or path[: len(path) - len(columns["file"])] + columns["stem"]
        columns["item"] = name
        shown = fill(images.show, columns) if images.show else path
        yield Item(name, images.format, {"image": [shown or path]}, columns)


def _paths(
    images: ImageSet, tree: Tree, tables: dict[str, Rows], faults: list[tuple[str, Fault]]
) -> Iterator[tuple[str, dict[str, str]]]:
    """(path, cells of its row) of every image file of an image set."""
    if images.table is None or images.file is None:
        for path in tree.find(images.glob or [], images.exclude):
            yield path, {}
        return
    for key, rows in tables[images.table].by_key.items():
        for row in rows:
            named = fill(images.file, row)
            try:
                if named is None:
                    raise Fault("file_absent", "the row names no file")
                if not confine(tree.root, named).is_file():
                    raise Fault("file_absent", "the table row names a file that is not there")
                yield named, row
            except Fault as fault:
                faults.append((key, fault))


def _complete(item: Item, declaration: Declaration, tree: Tree, tables: dict[str, Rows]) -> Item:
    """The item with its table cells, annotation files and rows. Raises Fault where it is none."""
    confine(tree.root, item.files["image"][0])
    columns = dict(item.columns)
    for name, rows in tables.items():
        if rows.table.rows == "one":
            _join(columns, name, rows, declaration)
    drawn = {name: rows.of(columns) for name, rows in tables.items() if rows.table.rows == "many"}
    for rule in declaration.rules:
        if rule.policy == "reject" and rule.holds(columns):
            raise Fault(rule.reason, "a rule of the declaration picks it out")
    files, annotation_rows = dict(item.files), dict(item.rows)
    for number, reader in enumerate(declaration.annotations):
        if not reader.concerns(columns):
            continue
        role = annotation_role(number)
        if isinstance(reader, Boxes | Crops):
            annotation_rows[role] = [dict(row) for row in drawn[reader.table]]
        found = files_of(reader, columns, annotation_rows.get(role, []), tree)
        if found:
            files[role] = found
    every = [path for role in files for path in files[role]]
    size = size_of(tree.root, sorted(set(every)))
    return Item(item.name, item.kind, files, columns, annotation_rows, size)


def _join(columns: dict[str, str], name: str, rows: Rows, declaration: Declaration) -> None:
    """Add the cells of the one row of a table; a name that is taken gets the table's as prefix."""
    found = rows.of(columns)
    if any(images.table == name for images in declaration.images):
        return
    if len(found) > 1 and any(row != found[0] for row in found):
        raise Fault("table_row_ambiguous", f"{len(found)} different rows of table {name!r}")
    if not found and rows.table.required:
        raise Fault("file_absent", f"no row of table {name!r}")
    for column, cell in ({**found[0], **rows.table.set} if found else {}).items():
        taken = column in columns and columns[column] != cell
        columns[f"{name}.{column}" if taken else column] = cell


def _orphans(tables: dict[str, Rows]) -> list[tuple[str, Fault]]:
    """Rows of a table with `rows: many` whose image is not among the items."""
    faults = []
    for rows in tables.values():
        if rows.table.rows == "many":
            for key in rows.by_key.keys() - rows.used:
                detail = f"{len(rows.by_key[key])} annotation rows of an image that is not there"
                faults.append((key, Fault("reference_unknown", detail, "region")))
    return faults
