"""Answers held to a JSON schema while they are written, by llguidance (the library inside vLLM's own).

Optional: without the package a model writes freely and strict parsing alone decides. Greedy and drawn
answers are held alike: tokens that cannot go on to fit the schema get a score of minus infinity.
"""

import json
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from schemas.ids import digest

if TYPE_CHECKING:
    import torch

PACKAGE = "llguidance"
# No whitespace, as vLLM is told: free whitespace would let a weak model fill its whole
# answer with it. lenient: a keyword that the library does not know is left to strict parsing.
STYLE: Any = {
    "whitespace_flexible": False,
    "item_separator": ",",
    "key_separator": ":",
    "lenient": True,
}


def constraint_named(structured: str) -> str:
    """For an engine's card: what holds answers to their schema."""
    if structured == "none":
        return "nothing: the recipe says `structured: none`"
    if find_spec(PACKAGE) is None:
        return f"nothing: install {PACKAGE}, or rely on strict parsing"
    return f"{PACKAGE} {version(PACKAGE)}"


class Grammars:
    """Compiled schemas over one tokenizer. Compiling takes up to a second, so each is kept.

    eos_ids: ids that may end an answer. Only fast tokenizers can be read: TypeError for others.
    """

    KEPT = 256  # schemas carry the ids of one view, so most are seen a few times in a row

    def __init__(self, tokenizer: Any, eos_ids: list[int]) -> None:
        from llguidance import LLMatcher
        from llguidance.hf import from_tokenizer

        if not tokenizer.is_fast:
            raise TypeError("answers can only be held to a schema over a fast tokenizer")
        self._matcher = LLMatcher
        self._tokens = from_tokenizer(tokenizer, eos_token=eos_ids)
        self._compiled: dict[str, Any] = {}

    def matcher(self, schema: dict[str, Any]) -> Any:
        """A fresh matcher. Raises ValueError where the schema cannot be compiled."""
        name = digest(schema)
        if name not in self._compiled:
            if len(self._compiled) >= self.KEPT:
                self._compiled.clear()
            grammar = self._matcher.grammar_from_json_schema(json.dumps(schema), overrides=STYLE)
            compiled = self._matcher(self._tokens, grammar, log_level=0)
            if compiled.is_error():
                raise ValueError(f"the answer's schema cannot be held: {compiled.get_error()}")
            self._compiled[name] = compiled
        return self._compiled[name].deep_copy()


class Held:
    """A logits processor (transformers): row i may only write what matchers[i] allows; None: anything.

    prompt_length: tokens before the answer, the same for every row (padded on the left).
    """

    def __init__(self, matchers: list[Any], prompt_length: int) -> None:
        self._matchers = matchers
        self._seen = prompt_length

    def __call__(self, ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        """ids [rows, length], scores [rows, vocabulary]; returns the scores with dead ends cut off."""
        import torch

        written = ids[:, self._seen :].tolist()
        self._seen = ids.shape[1]
        allowed = np.ones(scores.shape, dtype=bool)
        for row, matcher in enumerate(self._matchers):
            if matcher is None:
                continue
            for token in written[row]:
                if not matcher.is_stopped():  # what follows the end of an answer is padding
                    matcher.consume_token(token)
            _mark(
                allowed[row], matcher.compute_bitmask()
            )  # once it is stopped: the end, nothing else
        mask = torch.from_numpy(allowed).to(scores.device)
        return scores.masked_fill(~mask, float("-inf"))


def _mark(allowed: np.ndarray, bits: bytes) -> None:
    """Spread one bit a token over `allowed` [vocabulary]; ids beyond the tokenizer's are not allowed."""
    marks = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little")
    width = min(len(marks), len(allowed))
    allowed[:width] = marks[:width]
    allowed[width:] = False
