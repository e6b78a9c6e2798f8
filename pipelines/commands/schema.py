"""medgrain schema."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table


class Name(StrEnum):
    """What has a schema."""

    recipe = "recipe"
    source = "source"
    images = "images"
    triplets = "triplets"
    vqa = "vqa"
    conversations = "conversations"
    volumes = "volumes"
    reasons = "reasons"
    facts = "facts"


CONFIG_NAMES = ("images", "triplets", "vqa", "conversations", "volumes")


def schema(
    name: Annotated[Name, typer.Argument(help="What to print.")],
    json: JsonFlag = False,
) -> None:
    """Print a schema: of a recipe or declaration (JSON Schema), of a released config, or a code list.

    Example: medgrain schema triplets
    """
    if name in (Name.recipe, Name.source):
        print_json(_model(name).model_json_schema())
        return
    rows = _rows(name)
    if json:
        print_json([list(row) for row in rows])
    else:
        print_table(["name", "type" if name.value in CONFIG_NAMES else "meaning"], rows)


def _model(name: Name) -> Any:
    if name is Name.recipe:
        from pipelines.recipe import Recipe

        return Recipe
    from schemas.declaration import Declaration

    return Declaration


def _rows(name: Name) -> list[tuple[str, str]]:
    if name is Name.reasons:
        from schemas.reasons import REASONS

        return list(REASONS.items())
    if name is Name.facts:
        from schemas.fact import KINDS

        return list(KINDS.items())
    from schemas.corpus import CONFIGS

    return [
        (field.name, f"{field.type}" + ("" if field.nullable else ", never null"))
        for field in CONFIGS[name.value]
    ]
