"""Every passage of a declared source: find its files, read each, keep going past bad ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

from schemas.reject import Fault
from transforms.knowledge.cnxml import read_cnxml
from transforms.knowledge.declaration import PassageSource
from transforms.knowledge.entry import Entry
from transforms.knowledge.jats import read_jats
from transforms.knowledge.jsonl import read_jsonl
from transforms.knowledge.medquad import read_medquad
from transforms.knowledge.ontology import read_obo, read_obographs

SHIPPED = Path(__file__).parent
READERS: dict[str, Callable[[Path, PassageSource], Iterator[Entry | Fault]]] = {
    "medquad": read_medquad,
    "cnxml": read_cnxml,
    "obo": read_obo,
    "obographs": read_obographs,
    "jats": read_jats,
    "jsonl": read_jsonl,
}


def files_of(source: PassageSource, root: Path) -> list[Path]:
    """The source's files, in the order of its globs and sorted inside each; no file twice."""
    base = SHIPPED if source.root == "shipped" else root
    inside = base.resolve()
    found: dict[Path, None] = {}
    for pattern in source.paths:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise Fault("path_outside_root", f"{source.name}: a path may not lead out of the root")
        for path in sorted(base.glob(pattern)):
            if path.is_file() and path.resolve().is_relative_to(inside):
                found.setdefault(path)
    return list(found)


def read_passages(source: PassageSource, root: Path) -> Iterator[tuple[str, Entry | Fault]]:
    """(file name, passage or fault), in file order. One bad file or row never stops the rest.

    A source of which no file is there gives one Fault, `file_absent`.
    """
    files = files_of(source, root)
    if not files:
        yield source.name, Fault("file_absent", "no file matches the declared paths")
    for path in files:
        try:
            for one in READERS[source.format](path, source):
                yield path.name, one
        except Fault as fault:
            yield path.name, fault
        except OSError as error:
            yield path.name, Fault("undecodable", f"cannot be read: {type(error).__name__}")
