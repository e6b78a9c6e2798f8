"""The injection bench: phantoms with planted orders, taken through ingest, curate and ground as any source is."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipelines.build import Order, build
from pipelines.catalogue import find_declaration
from pipelines.engines.inline import InlineEngine
from pipelines.phases.views import Showing, views
from pipelines.probing.carriers import CARRIERS, SOURCES, Book, write_carriers
from pipelines.progress import Progress
from pipelines.recipe import Recipe, SourceChoice
from pipelines.task import Task
from quality.probe.injections import Injection, Planted
from schemas.declaration import load_declaration
from transforms.layouts.listing import list_items
from transforms.showing.view import View


@dataclass(frozen=True)
class Exposed:
    """One item of the bench as models see it. planted: None for the film that carries no order."""

    planted: Planted | None
    view: View
    png: bytes


@dataclass(frozen=True)
class Bench:
    """A built corpus of carriers. planted: what each (source, item) carries."""

    out: Path
    shards: tuple[str, ...]
    planted: dict[tuple[str, str], Planted | None]

    def exposed(self, showing: Showing) -> Iterator[Exposed]:
        """Every item that came through, the control first, then in order of source and item."""
        for shard in self.shards:
            for view, png in views(Task(str(self.out), shard, ()), lambda sheet: [], showing):
                image = view.sheet.image
                yield Exposed(self.planted[image.source, image.item], view, png)


def build_bench(
    folder: Path, strings: Iterable[Injection], carriers: Collection[str] = CARRIERS
) -> Bench:
    """Draw the carriers below `folder` and build them with the facts generator; no model is asked.

    Raises ValueError on an unknown carrier.
    """
    book = write_carriers(folder / "sources", strings, carriers)
    declared = Path(str(files("pipelines.probing") / "sources"))
    filled = [name for name in SOURCES if any(source == name for source, _ in book)]
    recipe = Recipe(
        name="injections",
        sources=[SourceChoice(use=f"{name}.yaml") for name in filled],
        key="medgrain-probe",
    )
    out = folder / "out"
    order = Order(recipe, declared, out, folder / "sources")
    build(order, InlineEngine(1), Progress(out, quiet=True))
    names = dict(_named(folder / "sources", declared, filled, book))
    return Bench(out, tuple(_shards(out)), names)


def _shards(out: Path) -> list[str]:
    """Shards in corpus order."""
    import json

    names: list[str] = json.loads((out / "run" / "build.json").read_text("utf-8"))["shards"]
    return names


def _named(
    root: Path, declared: Path, sources: Iterable[str], book: Book
) -> Iterator[tuple[tuple[str, str], Planted | None]]:
    """What each item carries, by the name that listing gives it."""
    for source in sources:
        declaration = load_declaration(find_declaration(f"{source}.yaml", declared))
        for item in list_items(declaration, root / source).items:
            yield (source, item.name), book[source, item.files["image"][0]]
