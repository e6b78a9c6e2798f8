"""The section `grounding` of a recipe: which experts look at what."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Missing = Literal["region", "label", "mask", "nothing"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PolicyChoice(_Strict):
    """What is kept of an expert's findings, applied from top to bottom."""

    least_score: float | None = Field(None, ge=0, le=1, description="findings rated lower go")
    open_px: int = Field(0, ge=0, description="radius of the disc that takes off specks, px")
    close_px: int = Field(0, ge=0, description="radius of the disc that fills gaps, px")
    parts: int | None = Field(None, ge=1, description="so many largest parts of each mask stay")
    least_share: float = Field(0.0, ge=0, le=1, description="of the picture; smaller findings go")
    largest_share: float = Field(1.0, ge=0, le=1, description="of the picture; larger ones go")
    most: int | None = Field(None, ge=1, description="so many largest findings of each label stay")


class WhenChoice(_Strict):
    """Which pictures or volumes a route is for. The expert's own card narrows it further."""

    modalities: list[str] | None = Field(None, description="codes; unset: those of the card")
    anatomies: list[str] | None = Field(None, description="body parts; unset: those of the card")
    sources: list[str] | None = Field(None, description="names of sources; unset: all")
    missing: Missing = Field(
        "label",
        description="run where the picture lacks: any region; a region of the expert's labels; "
        "a mask of them (a box is refined, and a coarse mask: a filled box, an upright ellipse, a convex polygon of "
        "at most 8 corners); nothing: always",
    )


class RouteChoice(_Strict):
    """One expert and when it is asked."""

    expert: str = Field(description="name of a registered expert or of an entry of `experts`")
    when: WhenChoice = WhenChoice()
    policy: PolicyChoice = PolicyChoice()
    fallback: str | None = Field(
        None,
        description="expert asked where this one refuses, fails, finds nothing or cannot be had",
    )


class ModelExpertChoice(_Strict):
    """An expert with weights: a card file, and where its weights lie on this machine."""

    card: str = Field(description="path of the card (YAML), from the recipe's folder")
    weights: str | None = Field(None, description="path or Hub id; unset: as the card says")
    allow_pickle: bool = Field(
        False, description="weights in a pickle may run code of their author; the digest must match"
    )


class GroundingChoice(_Strict):
    """How regions come to pictures that lack them."""

    routes: list[RouteChoice | Literal["default"]] | Literal["default"] = Field(
        "default",
        description="routes in order; the word default stands for the shipped ones: every expert that needs no "
        "weights, by its card",
    )
    experts: dict[str, ModelExpertChoice] = Field({}, description="model experts by your own names")
    compare: bool = Field(
        True, description="where the label is annotated, compare expert and annotation"
    )
    least_agreement: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Dice (IoU of boxes) below which an image is flagged for review",
    )
    merge: Literal["nms", "consensus"] = Field(
        "nms",
        description="several experts, one label: the first one's finding, or what they agree on",
    )
    overlap: float = Field(0.5, gt=0, le=1, description="IoU from which two findings are one thing")
    device: str = Field(
        "auto", description="auto | cpu | cuda; never changes what is found on a CPU"
    )
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="of model experts on a GPU"
    )
