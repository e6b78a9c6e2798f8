"""The parts of a bundle: network, transforms before and after, inferer; read by MONAI's own parser."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from expert_models.experts.models.family import Options

CHECKPOINTS = ("models/model.safetensors", "models/model.pt", "models/model.ts")
WRITERS = ("SaveImage", "SaveImaged", "SaveClassificationd")
"""Transforms that leave files behind; an expert leaves none."""


class BundleOptions(Options):
    """Of `backend: monai-bundle`."""

    config: str = Field("configs/inference.json", description="its configuration, from its folder")
    checkpoint: str | None = Field(
        None, description="its weights; unset: models/model.safetensors, model.pt or model.ts"
    )
    image: str = Field("image", description="key under which its transforms keep the picture")
    pred: str = Field("pred", description="key under which they keep the answer")


@dataclass
class Bundle:
    """A bundle ready to answer. channels: number -> name, of its metadata; None where it says nothing."""

    network: Any
    inferer: Any
    before: Sequence[Any]
    after: Sequence[Any]
    channels: dict[int, str] | None
    keys: tuple[str, str]
    device: str

    def answer(self, path: Path, shape: tuple[int, ...]) -> np.ndarray:
        """[C, ...] float32 of a picture in a file, on the grid of the file as its loader gives it."""
        import torch
        from monai.data import MetaTensor

        image, pred = self.keys
        data: Any = {image: str(path)}
        for step in self.before:
            data = step(data)
        given = data[image]
        said = (
            self.inferer(inputs=given[None].to(self.device), network=self.network)[0].float().cpu()
        )
        if isinstance(given, MetaTensor):
            said = MetaTensor(said, meta=given.meta, applied_operations=given.applied_operations)
        data[pred] = said
        for step in self.after:
            data = step(data)
        answer = data[pred]
        if tuple(answer.shape[1:]) != shape:
            answer = self._back(answer, str(path), shape)
        return np.asarray(torch.as_tensor(answer).float().cpu().numpy())

    def _back(self, answer: Any, path: str, shape: tuple[int, ...]) -> Any:
        """On the grid of the file, by place in space, of a bundle that does not invert its transforms.

        Nearest neighbour, as the answer holds classes. Raises ValueError where it lost its place.
        """
        from monai.data import MetaTensor
        from monai.transforms import EnsureChannelFirst, LoadImage, ResampleToMatch

        if not isinstance(answer, MetaTensor) or len(shape) != 3:
            raise ValueError(
                f"the bundle answers {tuple(answer.shape[1:])} for a picture {shape}, and does not "
                "invert its transforms (Invertd); add that to its postprocessing"
            )
        original = EnsureChannelFirst()(LoadImage(image_only=True)(path))
        return ResampleToMatch(mode="nearest", padding_mode="zeros")(answer, original)

    def columns_first(self, folder: Path) -> bool:
        """Whether its loader gives pictures columns first, as MONAI's do unless told otherwise.

        Found out with a small picture of its own, since a square one does not show it.
        """
        from PIL import Image

        probe = folder / "probe.png"
        Image.fromarray(np.zeros((3, 5), np.uint8)).save(probe)
        loaded = self.before[0]({self.keys[0]: str(probe)})[self.keys[0]]
        sides = [side for side in loaded.shape if side in (3, 5)]
        return sides[:2] == [5, 3]


def opened(folder: Path, options: BundleOptions, *, device: str) -> Bundle:
    """Read a bundle that is trusted. Raises ValueError where a part is missing, OSError where a file is."""
    from monai.bundle import ConfigParser

    parser = ConfigParser()
    parser.read_config(str(folder / options.config))
    meta = folder / "configs" / "metadata.json"
    if meta.is_file():
        parser.read_meta(str(meta))
    parser["bundle_root"] = str(folder)
    parser["device"] = f"$torch.device('{device}')"
    before = _steps(parser, "preprocessing")
    if not before or "Load" not in type(before[0]).__name__:
        raise ValueError(
            "the bundle's preprocessing does not begin with a loader such as LoadImaged"
        )
    network = _network(parser, folder, options, device)
    inferer = _inferer(parser)
    after = [
        step for step in _steps(parser, "postprocessing") if type(step).__name__ not in WRITERS
    ]
    if not after:
        raise ValueError("the bundle has no postprocessing: its scores become no classes")
    keys = (options.image, options.pred)
    return Bundle(network, inferer, before, after, _channels(parser, options.pred), keys, device)


def _steps(parser: Any, name: str) -> list[Any]:
    if name not in parser:
        return []
    made = parser.get_parsed_content(name)
    return list(getattr(made, "transforms", [made]))


def _inferer(parser: Any) -> Any:
    if "inferer" in parser:
        return parser.get_parsed_content("inferer")
    from monai.inferers import SimpleInferer

    return SimpleInferer()


def _network(parser: Any, folder: Path, options: BundleOptions, device: str) -> Any:
    """The network with the bundle's weights in it, every tensor of them."""
    import torch

    names = CHECKPOINTS if options.checkpoint is None else (options.checkpoint,)
    path = next((folder / name for name in names if (folder / name).is_file()), None)
    if path is None:
        raise FileNotFoundError(f"the bundle holds none of {', '.join(names)}")
    from expert_models.experts.models.weights_script import is_torchscript

    if is_torchscript(path):
        return torch.jit.load(str(path), map_location=device).eval()
    if "network_def" not in parser:
        raise ValueError("the bundle has no network_def, to which its weights belong")
    from expert_models.experts.models.package_network import tensors_of

    network = parser.get_parsed_content("network_def")
    network.load_state_dict(tensors_of(path, trusted=True), strict=True)
    return network.to(device).eval().requires_grad_(False)


def _channels(parser: Any, pred: str) -> dict[int, str] | None:
    """`channel_def` of the answer, as the bundle's metadata states it."""
    place = f"_meta_::network_data_format::outputs::{pred}::channel_def"
    try:
        stated = parser[place]
    except (KeyError, IndexError, TypeError):
        return None
    return {int(number): str(name) for number, name in dict(stated).items()}
