"""The part `input` of a model's card: what the network is shown, and how it is made of a scan."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Fit = Literal["resize", "letterbox", "tile", "whole"]
Interpolation = Literal["linear", "antialias", "area", "cubic", "nearest"]
Name = Annotated[str, Field(min_length=1)]
Axis = Annotated[int, Field(ge=1)]
Millimetres = Annotated[float, Field(gt=0)]


class Strict(BaseModel):
    """A part of a card: no key beyond those named, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Scale(Strict):
    """How numbers of a picture become numbers of the network, after the picture is resized.

    none        as they are (0 to 255 of a picture, HU of stored values)
    unit        divided by 255
    mean-std    (x - mean) / std for each channel; of pictures x is 0 to 1 (as ImageNet's numbers are)
    window      clipped to [low, high], in HU or in 0 to 255, and mapped to [0, 1]
    percentile  clipped to these percentiles of the one picture, and mapped to [0, 1]
    z-score     less the picture's own mean, over its own standard deviation
    """

    kind: Literal["none", "unit", "mean-std", "window", "percentile", "z-score"] = "unit"
    mean: tuple[float, ...] = Field((), description="of mean-std: one number, or one a channel")
    std: tuple[Annotated[float, Field(gt=0)], ...] = Field((), description="of mean-std")
    low: float | None = Field(None, description="of window (HU or 0 to 255) or percentile (0-100)")
    high: float | None = Field(None, description="of window or percentile")

    @model_validator(mode="after")
    def _whole(self) -> "Scale":
        limits = self.low is not None and self.high is not None
        if self.kind in ("window", "percentile"):
            if not limits or self.low >= self.high:  # type: ignore[operator]
                raise ValueError(
                    f"found low {self.low}, high {self.high}; expected two numbers, low below high; "
                    f"scale {self.kind} needs both"
                )
        elif self.low is not None or self.high is not None:
            raise ValueError(
                f"found low or high; expected none with scale {self.kind}; take them out"
            )
        if self.kind == "percentile" and not (self.low >= 0 and self.high <= 100):  # type: ignore[operator]
            raise ValueError(
                f"found {self.low} and {self.high}; expected percentiles; write 0 to 100"
            )
        if (self.kind == "mean-std") != bool(self.mean and self.std) or len(self.mean) != len(
            self.std
        ):
            raise ValueError(
                f"found mean {list(self.mean)}, std {list(self.std)}; expected as many of each with "
                "scale mean-std, and none with others; write one number a channel"
            )
        return self


class Input(Strict):
    """What the network is shown. Axes: rows, columns; of a volume those of `axes`."""

    name: Name | None = Field(None, description="of the network's input; unset: its only one")
    reads: Literal["display", "native"] = Field(
        "display",
        description="the picture as released, or stored values (HU); volumes: always native",
    )
    channels: Literal["gray", "rgb", "bgr"] = Field("rgb", description="what the network takes")
    layout: Literal["channels-first", "channels-last"] = "channels-first"
    size: tuple[Axis, ...] | None = Field(
        None, description="rows and columns (of a volume three) of the network's input, px"
    )
    fit: Fit = Field(
        "resize",
        description="resize: to `size`, the shape is not kept; letterbox: shape kept, the rest padded; "
        "tile: windows of `size`, overlapping; whole: at its own size, padded to a `multiple`",
    )
    align: Literal["centre", "corner"] = Field("centre", description="where a letterbox is padded")
    multiple: int = Field(1, ge=1, description="of fit whole: sides are padded to a multiple, px")
    pad: float = Field(0.0, description="what padding holds: 0 to 255 or HU, scaled as the rest is")
    overlap: float = Field(0.5, ge=0, le=0.9, description="of tiles, share of their side")
    blend: Literal["gaussian", "mean"] = Field("gaussian", description="how tiles are joined")
    spacing_mm: tuple[Millimetres, ...] | None = Field(
        None, description="resampled to this first, mm between rows, columns (of a volume, `axes`)"
    )
    axes: str | None = Field(
        None,
        description="of a volume: where its three axes point to, such as RAS or SPL; unset: SPL",
    )
    interpolation: Interpolation = Field(
        "linear",
        description="linear: half-pixel centres, as torch (align_corners=False) and OpenCV; antialias: "
        "linear with a wider kernel where it shrinks, as Pillow; area, cubic, nearest: as OpenCV",
    )
    scale: Scale = Scale()

    @property
    def channel_count(self) -> int:
        """Channels of the network's input."""
        return 1 if self.channels == "gray" else 3

    @model_validator(mode="after")
    def _whole(self) -> "Input":
        if (self.size is None) != (self.fit == "whole"):
            raise ValueError(
                f"found size {self.size} with fit {self.fit!r}; expected a size with every fit but "
                "whole; add or take out `size`"
            )
        if self.axes is not None and not _three_directions(self.axes):
            raise ValueError(
                f"found axes {self.axes!r}; expected one of L R, one of P A and one of S I; "
                "write such as RAS"
            )
        if len(self.scale.mean) not in (0, 1, self.channel_count):
            raise ValueError(
                f"found {len(self.scale.mean)} means for {self.channel_count} channels; expected one "
                "or as many; mend `scale` or `channels`"
            )
        return self


def _three_directions(axes: str) -> bool:
    return len(axes) == 3 and all(any(a in pair for a in axes) for pair in ("LR", "PA", "SI"))
