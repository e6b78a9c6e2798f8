"""In-process models on a Ray cluster: ray.data.llm starts vLLM replicas and spreads the requests over them."""

import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from typing import Any

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.base import EngineCard, refused
from expert_models.llm.inprocess.chat import reject_unseen_pictures, template_of
from expert_models.llm.inprocess.control_tokens import Harmless, control_tokens
from expert_models.llm.inprocess.settings import checked
from expert_models.llm.inprocess.vllm_engine import vllm_version
from expert_models.llm.inprocess.vllm_terms import HELD, vllm_messages, vllm_sampling
from schemas.exchange import Answer, Failure, Message, Request, SentImage

OBJECT_STORE_BYTES = 1024**3  # pictures travel here: each sent copy once, and data URIs on their way
ROWS_PER_BLOCK = 64
ERROR = "__inference_error__"  # ray.data.llm's column; a row that failed holds its message


class RayBulk:
    """A BulkEngine over ray.data.llm's vLLM processor (RAY_ADDRESS, or this machine).

    `engine` of the recipe holds keyword arguments of vLLM, and of ours: `replicas`, `batch_size`,
    `chat_template`, `chat_template_kwargs`, `placement` (a Ray placement group config, such as
    {bundles: [{CPU: 1}]} where there is no GPU). Each `answer` starts the replicas and ends them, so one
    call with many requests is cheap and many calls with few are not.
    """

    def __init__(self, choice: ModelChoice) -> None:
        given = checked(choice.engine)
        self._choice = choice
        self._replicas = int(given.pop("replicas", 1))
        self._batch_size = int(given.pop("batch_size", 32))
        self._placement = given.pop("placement", None)
        self._template = template_of(given.pop("chat_template", None))
        self._options: dict[str, Any] = given.pop("chat_template_kwargs", {})
        self._structured = choice.structured != "none"
        if self._structured:
            given.setdefault("structured_outputs_config", HELD)
        self._given = given
        self._harmless: Harmless | None = None
        self._started_here = False

    @property
    def card(self) -> EngineCard:
        held = "vLLM's structured outputs" if self._structured else "nothing: `structured: none`"
        return EngineCard(
            backend="vllm on ray",
            model=self._choice.model,
            revision=self._choice.revision,
            library=f"ray {version('ray')}, vllm {vllm_version()}",
            constrained=held,
        )

    def load(self) -> None:
        """Joins the cluster and reads the tokenizer; weights are loaded by the replicas."""
        if self._harmless is not None:
            return
        self._started_here = _connected()
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(
            self._choice.model, revision=self._choice.revision or "main", trust_remote_code=False
        )
        self._harmless = Harmless(control_tokens(tokenizer))

    def answer(self, requests: Sequence[tuple[str, Request]]) -> Iterator[Answer | Failure]:
        reject_unseen_pictures(self._choice, requests)
        if not requests:
            return
        self.load()
        import ray
        import ray.data

        # Each picture lies in the object store once, however many requests show it.
        pictures = {
            image.sha256: image for _, r in requests for m in r.messages for image in m.images
        }
        stored = {sha256: ray.put(image.data) for sha256, image in pictures.items()}
        rows = [_row(key, request, structured=self._structured) for key, request in requests]
        blocks = max(1, len(rows) // ROWS_PER_BLOCK)
        asked = ray.data.from_items(rows, override_num_blocks=blocks)
        limits = {key: request for key, request in requests}
        for said in self._processor(stored)(asked).iter_rows():
            request = limits.pop(said["key"])
            yield _result(said, request, self._choice.model)
        for key in limits:  # a row that Ray lost is said so, never passed over
            yield Failure(key, "endpoint_unavailable", "Ray returned no row for this request")

    def _processor(self, stored: dict[str, Any]) -> Any:
        from ray.data.llm import build_processor, vLLMEngineProcessorConfig

        sees = self._choice.images
        config = vLLMEngineProcessorConfig(
            model_source=self._choice.model,
            engine_kwargs=dict(self._given),
            concurrency=(self._replicas, self._replicas),
            batch_size=self._batch_size,
            should_continue_on_error=True,
            log_engine_metrics=False,
            placement_group_config=self._placement,
            prepare_multimodal_stage={
                "enabled": sees,
                "chat_template_content_format": "openai",
                "model_config_kwargs": {"allowed_local_media_path": ""},
                "concurrency": 1,
                "num_cpus": STAGE_CPUS,
            },
            chat_template_stage={
                "enabled": True,
                "chat_template": self._template,
                "chat_template_kwargs": self._options,
                "concurrency": 1,
                "num_cpus": STAGE_CPUS,
            },
            tokenize_stage=False,  # vLLM does both where the pictures are
            detokenize_stage=False,
        )
        return build_processor(
            config,
            preprocess=_asking(stored, self._harmless or Harmless(()), sees=sees),
            postprocess=_said,
            preprocess_map_kwargs={"num_cpus": STAGE_CPUS},
            postprocess_map_kwargs={"num_cpus": STAGE_CPUS},
        )

    def close(self) -> None:
        self._harmless = None
        if self._started_here:
            import ray

            ray.shutdown()
            self._started_here = False
