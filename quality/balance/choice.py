"""The recipe's choice of balance (section `balance`)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt

Axis = Literal["modality", "anatomy", "question_type"]
AXES: tuple[Axis, ...] = ("modality", "anatomy", "question_type")
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
