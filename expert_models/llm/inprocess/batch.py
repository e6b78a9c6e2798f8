"""One batch through a transformers model: chats to tensors, tensors to answers."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.base import draw_seed, refused
from expert_models.llm.inprocess.chat import chat_of, template_of
from expert_models.llm.inprocess.constrain import Grammars, Held
from expert_models.llm.inprocess.control_tokens import Harmless, control_tokens
from expert_models.llm.inprocess.drawing import Draw, Drawn, Ended
from expert_models.llm.inprocess.settings import TransformersSettings
from expert_models.llm.inprocess.weights import Loaded
from schemas.exchange import Answer, Failure, Request

if TYPE_CHECKING:
    import torch

Keyed = tuple[str, Request]
# What chat templates and processors raise on a request that they cannot take (a role, a picture's shape).
ENCODING_FAULTS = (ValueError, TypeError, ArithmeticError, TemplateError)


@dataclass(frozen=True)
class Row:
    """One request on its way: its chat, and what holds its answer to the schema."""

    key: str
    request: Request
    chat: list[dict[str, Any]]
    matcher: Any


class Batches:
    """Answers requests some at a time, all that fit into memory at once. Holds no queue."""

    def __init__(
        self,
        choice: ModelChoice,
        loaded: Loaded,
        grammars: Grammars | None,
        settings: TransformersSettings,
    ) -> None:
        self._name, self._sees = choice.model, choice.images
        self._loaded, self._grammars = loaded, grammars
        self._harmless = Harmless(control_tokens(loaded.tokenizer))
        self._template = template_of(settings.chat_template)
        self._options = settings.chat_template_kwargs

    def answer(self, asked: Sequence[Keyed]) -> list[Answer | Failure]:
        """One result per request. Raises what torch raises where memory runs out."""
        done: list[Answer | Failure] = []
        rows: list[Row] = []
        for key, request in asked:
            try:
                rows.append(self._row(key, request))
            except (
                OSError,
                ValueError,
            ) as fault:  # a picture that cannot be read, a schema too deep
                done.append(refused(key, str(fault)))
        rows, inputs, left_out = self._encoded(rows)
        done += left_out
        if rows:
            done += self._generated(rows, inputs)
        return done

    def _row(self, key: str, request: Request) -> Row:
        held = self._grammars is not None and request.schema is not None
        matcher = self._grammars.matcher(request.schema) if held else None  # type: ignore[union-attr, arg-type]
        return Row(key, request, chat_of(request, self._harmless, sees=self._sees), matcher)

    def _encoded(self, rows: list[Row]) -> tuple[list[Row], Any, list[Failure]]:
        """The rows that the model can take, as tensors; the others as failures."""
        if not rows:
            return [], None, []
        try:
            inputs = self._tensors(rows)
        except ENCODING_FAULTS as fault:
            if len(rows) == 1:
                return [], None, [refused(rows[0].key, f"{type(fault).__name__}: {fault}")]
            return self._encoded_without_the_bad(rows)
        lengths = inputs["attention_mask"].sum(1).tolist()
        context = self._loaded.context or max(lengths) + 1
        long = {i for i, length in enumerate(lengths) if length >= context}
        if not long:
            return rows, inputs, []
        refusals = [
            refused(rows[i].key, f"prompt of {lengths[i]} tokens, the model reads {context}")
            for i in sorted(long)
        ]
        kept, inputs, more = self._encoded([r for i, r in enumerate(rows) if i not in long])
        return kept, inputs, refusals + more

    def _encoded_without_the_bad(self, rows: list[Row]) -> tuple[list[Row], Any, list[Failure]]:
        """One request spoils its batch: find it by encoding each alone (rare, so twice the work is well)."""
        alone = [self._encoded([row]) for row in rows]
        good = [row for kept, _, _ in alone for row in kept]
        failures = [f for _, _, refusals in alone for f in refusals]
        return good, self._tensors(good) if good else None, failures

    def _tensors(self, rows: list[Row]) -> Any:
        """Token ids and masks [rows, longest prompt], and what the model's processor makes of pictures."""
        reader = self._loaded.reader
        options: dict[str, Any] = {"chat_template": self._template, **self._options}
        padded = {"padding": True}
        if self._sees:
            options["processor_kwargs"] = padded
        else:
            options |= padded
        return reader.apply_chat_template(
            [row.chat for row in rows],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            **options,
        )

    def _generated(self, rows: list[Row], inputs: Any) -> list[Answer | Failure]:
        import torch

        started = time.perf_counter()
        model = self._loaded.model
        inputs = inputs.to(model.device)
        lengths = inputs["attention_mask"].sum(1).tolist()
        limits = [self._limit(row.request, n) for row, n in zip(rows, lengths, strict=True)]
        start = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            ids = model.generate(
                **inputs,
                max_new_tokens=max(limits),
                logits_processor=_processors(rows, start, model.device),
                stopping_criteria=[Ended(limits, start, model.device)],
            )
        seconds = (time.perf_counter() - started) / len(rows)
        answers = [
            self._read(row.key, ids[i, start : start + limits[i]], lengths[i])
            for i, row in enumerate(rows)
        ]
        return [replace(answer, seconds=seconds) for answer in answers]

    def _limit(self, request: Request, prompt_tokens: int) -> int:
        room = (self._loaded.context or prompt_tokens + request.sampling.max_tokens) - prompt_tokens
        return min(request.sampling.max_tokens, room)

    def _read(self, key: str, ids: "torch.Tensor", prompt_tokens: int) -> Answer:
        """The answer of one row: its tokens up to the one that ends it, where there is one."""
        tokens = ids.tolist()
        end = next((i for i, t in enumerate(tokens) if t in self._loaded.eos_ids), None)
        said = tokens if end is None else tokens[:end]
        return Answer(
            key=key,
            text=self._loaded.tokenizer.decode(said, skip_special_tokens=True),
            model=self._name,
            finish_reason="length" if end is None else "stop",
            prompt_tokens=prompt_tokens,
            completion_tokens=len(tokens) if end is None else end + 1,
        )


def _processors(rows: list[Row], start: int, device: "torch.device") -> list[Any]:
    """Schema first, then the draw: what may not be said is never drawn."""
    processors: list[Any] = []
    if any(row.matcher for row in rows):
        processors.append(Held([row.matcher for row in rows], start))
    drawn = [row.request.sampling for row in rows]
    if any(s.temperature > 0 for s in drawn):
        seeds = [draw_seed(row.key, row.request) for row in rows]
        draws = [Draw(s.temperature, s.top_p, n) for s, n in zip(drawn, seeds, strict=True)]
        processors.append(Drawn(draws, device))
    return processors
