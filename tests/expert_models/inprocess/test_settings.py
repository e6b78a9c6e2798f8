import pytest
from pydantic import ValidationError

from expert_models.llm.inprocess import load
from expert_models.llm.inprocess.transformers_engine import TransformersEngine
from expert_models.llm.inprocess.vllm_engine import VllmEngine


@pytest.mark.parametrize("backend", ["transformers", "vllm"])
@pytest.mark.parametrize("name", ["trust_remote_code", "revision", "allowed_local_media_path"])
def test_a_recipe_cannot_undo_a_promise(chosen, backend: str, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        load.engine_of(chosen("m", backend=backend, engine={name: True}))


def test_a_misspelt_setting_is_no_setting(chosen) -> None:
    with pytest.raises(ValidationError, match="batchsize"):
        load.engine_of(chosen("m", engine={"batchsize": 4}))


def test_the_recipe_names_the_engine(chosen) -> None:
    assert isinstance(load.engine_of(chosen("m")), TransformersEngine)
    engine = load.engine_of(chosen("org/m", backend="vllm", revision="abc", engine={"wave": 9}))
    assert isinstance(engine, VllmEngine)
    assert (engine.card.model, engine.card.revision) == ("org/m", "abc")


def test_an_endpoint_is_not_loaded_here(chosen) -> None:
    served = chosen("m", backend="endpoint", url="http://127.0.0.1:1/v1")
    with pytest.raises(ValueError, match="endpoint"):
        load.engine_of(served)


def test_a_missing_package_is_named(chosen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="vllm"):
        load.load_engine(chosen("m", backend="vllm"))
