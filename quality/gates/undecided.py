"""Three outcomes: confirmed, contradicted, undecided.

A gate confirms (passed), contradicts (failed, any other reason) or can do neither (failed, a reason of
UNDECIDED). A contradiction is final. What is undecided may still be released where a second reader
decides it; see `quality.rubric.settle`. A gate that finds both reports the contradiction.

Undecided is only what the facts cannot be compared with: a word nobody can read, and a key on which
the facts are silent. What *can* be read must be carried by a fact, whoever else believes it; and a
denial on which the facts are silent stays a contradiction (`absence_unsupported`), because silence is
not absence and a look at the picture is no annotation.
"""

from collections.abc import Iterable

from schemas.verdict import Verdict

UNDECIDED = frozenset(["word_unknown", "key_unconfirmed"])


def is_undecided(verdict: Verdict) -> bool:
    """Failed, but not for a contradiction."""
    return not verdict.passed and verdict.reason in UNDECIDED


def contradictions(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The failures that nothing can settle."""
    return [v for v in verdicts if not v.passed and v.reason not in UNDECIDED]
