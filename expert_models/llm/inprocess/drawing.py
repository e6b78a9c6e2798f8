"""How an answer is drawn and when it ends: each row of a batch by its own rules and its own seed.

transformers draws a whole batch from one generator, so a row's answer would hang on its neighbours.
Here each row adds its own Gumbel noise to its scores and the largest is taken, which draws from the
same distribution (Gumbel-max trick; Maddison, Tarlow & Minka 2014, section 2) whatever the batch.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Draw:
    """temperature 0: the likeliest token. top_p: share of probability that is drawn from."""

    temperature: float
    top_p: float
    seed: int


class Drawn:
    """A logits processor (transformers), to be the last: greedy search over its scores is the draw."""

    def __init__(self, draws: list[Draw], device: "torch.device") -> None:
        import torch

        self._draws = draws
        self._generators = [torch.Generator(device).manual_seed(d.seed) for d in draws]

    def __call__(self, ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        """scores [rows, vocabulary]; rows of temperature 0 are left as they are."""
        scores = scores.float()
        for row, draw in enumerate(self._draws):
            if draw.temperature > 0:
                kept = _nucleus(scores[row] / draw.temperature, draw.top_p)
                scores[row] = kept + _gumbel(kept, self._generators[row])
        return scores


class Ended:
    """A stopping criterion (transformers): row i ends after limits[i] tokens, others go on."""

    def __init__(self, limits: list[int], prompt_length: int, device: "torch.device") -> None:
        import torch

        self._ends = torch.tensor(limits, device=device) + prompt_length

    def __call__(self, ids: "torch.Tensor", scores: "torch.Tensor", **_: object) -> "torch.Tensor":
        return self._ends <= ids.shape[1]


def _nucleus(scores: "torch.Tensor", top_p: float) -> "torch.Tensor":
    """The fewest likeliest tokens that hold `top_p` together; the rest at minus infinity. [vocabulary]"""
    if top_p >= 1:
        return scores
    ordered, places = scores.sort(descending=True)
    before = ordered.softmax(-1).cumsum(-1) - ordered.softmax(-1)
    return scores.scatter(0, places, ordered.masked_fill(before >= top_p, float("-inf")))


def _gumbel(like: "torch.Tensor", generator: "torch.Generator") -> "torch.Tensor":
    """Standard Gumbel noise: minus the logarithm of exponential noise, kept off 0."""
    import torch

    noise = torch.empty_like(like).exponential_(generator=generator)
    return -noise.clamp_(min=torch.finfo(noise.dtype).eps / 2).log()
