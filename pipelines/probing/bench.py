"""The injection bench: phantoms with planted orders, read as any source is."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipelines.catalogue import ResolvedSource, resolve
from pipelines.engines.worker import quiet_readers
from pipelines.phases.views import Showing, views
from pipelines.plan import curate_task, ingest_task, plan_shards
from pipelines.probing.carriers import CARRIERS, SOURCES, Book, write_carriers
from pipelines.recipe import Recipe, SourceChoice
from pipelines.run_task import run_task
from pipelines.task import Need, Step, Task
from quality.probe.injections import Injection, Planted
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
    """Draw the carriers below `folder` and read them as a build does, up to the facts; no model is asked.

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
    sources = resolve(recipe, recipe_folder=declared, data_root=folder / "sources")
    out = folder / "out"
    shards = _grounded(recipe, sources, out)
    return Bench(out, shards, dict(_named(sources, book)))


def _grounded(recipe: Recipe, sources: list[ResolvedSource], out: Path) -> tuple[str, ...]:
    """Run ingest, curate and ground in this process; the shards in corpus order."""
    quiet_readers()
    shards = list(plan_shards(recipe, sources))
    for task in (*(ingest_task(recipe, out, s) for s in shards), curate_task(recipe, out, shards)):
        run_task(task)
    for name in (shard.name for shard in shards):
        needs = (Need("ingest", name, "images"), Need("curate", "all", name))
        run_task(Task(str(out), name, (Step("ground", {}, needs),)))
    return tuple(shard.name for shard in shards)


def _named(
    sources: Iterable[ResolvedSource], book: Book
) -> Iterator[tuple[tuple[str, str], Planted | None]]:
    """What each item carries, by the name that listing gives it."""
    for source in sources:
        for item in list_items(source.declaration, source.root).items:
            yield (source.name, item.name), book[source.name, item.files["image"][0]]
