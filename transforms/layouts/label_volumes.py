"""NIfTI volumes with label volumes or one file a structure."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from schemas.declaration import Declaration
from schemas.declaration import annotations as readers
from schemas.reject import Fault
from transforms.formats.nifti import read_nifti
from transforms.formats.structures import Structure
from transforms.formats.volume import Cut, LabelVolume, See, Seen, Whole
from transforms.layouts.item import Item, annotation_role
from transforms.layouts.meaning import value_of
from transforms.layouts.paths import confine, labelled_stem
from transforms.picture import Picture


def nifti_pictures(
    item: Item, declaration: Declaration, root: Path, cut: Cut, see: See | None = None
) -> Iterator[Picture | Fault]:
    """Slices of one volume with what its label files mark, and the faults of those files."""
    try:
        path = confine(root, item.files["image"][0])
        says = declaration.modality
        modality = None if says.rule else value_of(says, item.columns, "modality")
    except Fault as fault:
        yield fault
        return
    labels, faults = label_files(item, declaration, root)
    yield from faults
    exhaustive = {
        w for a in declaration.annotations if a.concerns(item.columns) for w in a.exhaustive()
    }
    if see is not None:
        see = trusting(see, exhaustive)
    for one in read_nifti(path, cut=cut, labels=labels, modality=modality, see=see):
        if isinstance(one, Picture):
            one.complete = [w for w in one.complete if w in exhaustive]
        yield one


def trusting(see: See, exhaustive: set[str]) -> See:
    """`see` told only of those complete labels that the source says it annotates exhaustively."""

    def told(whole: Whole, structures: list[Structure]) -> Seen:
        complete = tuple(w for w in whole.complete if w in exhaustive)
        return see(replace(whole, complete=complete), structures)

    return told


def label_files(
    item: Item, declaration: Declaration, root: Path
) -> tuple[LabelVolume | None, list[Fault]]:
    """The label files of an item as the format readers take them; a fault for each that is missing."""
    volume: tuple[Path, dict[int, str]] | None = None
    structures: list[tuple[str, Path]] = []
    faults: list[Fault] = []
    components = False
    for number, reader in enumerate(declaration.annotations):
        volumes = readers.LabelVolume | readers.StructureVolumes
        if not isinstance(reader, volumes) or not reader.concerns(item.columns):
            continue
        paths = [p for p in item.files.get(annotation_role(number), []) if (root / p).is_file()]
        if not paths:
            faults += [] if reader.optional else [_absent(reader)]
        elif isinstance(reader, readers.StructureVolumes):
            named = [(labelled_stem(reader.pattern, p), confine(root, p)) for p in paths]
            structures += [(label, path) for label, path in named if label]
        elif volume is not None:
            faults.append(
                Fault("annotation_malformed", "a second label volume of one item", "region")
            )
        else:
            volume = confine(root, paths[0]), dict(reader.values)
        components |= bool(paths) and reader.components
    if volume is None and not structures:
        return None, faults
    path, names = volume or (None, {})
    return LabelVolume(path, names, files=tuple(structures), components=components), faults


def _absent(reader: readers.Annotations) -> Fault:
    detail = f"reader {reader.reader}: no label file of this volume"  # type: ignore[attr-defined]
    return Fault("annotation_absent", detail, "region")
