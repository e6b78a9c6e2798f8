"""Script: what a fake server does wrong, to whom and when. Plain data, the same for every client.

Faults are drawn from a hash of the prompt and of how often that prompt was asked before, never from a clock or
an order of arrival, so two clients that ask the same questions meet the same faults.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One way to go wrong: a name of `faults.FAULTS` or `garbage.CONTENT` / `garbage.ENVELOPE`, and its details."""

    kind: str
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes = ""  # of a status fault
    after_bytes: int = 0  # of the true response, before a connection fault strikes
    every_s: float = 0.05  # between two pieces of a dripped response
    name: str = ""  # served_as: of the model that answers instead
    fingerprint: str = ""  # served_as: another system_fingerprint
    delayed: bool = False  # a status fault: after the latency, in a slot; otherwise at once


@dataclass(frozen=True)
class Rule:
    """A fault, and the requests it strikes; all conditions must hold.

    share: part of the draws over (prompt, attempt). attempts: how often the prompt was asked before, None for
    any. first, last: numbers of requests in order of receipt, from 0, last exclusive. contains: text of the
    messages.
    """

    fault: Fault
    share: float = 1.0
    attempts: tuple[int, ...] | None = None
    first: int = 0
    last: int | None = None
    contains: str = ""

    def strikes(self, seen: "Seen", salt: str) -> bool:
        if seen.number < self.first or (self.last is not None and seen.number >= self.last):
            return False
        if self.attempts is not None and seen.attempt not in self.attempts:
            return False
        if self.contains and self.contains not in seen.text:
            return False
        return self.share >= 1 or draw(seen.prompt, seen.attempt, salt) < self.share


@dataclass(frozen=True)
class Seen:
    """A request as a script sees it. prompt: digest of its messages; attempt: earlier times it was asked."""

    number: int
    prompt: str
    attempt: int
    text: str


@dataclass(frozen=True)
class Script:
    """The server's behaviour. The first rule that strikes wins; none: the model's answer after the latency."""

    rules: tuple[Rule, ...] = ()
    latency_s: float = 0.0
    jitter_s: float = 0.0  # uniform in +- this
    slots: int = 0  # answered at the same time, the rest queue; 0: any number
    model: str = "honest"  # a name of `models.MODELS`
    served_as: str = "fake-model"  # the name it reports

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Script":
        """From JSON; unknown keys are a TypeError."""
        rules = tuple(
            Rule(**{**rule, "fault": Fault(**rule["fault"]), "attempts": _tuple(rule)})
            for rule in data.get("rules", ())
        )
        return replace(cls(**{k: v for k, v in data.items() if k != "rules"}), rules=rules)

    def fault(self, seen: Seen) -> Fault | None:
        for place, rule in enumerate(self.rules):
            if rule.strikes(seen, f"rule {place}"):
                return rule.fault
        return None

    def seconds(self, seen: Seen) -> float:
        """Time this answer takes once it has a slot."""
        swing = 2 * draw(seen.prompt, seen.attempt, "latency") - 1
        return max(0.0, self.latency_s + swing * self.jitter_s)


def draw(prompt: str, attempt: int, salt: str) -> float:
    """A number in [0, 1), uniform over prompts and attempts."""
    found = hashlib.sha256(f"{salt}\n{prompt}\n{attempt}".encode()).digest()
    return int.from_bytes(found[:6], "big") / 2**48


def _tuple(rule: Mapping[str, Any]) -> tuple[int, ...] | None:
    given = rule.get("attempts")
    return None if given is None else tuple(given)
