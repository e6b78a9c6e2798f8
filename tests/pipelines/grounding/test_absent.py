"""Weights that cannot be had are told before anything is read: presence by the plan, digests by the build."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.build import Order, build
from pipelines.engines.inline import InlineEngine
from pipelines.errors import UsageError
from pipelines.explain import explain_plan
from pipelines.grounding.choice import GroundingChoice
from pipelines.grounding.routes import resolve_grounding
from pipelines.grounding.sparing import spared
from pipelines.progress import Progress
from pipelines.recipe import Recipe
from tests.expert_models.experts.models.makers import bright_onnx, card_fields, sha256
from tests.pipelines.grounding.scene import Level

SOURCE = """
name: drawn
version: "1"
title: Drawn pictures
home: https://example.org/drawn
license: CC0-1.0
citation: none
folder: drawn
modality: ES
anatomy: colon
split_of_origin: none stated
known_issues: []
images:
  - {glob: "*.png"}
columns: {patient: "{name}"}
"""
ALONE = [{"expert": "mine"}]
WITH_SPARE = [{"expert": "mine", "fallback": "spare"}]


def recipe_at(folder: Path, routes: list[dict[str, Any]], **more: Any) -> Recipe:
    """A recipe with a model expert whose weights are there, and one picture."""
    from PIL import Image

    (folder / "drawn").mkdir()
    Image.new("RGB", (80, 70), (90, 20, 10)).save(folder / "drawn" / "a.png")
    (folder / "source.yaml").write_text(SOURCE)
    made = card_fields(bright_onnx(folder / "net.onnx")) | {"weights": "net.onnx"}
    (folder / "card.yaml").write_text(yaml.safe_dump(made | more, sort_keys=False))
    grounding = {"routes": routes, "experts": {"mine": {"card": "card.yaml"}}, "device": "cpu"}
    return Recipe.model_validate(
        {"name": "drawn", "sources": ["source.yaml"], "grounding": grounding}
    )


def started(recipe: Recipe, folder: Path) -> Any:
    out = folder / "out"
    order = Order(recipe, folder, out, folder)
    return build(order, InlineEngine(1), Progress(out, quiet=True))


def grounding_of(recipe: Recipe, folder: Path) -> Any:
    assert isinstance(recipe.grounding, GroundingChoice)
    return spared(resolve_grounding(recipe.grounding, folder))


def test_absent_weights_stop_plan_and_build_before_anything_is_read(tmp_path: Path) -> None:
    recipe = recipe_at(tmp_path, ALONE)
    (tmp_path / "net.onnx").unlink()
    for start in (
        lambda: explain_plan(recipe, tmp_path, tmp_path),
        lambda: started(recipe, tmp_path),
    ):
        with pytest.raises(UsageError) as told:
            start()
        for part in ("'mine'", str(tmp_path / "card.yaml"), "found no weights at", "expected",
                     str(tmp_path / "net.onnx"), "`fallback`"):  # fmt: skip
            assert part in str(told.value)
    assert not (tmp_path / "out").exists()


def test_other_weights_stop_the_build_before_anything_is_read(tmp_path: Path) -> None:
    recipe = recipe_at(tmp_path, ALONE)
    named = sha256(tmp_path / "net.onnx")
    found = sha256(bright_onnx(tmp_path / "net.onnx", gain=3))
    assert explain_plan(recipe, tmp_path, tmp_path)["routes"][0]["unavailable"] is None
    with pytest.raises(UsageError) as told:
        started(recipe, tmp_path)
    for part in ("'mine'", str(tmp_path / "net.onnx"), found, named, "get the weights"):
        assert part in str(told.value)
    assert not (tmp_path / "out").exists()


def test_a_fallback_stands_in_and_the_plan_says_so(register, tmp_path: Path) -> None:
    register(Level("spare"))
    recipe = recipe_at(tmp_path, WITH_SPARE)
    (tmp_path / "net.onnx").unlink()
    [row] = explain_plan(recipe, tmp_path, tmp_path)["routes"]
    assert "found no weights" in row["unavailable"]
    [route] = grounding_of(recipe, tmp_path).routes
    assert route.unavailable == "its weights are not there"


def test_nobody_stands_in_for_a_fallback(register, tmp_path: Path) -> None:
    register(Level("first"))
    recipe = recipe_at(tmp_path, [{"expert": "first", "fallback": "mine"}])
    (tmp_path / "net.onnx").unlink()
    with pytest.raises(UsageError, match=r"'mine'.*found no weights"):
        grounding_of(recipe, tmp_path)


def test_a_route_without_a_fallback_counts_though_another_has_one(register, tmp_path: Path) -> None:
    register(Level("spare"))
    recipe = recipe_at(tmp_path, WITH_SPARE + ALONE)
    bright_onnx(tmp_path / "net.onnx", gain=3)
    with pytest.raises(UsageError, match=r"'mine'.*sha256"):
        grounding_of(recipe, tmp_path)


def test_weights_on_the_hub_are_not_sought_by_the_plan(tmp_path: Path) -> None:
    recipe = recipe_at(tmp_path, ALONE, weights="someone/net", revision="0" * 40)
    assert explain_plan(recipe, tmp_path, tmp_path)["routes"][0]["unavailable"] is None


def test_digests_are_read_once_for_all_routes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from expert_models.experts.models import weights

    seen: list[Path] = []
    real = weights.digest_of
    monkeypatch.setattr(weights, "digest_of", lambda p, files: seen.append(p) or real(p, files))
    two = [ALONE[0] | {"when": {"sources": [name]}} for name in ("drawn", "other")]
    grounding_of(recipe_at(tmp_path, two), tmp_path)
    assert len(seen) == 1
