"""The recipe's choices for items: which kinds, in what shares, how many an image."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["choice", "yes_no", "short", "conversation", "several"]
Archetype = Literal["finding", "diagnosis", "next_step", "localisation", "modality"]

MOST_TURNS = 5


class ItemsChoice(BaseModel):
    """Which items are written of an image, and how many.

    Shares are weights, not quotas: an image is asked for what its facts support. Quotas over the
    whole corpus come after judging.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_image: int = Field(
        4,
        ge=0,
        le=40,
        description="most items asked for one image; twins and a dialogue count as one",
    )
    kinds: dict[Kind, float] = Field(
        {"choice": 0.45, "yes_no": 0.15, "short": 0.15, "conversation": 0.1, "several": 0.15},
        description="weights of the kinds of item; a kind left out is never asked for",
    )
    archetypes: dict[Archetype, float] = Field(
        {
            "finding": 0.3,
            "diagnosis": 0.2,
            "next_step": 0.1,
            "localisation": 0.25,
            "modality": 0.15,
        },
        description="weights of what multiple-choice items are about",
    )
    fewest_turns: int = Field(
        2,
        ge=2,
        le=MOST_TURNS,
        description="least questions of a conversation, each with its answer",
    )
    most_turns: int = Field(
        MOST_TURNS, ge=2, le=MOST_TURNS, description="most questions of a conversation"
    )
    stem_words: int = Field(35, ge=10, le=80, description="longest stem, words")
    key_length: float = Field(
        1.5,
        gt=1,
        description="a key this many times as long as the longest wrong option gives itself away",
    )

    @model_validator(mode="after")
    def _sensible(self) -> "ItemsChoice":
        for name, shares in (("kinds", self.kinds), ("archetypes", self.archetypes)):
            if any(not 0 <= share < float("inf") for share in shares.values()):
                raise ValueError(f"`{name}`: a weight is a number from 0 up")
        if self.per_image and not sum(self.kinds.values()):
            raise ValueError("`kinds`: all weights are 0; set `per_image: 0` to have no items")
        if self.fewest_turns > self.most_turns:
            raise ValueError("`fewest_turns` is above `most_turns`")
        return self
