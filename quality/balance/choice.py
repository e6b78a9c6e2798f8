"""The recipe's choice of balance (section `balance`)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, field_validator

from schemas.question import QUESTION_TYPES
from schemas.vocabulary import modalities, organs

Axis = Literal["modality", "anatomy", "question_type"]
NOT_REPORTED = "not reported"
"""The anatomy of an image of which none is stated."""
EVERY_OTHER = "*"
CONVERSATION = "conversation"
"""The question type of a conversation, for quotas."""

Count = Annotated[StrictInt, Field(ge=0)]
Share = Annotated[StrictFloat, Field(gt=0, lt=1)]


class BalanceChoice(BaseModel):
    """What is evened out after verification, over the whole corpus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    letters: bool = Field(
        True, description="move answers so that every letter is right equally often"
    )
    quotas: dict[Axis, dict[str, Count | Share]] = Field(
        {},
        description="most items of one modality, anatomy or question type: a whole number counts "
        "items, a number below 1 is a share of the released items; `*` is every kind not named; "
        "`not reported` an image without anatomy; `conversation` the type of conversations",
    )
    options_only: Literal["report", "drop", "off"] = Field(
        "report",
        description="a classifier that sees options alone: tell what it knows, or drop what it "
        "answers until it is at chance",
    )
    most_dropped: float = Field(
        0.1, ge=0, le=0.5, description="largest share of multiple-choice items dropped for that"
    )

    @field_validator("quotas")
    @classmethod
    def _known_kinds(cls, value: dict[Axis, dict[str, Any]]) -> dict[Axis, dict[str, Any]]:
        """A misspelt kind would be a quota that never fills."""
        for axis, kinds in value.items():
            unknown = sorted(set(kinds) - _kinds(axis) - {EVERY_OTHER})
            if unknown:
                raise ValueError(f"{axis} {', '.join(unknown)}: known are {sorted(_kinds(axis))}")
        return value


def _kinds(axis: Axis) -> set[str]:
    if axis == "modality":
        return {term.name for term in modalities()}
    if axis == "anatomy":
        return {term.name for term in organs()} | {NOT_REPORTED}
    return {*QUESTION_TYPES, CONVERSATION}
