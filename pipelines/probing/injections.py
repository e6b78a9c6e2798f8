"""The injection bench run with a recipe's models."""

from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.models.doors import Doors
from pipelines.models.options import showing
from pipelines.phases.views import Showing
from pipelines.probing.bench import Exposed, build_bench
from pipelines.probing.carriers import CARRIERS
from pipelines.probing.inject import Exposure, Verifier, Writer, expose, planned, trials
from pipelines.probing.models import ask_models
from pipelines.recipe import Recipe
from quality.probe.injection_score import Trial
from quality.probe.injections import injections


def probe_injections(out: Path | None, recipe: Recipe, folder: Path) -> list[Trial]:
    """Put planted orders before the recipe's writer and verifier, on phantoms that are nobody's data.

    out: whose store of answers is used; None: none is kept. folder: that of the recipe.
    """
    seen = Showing(**showing(recipe) | {"several": 0})

    async def work(doors: Doors, shown: Exposed) -> Exposure:
        writing, verifying = recipe.writing, recipe.verifying
        writer = Writer(doors.ask(writing.model), writing) if writing else None
        verifier = Verifier(doors.ask(verifying.model), verifying) if verifying else None
        return await expose(shown, writer, verifier)

    with TemporaryDirectory() as scratch:
        bench = build_bench(Path(scratch) / "bench", injections(), CARRIERS)
        made = ask_models(
            recipe, out or Path(scratch) / "asked", folder, list(bench.exposed(seen)), work
        )
    return trials(made, planned(injections(), CARRIERS))
