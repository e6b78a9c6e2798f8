"""The demo as an order to build: phantoms drawn on the spot, samples where installed packages keep them."""

from importlib.resources import files
from pathlib import Path

from pipelines.build import Order
from pipelines.demo.phantoms import write_phantoms
from pipelines.recipe import load_recipe


def demo_order(out: Path) -> Order:
    """Draw the phantoms into OUT/phantoms and order the shipped recipe over them."""
    write_phantoms(out / "phantoms")
    recipes = Path(str(files("pipelines") / "recipes"))
    return Order(load_recipe(recipes / "demo.yaml"), recipes, out, out / "phantoms")
