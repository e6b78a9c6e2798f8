"""Verdict: the outcome of one gate on one row."""

from dataclasses import dataclass

import pyarrow as pa

VERDICT = pa.struct(
    [
        pa.field("gate", pa.string(), nullable=False),
        pa.field("passed", pa.bool_(), nullable=False),
        pa.field("measured", pa.string()),  # what the gate found, as text
        pa.field("limit", pa.string()),  # what it allows, as text
        pa.field("reason", pa.string()),  # a code of schemas.reasons; null when passed
    ]
)


@dataclass(frozen=True)
class Verdict:
    """One row of VERDICT."""

    gate: str
    passed: bool
    measured: str | None = None
    limit: str | None = None
    reason: str | None = None
