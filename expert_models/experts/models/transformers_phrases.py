"""Grounding DINO's text: label phrases in one caption, and which tokens are whose.

The model rates every token of the caption for every box. A phrase of several tokens is rated by the mean
over its own tokens, as the authors' evaluation does (`create_positive_map`, `PostProcessGrounding` of
IDEA-Research/GroundingDINO; Liu et al. 2023, arXiv:2303.05499). The label is the best phrase, so a box
never carries words stuck together from two labels.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Caption:
    """text "a polyp. a tool."; spans: of each phrase its (first, last + 1) character."""

    text: str
    spans: tuple[tuple[int, int], ...]


def caption(phrases: list[str]) -> Caption:
    """Phrases in lower case, each closed by a full stop, which the model takes as the border.

    Raises ValueError on an empty phrase, one with a full stop inside, or one that is there twice.
    """
    text, spans, seen = "", [], set()
    for phrase in phrases:
        words = " ".join(phrase.lower().split())
        if not words or "." in words:
            raise ValueError(
                f"{phrase!r} is no phrase: it must have words, and no full stop inside"
            )
        if words in seen:
            raise ValueError(f"the phrase {words!r} stands for two labels")
        seen.add(words)
        text += " " if text else ""
        spans.append((len(text), len(text) + len(words)))
        text += words + "."
    return Caption(text, tuple(spans))


def token_groups(offsets: list[tuple[int, int]], said: Caption) -> list[list[int]]:
    """Of each phrase the indices of its tokens. offsets: (first, last + 1) character of each token.

    Special tokens have empty offsets and belong to none. Raises ValueError for a phrase without tokens.
    """
    groups = []
    for (start, end), number in zip(said.spans, range(len(said.spans)), strict=True):
        own = [i for i, (a, b) in enumerate(offsets) if a < b and a >= start and b <= end]
        if not own:
            raise ValueError(
                f"the tokenizer leaves nothing of phrase {number + 1} of {said.text!r}"
            )
        groups.append(own)
    return groups


def phrase_scores(token_scores: Any, groups: list[list[int]]) -> Any:
    """[boxes, phrases] of [boxes, tokens]: the mean over the tokens of each phrase."""
    import torch

    return torch.stack([token_scores[:, group].mean(dim=1) for group in groups], dim=1)
