"""The recipe's section `writing`: how a model writes descriptions and items."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from expert_models.llm.choice import SamplingChoice
from expert_models.writer.items_choice import ItemsChoice


class WritingChoice(BaseModel):
    """What is asked of the writing model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(min_length=1, description="name of an entry of `models`")
    describe: bool = Field(True, description="write descriptions; items have their own section")
    rewrites: int = Field(
        1,
        ge=0,
        le=3,
        description="times that rejected words may be written again, with the reasons",
    )
    notes: bool = Field(True, description="show columns of the source that nobody mapped, as data")
    searched: int = Field(
        3,
        ge=0,
        le=20,
        description="most passages found by search, besides definitions; needs an index",
    )
    prompts: Path | None = Field(
        None, description="folder of prompts that replace shipped ones of the same name"
    )
    sentences: int = Field(8, ge=1, le=20, description="most sentences of one description")
    sentence_chars: int = Field(320, ge=60, le=1000, description="longest sentence, characters")
    shortest_chars: int = Field(12, ge=1, description="shortest sentence, characters")
    knowledge: bool = Field(True, description="may a description quote a retrieved passage")
    overlay: bool = Field(
        True, description="send, beside the picture, a copy on which the regions are drawn"
    )
    repairs: int = Field(1, ge=0, le=4, description="further requests after an unusable answer")
    sampling: SamplingChoice = SamplingChoice(max_tokens=2048)
    items: ItemsChoice = ItemsChoice()

    @model_validator(mode="after")
    def _ordered(self) -> "WritingChoice":
        if self.shortest_chars >= self.sentence_chars:
            raise ValueError("`shortest_chars` must be below `sentence_chars`")
        return self
