"""Control tokens in source text: told from a template's own, and made plain.

A caption may hold "<|im_end|>" or "<image>". Chat templates write messages into one string, and a
tokenizer cannot tell such a text from a turn's real end or a real picture.
"""

import re
from collections.abc import Iterable
from typing import Any

MARKUP = re.compile(r"[<\[][^<>\[\]\s]{1,80}[>\]]")  # the shape of nearly every control token


def control_tokens(tokenizer: Any) -> set[str]:
    """What a tokenizer (of transformers) takes whole and a person would not write: its special tokens,
    and added ones that look like markup. Added tokens such as runs of blank lines are plain text."""
    special = {str(t) for t in tokenizer.all_special_tokens}
    added = tokenizer.added_tokens_decoder.values()
    return special | {t.content for t in added if t.special or MARKUP.fullmatch(t.content)}


class Harmless:
    """Takes the power of control tokens from a text: a blank after the first character of each."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self._tokens = {t for t in tokens if len(t) > 1 and t.strip()}
        odd = sorted(t for t in self._tokens if not MARKUP.fullmatch(t))
        odd.sort(key=len, reverse=True)  # the longest first: one may begin with another
        self._odd = re.compile("|".join(map(re.escape, odd))) if odd else None

    def __call__(self, text: str) -> str:
        text = MARKUP.sub(lambda m: _parted(m[0]) if m[0] in self._tokens else m[0], text)
        return self._odd.sub(lambda m: _parted(m[0]), text) if self._odd else text


def _parted(token: str) -> str:
    return f"{token[0]} {token[1:]}"
