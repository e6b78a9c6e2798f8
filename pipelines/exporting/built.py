"""The recipe a corpus was built by."""

import json
from pathlib import Path

from pydantic import ValidationError

from pipelines.errors import UsageError
from pipelines.recipe import Recipe


def built_by(out: Path) -> Recipe:
    """The recipe in OUT/run/build.json. Raises UsageError where there is none, or an old one."""
    try:
        books = json.loads((out / "run" / "build.json").read_text("utf-8"))
        return Recipe.model_validate(books["recipe"] | {"answers": None})
    except FileNotFoundError:
        raise UsageError(f"{str(out)!r} is not the folder of a build: no run/build.json") from None
    except ValidationError:
        raise UsageError(
            "the recipe in run/build.json is of another version; give --recipe FILE"
        ) from None
