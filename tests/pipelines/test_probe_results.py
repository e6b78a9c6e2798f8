"""Results stay beside each other; models come from a recipe; terms bind a probe as they bind a build."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UsageError
from pipelines.probing.models import recipe_of, restricted
from pipelines.probing.results import read_results, save_section
from pipelines.probing.tables import judge_table, not_verified
from pipelines.probing.verifier import sources_of
from pipelines.recipe import Recipe
from pipelines.terms import check_terms
from quality.probe.judge_score import JudgeScore

MODELS = {
    "writer": {"backend": "transformers", "model": "w", "family": "qwen"},
    "judge": {
        "backend": "endpoint",
        "model": "j",
        "family": "glm",
        "url": "https://judge.example.org/v1",
        "reach": "public",
    },
}


def values(**more: Any) -> dict[str, Any]:
    plain = {
        "name": "tiny",
        "sources": ["busbra"],
        "generator": "model",
        "models": MODELS,
        "writing": {"model": "writer"},
        "verifying": {"model": "judge"},
    }
    return plain | more


def build_of(out: Path, recipe: dict[str, Any], sources: list[dict[str, Any]]) -> Path:
    """The books of a build, without the build."""
    (out / "run").mkdir(parents=True)
    dumped = Recipe.model_validate(recipe).model_dump(mode="json", exclude={"key", "data_root"})
    books = {"recipe": dumped, "sources": sources}
    (out / "run" / "build.json").write_text(json.dumps(books), "utf-8")
    return out


def test_one_section_is_renewed_and_the_others_stay(tmp_path: Path) -> None:
    save_section(tmp_path, "gates", [{"kind": "side flip"}], {"seed": 0})
    save_section(tmp_path, "judge", [{"kind": "wrong key"}], {"seed": 1})
    path = save_section(tmp_path, "gates", [{"kind": "mm to cm"}], {"seed": 2})
    assert path == tmp_path / "run" / "probe.json"
    found = read_results(tmp_path)
    assert (found["gates"], found["judge"]) == ([{"kind": "mm to cm"}], [{"kind": "wrong key"}])
    assert found["injections"] == []
    assert found["about"] == {"gates": {"seed": 2}, "judge": {"seed": 1}}


def test_a_folder_never_probed_is_empty(tmp_path: Path) -> None:
    assert read_results(tmp_path)["judge"] == []


def test_an_unknown_section_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown"):
        save_section(tmp_path, "judges", [], {})


def test_models_come_from_the_build(tmp_path: Path) -> None:
    out = build_of(tmp_path / "out", values(answers="../shared-answers"), [])
    found = recipe_of(out, None)
    assert found.verifying is not None
    assert found.verifying.model == "judge"
    assert found.answers is None  # a folder beside the recipe cannot be found from here


def test_without_a_verifier_there_is_nothing_to_probe(tmp_path: Path) -> None:
    plain = {"name": "tiny", "sources": ["busbra"]}
    with pytest.raises(UsageError, match="no verifier"):
        recipe_of(build_of(tmp_path / "out", plain, []), None)
    with pytest.raises(UsageError, match="give OUT"):
        recipe_of(None, None)
    with pytest.raises(UsageError, match="not the folder of a build"):
        recipe_of(tmp_path / "nothing", None)


def test_only_the_models_that_are_asked_are_opened() -> None:
    recipe = Recipe.model_validate(values())
    assert list(restricted(recipe, ["judge"]).models) == ["judge"]


@pytest.mark.parametrize(
    ("endpoints", "refused"), [("public", False), ("local", True), (None, True)]
)
def test_terms_of_the_corpus_bind_the_verifier(
    tmp_path: Path, endpoints: str | None, refused: bool
) -> None:
    out = build_of(tmp_path / "out", values(), [{"name": "mine", "endpoints": endpoints}])
    models = restricted(recipe_of(out, None), ["judge"]).models
    if refused:
        with pytest.raises(UsageError, match="source mine"):
            check_terms(models, sources_of(out, tmp_path))
    else:
        check_terms(models, sources_of(out, tmp_path))


def test_terms_are_those_of_the_declaration_where_the_books_are_silent(tmp_path: Path) -> None:
    out = build_of(tmp_path / "out", values(), [{"name": "busbra"}])
    assert [s.name for s in sources_of(out, tmp_path)] == ["busbra"]
    lost = values(sources=[{"use": "elsewhere/mine.yaml"}])
    out = build_of(tmp_path / "lost", lost, [{"name": "mine"}])
    with pytest.raises(UsageError, match="neither a shipped declaration"):
        sources_of(out, tmp_path)


@pytest.mark.parametrize(
    ("planted", "caught", "refused", "status"),
    [
        (40, 40, 0, "verified"),
        (40, 30, 0, "not verified"),
        (20, 20, 0, "too few"),
        (20, 1, 0, "not verified"),  # few, yet enough to know that it is below
        (40, 40, 40, "as clean rows"),
        (0, 0, 0, None),
    ],
)
def test_the_table_says_why_a_kind_is_not_verified(
    planted: int, caught: int, refused: int, status: str | None
) -> None:
    counts = [{"gates": 0, "verifier": n, "both": n} for n in (caught, refused)]
    score = JudgeScore("side flip", planted, planted, caught=counts[0], refused=counts[1])
    _, rows = judge_table([score], 0.9)
    assert rows[0][-1] == status
    assert bool(not_verified([score], 0.9)) is (status not in ("verified", None))
