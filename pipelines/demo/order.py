"""The demo as an order to build: phantoms drawn on the spot, samples where installed packages keep them."""

from importlib.resources import files
from pathlib import Path

from pipelines.build import Order
from pipelines.demo.phantoms import write_phantoms
from pipelines.recipe import Recipe, load_recipe

SLIDE = "phantom-slide"


def demo_order(out: Path) -> Order:
    """Draw the phantoms into OUT/phantoms and order the shipped recipe over them.

    Where OpenSlide is not installed the order goes without the slide.
    """
    write_phantoms(out / "phantoms")
    recipes = Path(str(files("pipelines") / "recipes"))
    recipe = load_recipe(recipes / "demo.yaml")
    if not slides_readable():
        recipe = without(recipe, SLIDE)
    return Order(recipe, recipes, out, out / "phantoms")


def slides_readable() -> bool:
    """Is OpenSlide here, package and library?"""
    try:
        import openslide  # noqa: F401
    except (ImportError, OSError):
        return False
    return True


def without(recipe: Recipe, source: str) -> Recipe:
    """The recipe without the source whose declaration is a file of this name."""
    kept = [choice for choice in recipe.sources if Path(choice.use).stem != source]
    return recipe.model_copy(update={"sources": kept})
