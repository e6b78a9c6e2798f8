"""In-process models on a Ray cluster: ray.data.llm starts vLLM replicas and spreads the requests over them."""

import logging
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

import pyarrow as pa

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.base import EngineCard, batched
from expert_models.llm.inprocess.chat import reject_unseen_pictures, template_of
from expert_models.llm.inprocess.control_tokens import Harmless, control_tokens
from expert_models.llm.inprocess.settings import checked
from expert_models.llm.inprocess.vllm_engine import vllm_version
from expert_models.llm.inprocess.vllm_rows import (
    ROW,
    Asked,
    Asking,
    answer_row,
    request_row,
    result_of,
)
from expert_models.llm.inprocess.vllm_terms import HELD, WEIGHTS
from schemas.exchange import Answer, Failure, Request

OBJECT_STORE_BYTES = (
    1024**3
)  # sent copies of pictures travel here; what does not fit spills to disk
ROWS_PER_BLOCK = 32
STAGE_CPUS = 0.1  # of each step around the engine: they wait for it most of the time
RESTARTS = 3  # of a replica whose engine died


class RayBulk:
    """A BulkEngine over ray.data.llm's vLLM processor (the Ray that runs, RAY_ADDRESS, or one started here).

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
        # Ray's template stage knows no revision, so it is handed the template of ours.
        self._template = self._template or tokenizer.chat_template

    def answer(self, requests: Iterable[tuple[str, Request]]) -> Iterator[Answer | Failure]:
        self.load()
        import ray.data

        self._check_room(ray.cluster_resources().get("GPU", 0))
        waiting: dict[str, Asked] = {}
        blocks: list[Any] = [ray.put(block) for block in self._blocks(requests, waiting)]
        if not blocks:
            return
        for row in self._processor()(ray.data.from_arrow_refs(blocks)).iter_rows():
            yield result_of(row, waiting.pop(row["key"]), self._choice.model)
        for key in waiting:  # a row that Ray lost is said so, never passed over
            yield Failure(key, "endpoint_unavailable", "Ray gave back no row for this request")

    def _check_room(self, gpus: float) -> None:
        """Raises ValueError where no replica could ever start: Ray would wait for ever, without a word."""
        tensor, pipeline = "tensor_parallel_size", "pipeline_parallel_size"
        needed = self._given.get(tensor, 1) * self._given.get(pipeline, 1)
        if self._placement is None and gpus < needed:
            raise ValueError(
                f"{self._choice.model} needs {needed} GPUs, this Ray cluster has {gpus:g}. Give "
                "`engine.placement` for a cluster that scales up, or to run without GPUs"
            )

    def _blocks(
        self, requests: Iterable[tuple[str, Request]], waiting: dict[str, Asked]
    ) -> Iterator[pa.Table]:
        """The requests some at a time, so that the driver never holds the pictures of all."""
        for some in batched(requests, ROWS_PER_BLOCK):
            reject_unseen_pictures(self._choice, some)
            waiting.update((key, Asked.of(request)) for key, request in some)
            rows = [request_row(key, r, structured=self._structured) for key, r in some]
            yield pa.Table.from_pylist(rows, schema=ROW)

    def _processor(self) -> Any:
        from ray.data.llm import build_processor

        processor = build_processor(
            self._config(),
            preprocess=Asking(self._harmless or Harmless(()), sees=self._choice.images),
            postprocess=answer_row,
            preprocess_map_kwargs={"num_cpus": STAGE_CPUS},
            postprocess_map_kwargs={"num_cpus": STAGE_CPUS},
        )
        # By default Ray restarts a dying engine for ever; a request that kills it would never end.
        engine = processor.get_stage_by_name("vLLMEngineStage").map_batches_kwargs
        engine.update(max_restarts=RESTARTS, max_task_retries=RESTARTS)
        return processor

    def _config(self) -> Any:
        from ray.data.llm import vLLMEngineProcessorConfig

        around = {"concurrency": 1, "num_cpus": STAGE_CPUS}
        pictures = {
            "enabled": self._choice.images,
            "chat_template_content_format": "openai",
            "model_config_kwargs": self._revision,
        }
        template = {"chat_template": self._template, "chat_template_kwargs": self._options}
        return vLLMEngineProcessorConfig(
            model_source=self._choice.model,
            engine_kwargs={**WEIGHTS, **self._revision, **self._given},
            concurrency=(self._replicas, self._replicas),
            batch_size=self._batch_size,
            should_continue_on_error=True,
            log_engine_metrics=False,
            placement_group_config=self._placement,
            prepare_multimodal_stage=around | pictures,
            chat_template_stage=around | template,
            tokenize_stage=False,  # vLLM does both beside the pictures
            detokenize_stage=False,
        )

    @property
    def _revision(self) -> dict[str, str]:
        return {"revision": self._choice.revision} if self._choice.revision else {}

    def close(self) -> None:
        self._harmless = None
        if self._started_here:
            import ray

            ray.shutdown()
            self._started_here = False


def _connected() -> bool:
    """Join the Ray that runs, else RAY_ADDRESS, else start one here (True: ours to end)."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    import ray
    import ray.data

    started = False
    if not ray.is_initialized():
        started = not os.environ.get("RAY_ADDRESS")
        if started:
            ray.init(
                object_store_memory=OBJECT_STORE_BYTES,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        else:
            ray.init(log_to_driver=False)
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.verbose_progress = False
    context.issue_detectors_config.detectors = []  # they advise, every half minute
    return started
