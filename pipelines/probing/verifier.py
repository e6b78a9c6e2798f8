"""The planted-error probe of a recipe's verifier, on a released corpus or on drawn images."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.catalogue import ResolvedSource, find_declaration
from pipelines.errors import UsageError
from pipelines.models.doors import Doors
from pipelines.models.options import showing
from pipelines.phases.views import Showing, view_of
from pipelines.probing.models import ask_models, restricted
from pipelines.recipe import CutChoice, Recipe
from pipelines.terms import check_terms
from quality.probe.corpus import sheets_of
from quality.probe.exhibit import Exhibit, Show
from quality.probe.judge import Ballot, JudgeProbe, Verifier, sit
from quality.probe.judge_score import JudgeScore, Opinion
from quality.probe.material import drawn_items
from quality.probe.pictures import Pictures, drawn_pictures, released_pictures
from quality.probe.run import DRAWN
from quality.rubric.choice import VerifyingChoice
from schemas.declaration import Declaration, load_declaration
from transforms.showing.view import View


def probe_verifier(
    out: Path | None, recipe: Recipe, folder: Path, *, seed: int, per_kind: int
) -> list[JudgeScore]:
    """Plant errors in the rows of OUT and put them before gates and the recipe's verifier.

    folder: that of the recipe. None for `out`: drawn images, which are nobody's data. Raises UsageError
    where the terms of a source of OUT forbid the verifier, before anything is sent, and
    FileNotFoundError where OUT holds no released triplets.
    """
    if recipe.verifying is None:
        raise UsageError("the recipe has no section `verifying`, so there is no verifier to probe")
    with TemporaryDirectory() as scratch:
        if out is None:
            items, pictures = drawn_items(DRAWN, seed), drawn_pictures(DRAWN, seed)
        else:
            items, pictures = sheets_of(out, seed=seed), released_pictures(out)
        probe = JudgeProbe(items, seed=seed, per_kind=per_kind)
        judging = restricted(recipe, [recipe.verifying.model])
        if out is not None:
            check_terms(judging.models, sources_of(out, folder))
        show = shower(pictures, Showing(**showing(recipe)))
        work = _judging(recipe.verifying, show)
        told = ask_models(judging, out or Path(scratch), folder, probe.sittings, work)
    return probe.scores({key: opinion for part in told for key, opinion in part.items()})


def _judging(
    choice: VerifyingChoice, show: Show
) -> Callable[[Doors, list[Ballot]], Awaitable[dict[str, Opinion]]]:
    async def work(doors: Doors, sitting: list[Ballot]) -> dict[str, Opinion]:
        return await sit(sitting, Verifier(doors.ask(choice.model), choice, show))

    return work


def shower(pictures: Pictures, showing: Showing) -> Show:
    """Views as a build shows them. A picture that belongs to another sheet is stretched to its size."""

    def show(exhibit: Exhibit) -> View:
        image = exhibit.sheet.image
        png = pictures(exhibit.picture)
        if exhibit.picture != image.id:
            png = _stretched(png, image.width, image.height)
        return view_of(exhibit.sheet, exhibit.passages, png, showing)

    return show


def _stretched(png: bytes, width: int, height: int) -> bytes:
    import io

    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        if picture.size == (width, height):
            return png
        out = io.BytesIO()
        picture.resize((width, height), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def sources_of(out: Path, folder: Path) -> list[ResolvedSource]:
    """The sources of a build with their terms, for `check_terms`.

    As run/build.json tells them, else by the declarations that its recipe names. Raises UsageError
    where a declaration cannot be found: data of unknown terms reaches no model.
    """
    books = json.loads((out / "run" / "build.json").read_text("utf-8"))
    if all("endpoints" in source for source in books["sources"]):
        known = [{key: source[key] for key in ("name", "endpoints")} for source in books["sources"]]
        told = [Declaration.model_construct(**values) for values in known]
    else:
        uses = [source["use"] for source in books["recipe"]["sources"]]
        told = [load_declaration(find_declaration(use, folder)) for use in uses]
    return [ResolvedSource(declaration, out, CutChoice(), None) for declaration in told]
