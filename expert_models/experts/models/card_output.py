"""The part `output` of a model's card: what the network answers, and how findings are read from it.

Shapes are those of one batch: N pictures, C classes, rows, columns (of a volume three axes).
"""

from typing import Annotated, Literal

from pydantic import Field

from expert_models.experts.models.card_input import Name, Strict

Share = Annotated[float, Field(ge=0, le=1)]
Thresholds = Share | dict[int, Share]


class Semantic(Strict):
    """A map of classes: [N, C, rows, columns] scores, or [N, rows, columns] class numbers.

    Rows and columns may be those of the input divided by a whole stride; scores are brought back to the
    scan's grid before they become masks.
    """

    kind: Literal["semantic"]
    name: Name | None = Field(None, description="of the output; unset: its only one")
    layout: Literal["channels-first", "channels-last"] = "channels-first"
    activation: Literal["softmax", "sigmoid", "none", "numbers"] = Field(
        "softmax",
        description="softmax: one class a pixel; sigmoid: each class by itself; none: scores are "
        "probabilities already, each class by itself; numbers: the output holds class numbers",
    )
    threshold: Thresholds = Field(
        0.5, description="probability from which sigmoid and none count; one, or one a class"
    )
    split: bool = Field(
        False, description="each connected part is a finding (else one mask a class)"
    )
    smallest_px: int = Field(
        0, ge=0, description="masks or parts of fewer pixels (voxels) are left out"
    )


class Instances(Strict):
    """Objects, each with its own mask.

    numbers  one map [N, rows, columns]: 0 is ground, every other number an object of the first class
    masks    of each object a mask [N, K, rows, columns] or [K, 1, rows, columns], a score and a class,
             as Mask R-CNN answers; outputs `masks`, `scores`, `classes` (`classes` may be absent)
    """

    kind: Literal["instances"]
    form: Literal["numbers", "masks"] = "numbers"
    name: Name | None = Field(None, description="of the output, form numbers; unset: its only one")
    masks: Name = "masks"
    scores: Name = "scores"
    classes: Name | None = None
    threshold: Thresholds = Field(0.5, description="least score")
    mask_threshold: float = Field(0.5, description="from which a mask's value is the object")
    overlap: Share = Field(0.5, description="IoU of boxes above which the weaker one goes; 1: none")
    most: int = Field(1000, ge=1, description="so many with the best scores stay")
    smallest_px: int = Field(1, ge=1)


class Boxes(Strict):
    """Boxes with scores.

    separate  outputs `boxes` [N, K, 4] and `scores`: [N, K, C], or [N, K] with `classes` [N, K]
    rows      one output [N, K, 4 (+ 1) + C]; columns: the same as [N, 4 (+ 1) + C, K] (YOLO)
    """

    kind: Literal["boxes"]
    form: Literal["separate", "rows", "columns"] = "separate"
    name: Name | None = Field(None, description="of the one output, forms rows and columns")
    boxes: Name = "boxes"
    scores: Name = "scores"
    classes: Name | None = None
    corners: Literal["xyxy", "xywh", "cxcywh"] = "xyxy"
    normalised: bool = Field(
        False, description="edges are shares of the input's sides, not its pixels"
    )
    objectness: bool = Field(
        False, description="a column after the box multiplies the scores of its classes"
    )
    activation: Literal["softmax", "sigmoid", "none"] = "none"
    threshold: Thresholds = Field(0.5, description="least score")
    overlap: Share = Field(0.5, description="IoU above which the weaker box goes; 1: all stay")
    most: int = Field(100, ge=1, description="so many with the best scores stay")


class Scores(Strict):
    """One score a class for the picture: [N, C]. The finding has neither mask nor box."""

    kind: Literal["scores"]
    name: Name | None = None
    activation: Literal["softmax", "sigmoid", "none"] = "softmax"
    threshold: Thresholds = 0.5


Output = Annotated[Semantic | Instances | Boxes | Scores, Field(discriminator="kind")]


def least(threshold: Thresholds, index: int) -> float:
    """The threshold of one class."""
    return threshold.get(index, 0.5) if isinstance(threshold, dict) else threshold
