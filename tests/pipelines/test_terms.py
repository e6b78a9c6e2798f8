"""Terms bind endpoints: default deny, checked for every source and model before anything is sent."""

from dataclasses import replace
from pathlib import Path

import pytest

from expert_models.llm.choice import ModelChoice
from pipelines.catalogue import ResolvedSource
from pipelines.errors import UsageError
from pipelines.recipe import CutChoice
from pipelines.terms import check_terms
from schemas.declaration import load_declaration

BUSBRA = Path(__file__).resolve().parents[2] / "pipelines" / "sources" / "busbra.yaml"


def source(endpoints: str | None) -> ResolvedSource:
    declaration = load_declaration(BUSBRA).model_copy(update={"endpoints": endpoints})
    return ResolvedSource(declaration, Path(), CutChoice(), None)


def model(reach: str, **more: str) -> ModelChoice:
    values = {"backend": "endpoint", "url": "https://192.0.2.1/v1", "model": "m", "family": "f"}
    return ModelChoice.model_validate(values | {"reach": reach} | more)


LOCAL = model("local", url="http://127.0.0.1:9/v1")


@pytest.mark.parametrize(
    ("terms", "allowed"),
    [
        (None, []),
        ("local", ["local"]),
        ("contracted", ["local", "contracted"]),
        ("public", ["local", "contracted", "public"]),
    ],
)
def test_data_reach_what_their_terms_allow_and_nothing_wider(
    terms: str | None, allowed: list[str]
) -> None:
    models = {"local": LOCAL, "contracted": model("contracted"), "public": model("public")}
    passed = [name for name, choice in models.items() if reaches(terms, name, choice)]
    assert passed == allowed


def reaches(terms: str | None, name: str, choice: ModelChoice) -> bool:
    """Whether the check lets a source of these terms through to one model."""
    try:
        check_terms({name: choice}, [source(terms)])
    except UsageError:
        return False
    return True


def test_a_false_local_is_found_out() -> None:
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):
        check_terms({"writer": model("local")}, [source("local")])


def test_a_model_in_our_own_process_is_local_whatever_the_recipe_says() -> None:
    own = ModelChoice(backend="vllm", model="m", family="f", reach="public")
    check_terms({"writer": own}, [source("local")])
    with pytest.raises(UsageError, match="no endpoint"):
        check_terms({"writer": own}, [source(None)])


def test_every_fault_is_named_at_once() -> None:
    deaf = source(None)
    narrow = replace(deaf, declaration=deaf.declaration.model_copy(
        update={"name": "other", "endpoints": "local"}
    ))  # fmt: skip
    with pytest.raises(UsageError) as found:
        check_terms({"judge": model("public")}, [deaf, narrow])
    assert "2 fault(s)" in str(found.value)
    assert "nothing was sent" in str(found.value)
    assert "source busbra" in str(found.value)
    assert "source other" in str(found.value)
