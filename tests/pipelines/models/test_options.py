"""What changes words is in a step's options and so in its key; where a model is served is not."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.models.options import Where, describing, generator_of, judging
from pipelines.recipe import Recipe


def recipe(**changes: dict) -> Recipe:
    """A recipe with a writer and a judge; changes go into the section of that name."""
    writer = {"backend": "endpoint", "url": "http://127.0.0.1:1/v1", "model": "w", "family": "qwen"}
    judge = {"backend": "endpoint", "url": "http://127.0.0.1:2/v1", "model": "j", "family": "glm"}
    values = {
        "name": "r",
        "sources": ["busbra"],
        "generator": "model",
        "models": {
            "writer": writer | changes.get("writer", {}),
            "judge": judge | changes.get("judge", {}),
        },
        "writing": {"model": "writer"} | changes.get("writing", {}),
        "verifying": {"model": "judge"} | changes.get("verifying", {}),
    }
    return Recipe.model_validate(values)


@pytest.mark.parametrize(
    "changes",
    [
        {"writer": {"url": "http://127.0.0.1:9/v1"}},
        {"writer": {"limits": {"concurrency": 3}}},
        {"writer": {"price": {"per_million_prompt": 2.0}}},
        {"judge": {"reach": "local"}},
        {"judge": {"key_env": "OTHER_KEY"}},
    ],
)
def test_where_a_model_is_served_changes_no_key(changes: dict) -> None:
    assert describing(recipe(**changes)) == describing(recipe())
    assert judging(recipe(**changes)) == judging(recipe())


@pytest.mark.parametrize(
    "changes",
    [
        {"writer": {"model": "w2"}},
        {"writer": {"revision": "2"}},
        {"writer": {"image_side": 512}},
        {"writing": {"rewrites": 0}},
        {"judge": {"revision": "2"}},
        {"verifying": {"threshold": 0.5}},
    ],
)
def test_what_changes_words_changes_the_key(changes: dict) -> None:
    assert describing(recipe(**changes)) != describing(recipe())


def test_a_prompt_of_ones_own_changes_the_key_and_the_provenance(tmp_path: Path) -> None:
    (tmp_path / "describe.j2").write_text("{#- version: 1 -#}\none", "utf-8")
    mine = recipe(writing={"prompts": str(tmp_path)})
    before = describing(mine), generator_of(mine)["prompt_sha256"]
    assert before[1] != generator_of(recipe())["prompt_sha256"]
    (tmp_path / "describe.j2").write_text("{#- version: 1 -#}\ntwo", "utf-8")
    assert describing(mine) != before[0]
    assert generator_of(mine)["prompt_sha256"] != before[1]


def test_where_holds_addresses_and_facts_alone_hold_none(tmp_path: Path) -> None:
    where = Where(tmp_path, 2)
    assert where.of(recipe())["models"]["writer"]["url"] == "http://127.0.0.1:1/v1"
    assert where.of(Recipe(name="r", sources=[{"use": "busbra"}])) == {}


def test_a_judge_of_the_writers_family_needs_to_be_wanted() -> None:
    with pytest.raises(ValidationError, match="both of family 'qwen'"):
        recipe(judge={"family": "Qwen"})
    recipe(judge={"family": "Qwen"}, verifying={"same_family": True})


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ({"writing": {"model": "absent"}}, "no entry of `models` is called absent"),
        (
            {"verifying": {"model": "writer", "same_family": True}},
            "`models` has judge, which nothing",
        ),
    ],
)
def test_names_of_models_must_fit(section: dict, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        recipe(**section)


def test_a_model_that_writes_needs_its_section() -> None:
    with pytest.raises(ValidationError, match="give both or none"):
        Recipe.model_validate({"name": "r", "sources": ["busbra"], "generator": "model"})
