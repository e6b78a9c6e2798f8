"""HoVer-Net by the public class of tiatoolbox, `tiatoolbox.models.architecture.hovernet.HoVerNet`.

Graham et al., Medical Image Analysis 58 (2019) 101563. Its weights are a file of the card. The network sees
windows with a border that it gives no answer for; the picture is mirrored around its edges, so that every
pixel is answered, and the objects are read from the whole of it at once.
"""

from collections.abc import Hashable, Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field

from expert_models.experts.base import Expert, Scan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.family import card_fault, options_of
from expert_models.experts.models.hovernet_windows import Whole, windowed
from expert_models.experts.models.package_network import PackageOptions, held_to
from expert_models.experts.models.resident import Setting, TorchPlace
from expert_models.experts.models.runtime import ModelExpert

SIDES = {"fast": (256, 164), "original": (270, 80)}
"""Of each mode the side of a window and of its answer, px; those of the authors."""


class HoverNetOptions(PackageOptions):
    """Of `backend: hovernet`."""

    mode: Literal["fast", "original"] = Field("fast", description="as the weights were trained")
    types: int | None = Field(
        None, ge=2, description="kinds of nucleus that the network tells apart, 0 of them being none; "
        "unset: it tells none apart, and every object is class 1",
    )  # fmt: skip
    um_per_px: float | None = Field(
        None,
        gt=0,
        description="pixel of training (0.25 of PanNuke and MoNuSAC); pictures are brought to it",
    )
    smallest_px: int = Field(10, ge=1, description="objects of fewer pixels go")


def expert(card: ModelCard, setting: Setting) -> Expert:
    """The expert of such a card, not loaded."""
    options = options_of(HoverNetOptions, card)
    known = range(options.types or 2)
    if strange := [number for number in card.classes if number not in known] or not card.classes:
        raise card_fault(
            card, ["classes"], strange or {}, f"numbers of {known.start} to {known.stop - 1}"
        )
    if card.weights is None:
        raise card_fault(card, ["weights"], None, "a file of the network's weights")
    if options.um_per_px is not None and not card.needs_spacing:
        raise card_fault(
            card, ["needs_spacing"], False, "true, as pictures are brought to um_per_px"
        )
    made: Expert = ModelExpert(card, HoverNet(card, setting, options))
    return made


class HoverNet:
    """Windows of pictures share a pass on a GPU."""

    place: TorchPlace
    model: Any = None

    def __init__(self, card: ModelCard, setting: Setting, options: HoverNetOptions) -> None:
        self.card, self.setting, self.options = card, setting, options
        self.sides = SIDES[options.mode]

    @property
    def width(self) -> int:
        """Windows of one pass."""
        return self.place.width

    def load(self) -> None:
        """Raises ValueError where package, digest or shapes of the weights are others."""
        held_to("tiatoolbox", self.options.package)
        from tiatoolbox.models.architecture.hovernet import HoVerNet

        from expert_models.experts.models.package_network import tensors_of
        from expert_models.experts.models.weights import located

        path = located(self.card, self.setting)
        self.place = TorchPlace(self.setting, self.card.batch)
        network = HoVerNet(num_types=self.options.types, mode=self.options.mode)
        tensors = tensors_of(path, trusted=self.setting.allow_pickle)
        network.load_state_dict(tensors, strict=True)
        self.model = network.to(self.place.device).eval().requires_grad_(False)

    def alike(self, one: Any) -> Hashable:
        """All windows have one shape."""
        return one.shape

    def run(self, inputs: Sequence[np.ndarray]) -> list[Any]:
        """Of each window (likely nucleus, distances, type if any), each [Q, Q, channels] float32."""
        made: list[Any] = self.place.run(self.forward, inputs)
        return made

    def forward(self, inputs: Sequence[np.ndarray]) -> list[Any]:
        """One pass, by the package's own function."""
        import torch

        batch = torch.from_numpy(np.stack(inputs))
        heads = self.model.infer_batch(self.model, batch, device=self.place.device)
        return [tuple(head[i] for head in heads) for i in range(len(inputs))]

    def job(self, scan: Scan) -> Whole:
        """The picture in windows."""
        return windowed(
            scan,
            self.card,
            self.sides,
            self.numbered,
            um_per_px=self.options.um_per_px,
            smallest_px=self.options.smallest_px,
        )

    def numbered(self, maps: list[np.ndarray]) -> np.ndarray:
        """[H, W] objects by number, by the package's own post-processing of a whole picture."""
        made = self.model.postproc(maps)
        first = made[0]  # version 2 gives a mapping a task, version 1 the map itself
        return np.asarray(first["predictions"] if isinstance(first, dict) else first)
