"""Declarations by name or path, and the folders they speak of."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.recipe import CutChoice, Recipe, SourceChoice
from schemas.declaration import Declaration, DeclarationError, load_declaration


@dataclass(frozen=True)
class ResolvedSource:
    """A source of a recipe: its declaration, its folder on this machine, its place in the corpus."""

    declaration: Declaration
    root: Path
    cut: CutChoice
    limit: int | None

    @property
    def name(self) -> str:
        return self.declaration.name


def shipped() -> dict[str, Path]:
    """The declarations that come with medgrain, by name."""
    folder = Path(str(files("pipelines") / "sources"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find_declaration(use: str, beside: Path | None = None) -> Path:
    """The file of a declaration: a shipped name, or a path (relative paths: beside the recipe)."""
    if use in shipped():
        return shipped()[use]
    path = Path(use)
    if not path.is_absolute() and beside is not None:
        path = beside / path
    if not path.is_file():
        raise UsageError(
            f"source {use!r}: neither a shipped declaration nor a file; see `medgrain sources list`"
        )
    return path


def resolve(recipe: Recipe, *, recipe_folder: Path, data_root: Path | None) -> list[ResolvedSource]:
    """Every source of the recipe with its folder. Raises UsageError that names every fault."""
    resolved, faults = [], []
    for choice in recipe.sources:
        try:
            resolved.append(_resolve_one(recipe, choice, recipe_folder, data_root))
        except (UsageError, DeclarationError) as error:
            faults.append(str(error))
    names = [source.name for source in resolved]
    faults += [
        f"source {n!r} is listed twice" for n in sorted({n for n in names if names.count(n) > 1})
    ]
    if faults:
        raise UsageError(f"recipe {recipe.name}: {len(faults)} fault(s)\n" + "\n".join(faults))
    return resolved


def _resolve_one(
    recipe: Recipe, choice: SourceChoice, recipe_folder: Path, data_root: Path | None
) -> ResolvedSource:
    declaration = load_declaration(find_declaration(choice.use, recipe_folder))
    root = _root(recipe, choice, declaration, recipe_folder, data_root)
    if not root.is_dir():
        raise UsageError(
            f"source {declaration.name}: no folder {str(root)!r}; give --data-root, "
            "or `data_root` or the source's `root` in the recipe"
        )
    return ResolvedSource(
        declaration, root.resolve(), _merged(recipe.cut, choice.cut), choice.limit
    )


def _root(
    recipe: Recipe,
    choice: SourceChoice,
    declaration: Declaration,
    recipe_folder: Path,
    data_root: Path | None,
) -> Path:
    if choice.root is not None:
        return _package_folder(choice.root) or recipe_folder / choice.root
    if data_root is None and recipe.data_root is not None:
        data_root = recipe_folder / recipe.data_root
    if data_root is None:
        raise UsageError(f"source {declaration.name}: no data root; give --data-root")
    return data_root / declaration.folder


def _package_folder(root: str) -> Path | None:
    """`package:pydicom/data` is a folder inside an installed package."""
    if not root.startswith("package:"):
        return None
    package, _, inside = root.removeprefix("package:").partition("/")
    try:
        return Path(str(files(package))) / inside
    except ModuleNotFoundError:
        raise UsageError(f"root {root!r}: package {package!r} is not installed") from None


def _merged(general: CutChoice, own: CutChoice) -> CutChoice:
    return general.model_copy(update=own.model_dump(exclude_none=True))
