"""What RayBulk does around Ray; with Ray and vLLM it is tested in test_vllm.py."""

import pytest

from expert_models.llm.choice import ModelChoice
from pipelines.engines.bulk_ray import RayBulk


def made(**engine) -> RayBulk:
    return RayBulk(ModelChoice(backend="vllm", model="org/m", family="tiny", engine=engine))


def test_a_cluster_without_room_is_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"needs 4 GPUs.*has 2"):
        made(tensor_parallel_size=4)._check_room(gpus=2)
    made(tensor_parallel_size=4)._check_room(gpus=4)
    made(placement={"bundles": [{"CPU": 1}]})._check_room(gpus=0)  # the recipe knows better


def test_a_recipe_cannot_undo_a_promise() -> None:
    with pytest.raises(ValueError, match="trust_remote_code"):
        made(trust_remote_code=True)


def test_the_card_names_both_libraries() -> None:
    pytest.importorskip("ray")
    card = made().card
    assert card.backend == "vllm on ray"
    assert card.library.startswith("ray ")
