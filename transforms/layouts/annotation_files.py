"""Which files an annotation reader needs for one item; files that should be there but are not, too."""

from schemas.declaration.annotations import (
    Annotations,
    Crops,
    GeoJson,
    LabelVolume,
    Mask,
    Masks,
    SlideXml,
    StructureVolumes,
    Voc,
    Yolo,
)
from schemas.declaration.value import fill
from transforms.layouts.paths import Tree, confine, fill_glob


def files_of(
    reader: Annotations, columns: dict[str, str], rows: list[dict[str, str]], tree: Tree
) -> list[str]:
    """Paths below the source folder, sorted for globs, in row order for crops. Raises Fault outside."""
    if isinstance(reader, Mask | Voc | Yolo | GeoJson | LabelVolume | SlideXml):
        paths = [path] if (path := fill(reader.file, columns)) else []
    elif isinstance(reader, Masks | StructureVolumes):
        pattern = fill_glob(reader.files, columns)
        paths = tree.find([pattern]) if pattern else []
    elif isinstance(reader, Crops):
        paths = list(dict.fromkeys(p for row in rows if (p := fill(reader.file, row))))
    else:
        paths = []
    for path in paths:
        confine(tree.root, path)
    return paths
