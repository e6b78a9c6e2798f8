"""The recipe's section `verifying`: what a second model judges, and how strictly."""

from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Test = Literal["no_image", "blank", "other_image", "options_only", "masked", "real"]
Scoring = Literal["published", "code"]

TESTS: tuple[Test, ...] = get_args(Test)
DECIDING: tuple[Test, ...] = ("no_image", "options_only")
"""Tests whose right answers speak against an item; the others measure how much the picture is used."""


class BlindChoice(BaseModel):
    """Asking again with something withheld. Each test costs `samples` short requests an item."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tests: tuple[Test, ...] = Field(
        DECIDING,
        description="no_image and options_only decide; blank, other_image, masked and real measure: "
        "visual reliance is the accuracy of `real` less that of `other_image`",
    )
    samples: int = Field(3, ge=1, le=9, description="times that each test is asked, options moved")
    limit: int = Field(2, ge=1, le=9, description="right answers of these from which an item fails")
    action: Literal["drop", "mark"] = Field("drop", description="what happens to such an item")
    temperature: float = Field(0.7, ge=0, le=2, description="of these requests, if samples > 1")

    @model_validator(mode="after")
    def _possible(self) -> "BlindChoice":
        if self.limit > self.samples:
            raise ValueError(
                f"limit {self.limit} is above samples {self.samples}: nothing could fail"
            )
        if len(set(self.tests)) < len(self.tests):
            raise ValueError("`tests` names one of them twice")
        return self


class VerifyingChoice(BaseModel):
    """Judging by a model, after the deterministic gates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(min_length=1, description="name of an entry of `models`")
    sentences: bool = Field(True, description="judge descriptions, sentence by sentence")
    questions: bool = Field(True, description="judge items by answering them and by the rubric")
    conversations: bool = Field(True, description="judge dialogues, turn by turn and as a whole")
    scoring: Scoring = Field(
        "published",
        description="published: essential gates apart, score of bonus and penalties alone; code: as "
        "the released program computes it, essential criteria inside the score as well",
    )
    threshold: float = Field(0.967, ge=0, le=1, description="least score of an accepted item")
    orders: int = Field(
        2,
        ge=1,
        le=4,
        description="orders of the options in which an item is answered; all must agree",
    )
    blind: BlindChoice | None = Field(BlindChoice(), description="blind tests; null: none")
    repeat: float = Field(
        0.02, ge=0, le=1, description="share judged a second time, to report test-retest agreement"
    )
    same_family: bool = Field(False, description="allow a verifier of the writer's own family")
    repairs: int = Field(1, ge=0, le=4, description="further requests after an unusable answer")
    max_tokens: int = Field(2048, ge=64, description="longest answer; temperature is 0")
    prompts: Path | None = Field(
        None, description="folder of prompts that replace shipped ones of the same name"
    )
