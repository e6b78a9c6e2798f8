"""The source of a volume, found again: its item, its DICOM instances, its values."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.catalogue import ResolvedSource
from pipelines.exporting.rows import Row, number_of
from pipelines.phases.seeing import volume_id
from schemas.reject import Fault
from transforms.dicom_seg.marked import Labelled
from transforms.formats.dicom_frames import Frame, read_frames
from transforms.formats.dicom_geometry import Stack, stacks_of
from transforms.formats.structures import Structure
from transforms.formats.volume import Cut, Seen, Whole
from transforms.layouts.item import Item
from transforms.layouts.listing import list_items
from transforms.layouts.paths import confine
from transforms.layouts.reading import read_item


@dataclass
class Origins:
    """Items of the sources of a build, each source listed once, when it is first asked for."""

    sources: dict[str, ResolvedSource]
    _items: dict[str, dict[str, Item]] = field(default_factory=dict)

    def item(self, row: Row) -> tuple[ResolvedSource, Item]:
        """The source and the item of a volume. Raises Fault file_absent."""
        source = self.sources.get(row["source"])
        if source is None:
            raise Fault(
                "file_absent", "the folder of the volume's source is not found; give --data-root"
            )
        if source.name not in self._items:
            listed = list_items(source.declaration, source.root).items
            self._items[source.name] = {item.name: item for item in listed}
        item = self._items[source.name].get(row["item"])
        if item is None:
            raise Fault("file_absent", "the source no longer holds the volume's item")
        return source, item


def algorithms_of(source: ResolvedSource, item: Item, producers: Iterable[str]) -> dict[str, str]:
    """How each producer drew: by hand, by a program, or "semiautomatic" where nobody says.

    A source may draw with several readers, and a region does not say which: if they differ, unstated.
    """
    readers = [a for a in source.declaration.annotations if a.concerns(item.columns)]
    by = {reader.by for reader in readers}
    drawn = {"expert": "manual", "model": "automatic"}.get(by.pop(), "") if len(by) == 1 else ""
    return {
        p: (drawn or "semiautomatic") if p.startswith("annotation:") else "automatic"
        for p in producers
    }


def stack_of_row(
    source: ResolvedSource, item: Item, row: Row, marked: Labelled
) -> tuple[Stack, Labelled]:
    """The DICOM slices of a volume, and its regions in their order.

    Raises Fault mask_geometry_differs where no stack of the item has the volume's grid.
    """
    frames: list[Frame] = []
    for path in sorted(confine(source.root, p) for p in item.files["image"]):
        frames += read_frames(path)
    fitting: list[tuple[Stack, Labelled]] = []
    for stack in stacks_of(frames):
        try:
            fitting.append((stack, marked.on_grid(stack.affine, stack.shape)))
        except Fault:
            continue
    numbered = [f for f in fitting if f[0].volume == number_of(row)]
    if not numbered:
        raise Fault("mask_geometry_differs", "no series of the item has the grid of the volume")
    return numbered[0]


def values_of_row(source: ResolvedSource, item: Item, row: Row) -> Whole:
    """The volume of a row as ingest saw it; `load` gives its values on the canonical grid.

    Raises Fault file_absent where the item holds no such volume any more.
    """
    found: list[Whole] = []

    def see(whole: Whole, structures: list[Structure]) -> Seen:
        if not found and volume_id(source.declaration, item, whole) == row["id"]:
            found.append(whole)
        return Seen(None, structures)

    bare = source.declaration.model_copy(update={"annotations": []})
    cut = Cut(max_slices=1, prefer="even", frames="all")
    for _ in read_item(item, bare, source.root, cut, see=see):
        if found:
            return found[0]
    raise Fault("file_absent", "the source's item no longer holds this volume")
