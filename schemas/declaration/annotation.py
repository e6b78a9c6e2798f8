"""What every annotation reader of a declaration has."""

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from schemas.declaration.value import Pattern, Strict, allow, allow_findings, holds


class Annotations(Strict):
    """What every reader has."""

    labels: dict[str, str] = Field(
        {},
        description="label of the source: finding of vocab/findings.yaml; others are kept as they are",
    )
    complete: bool | list[str] = Field(
        False,
        description="labels annotated exhaustively: all (true), none (false), or a list. "
        "Only these allow to say that something is not there",
    )
    complete_where: dict[str, Pattern] | None = Field(
        None,
        description="column: regular expression; `complete` holds only for pictures for which all do "
        "(`modality` is the picture's, also where a rule measured it)",
    )
    note: str = Field("", description="what `complete` rests on, or anything a reader should know")
    by: Literal["expert", "model", "unstated"] = Field(
        "unstated", description="who drew it; `model` flags every picture as annotated by a model"
    )
    where: dict[str, Pattern] | None = Field(
        None, description="column: regular expression; only items for which all hold"
    )
    optional: bool = Field(False, description="true: an item without this annotation is no fault")

    @field_validator("labels")
    @classmethod
    def _terms(cls, value: dict[str, str]) -> dict[str, str]:
        allow_findings(value.values())
        return value

    @model_validator(mode="after")
    def _complete_of_something(self) -> "Annotations":
        if self.complete is True and not self.declared():
            raise ValueError("`complete: true` of no labels; name the labels under `labels`")
        allow(
            self.exhaustive(),
            self.declared(),
            "label of this reader",
            "`complete` lists labels of the source, as `labels`, `label`, `values` or `colors` name them",
        )
        return self

    def declared(self) -> list[str]:
        """Every label of the source that the declaration names for this reader."""
        return list(self.labels)

    def exhaustive(self) -> list[str]:
        """Labels annotated exhaustively."""
        if isinstance(self.complete, bool):
            return self.declared() if self.complete else []
        return list(self.complete)

    def concerns(self, columns: dict[str, str]) -> bool:
        """Does this reader speak of an item with these columns?"""
        return holds(self.where, columns)


def groups(pattern: str | None) -> set[str]:
    """The named groups of a regular expression."""
    return set(re.compile(pattern).groupindex) if pattern else set()


def constant(label: str | None) -> list[str]:
    """The label, where it is no template."""
    return [label] if label is not None and "{" not in label else []
