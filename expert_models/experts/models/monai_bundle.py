"""MONAI bundles: their own configuration prepares, runs and finishes; findings come back in the scan's grid.

A bundle's `configs/inference.json` can run any code (`_target_`, `$` expressions), as a pickle can. So a
bundle is read only where the recipe says `allow_pickle` for this expert, and only whole: the digest is over
every file of its folder. Format: docs.monai.io, "MONAI Bundle Specification".
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from expert_models.experts.base import Expert, Found, Prediction, Scan, VolumeExpert, VolumeScan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.family import card_fault, options_of
from expert_models.experts.models.monai_parts import Bundle, BundleOptions, opened
from expert_models.experts.models.monai_scans import on_picture, saved_picture
from expert_models.experts.models.nifti_grid import nifti_of, unplaced
from expert_models.experts.models.package_network import PackageNetwork
from expert_models.experts.models.resident import Setting, TorchPlace
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_job import OneInput
from expert_models.experts.models.weights import located


def expert(card: ModelCard, setting: Setting) -> Expert | VolumeExpert:
    """The expert of such a card, not loaded."""
    if card.files:
        raise card_fault(
            card, ["files"], list(card.files), "nothing: the digest is of the whole bundle"
        )
    if not card.classes:
        raise card_fault(
            card, ["classes"], {}, "the bundle's channels by number, as in its channel_def"
        )
    return ModelExpert(card, BundleNetwork(card, setting))


class BundleNetwork(PackageNetwork):
    """One scan a pass: a bundle's inferer has its own windows and batches."""

    place: TorchPlace
    bundle: Bundle

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        super().__init__(card, setting)
        self.options = options_of(BundleOptions, card)

    def load(self) -> None:
        """Raises ValueError where it is not trusted, not whole, or has no such channels."""
        if not self.setting.allow_pickle:
            raise ValueError(
                f"{self.card.name}: a bundle's configuration runs code of its author; expected the "
                "recipe to say `allow_pickle: true` for this expert; read it, then set that"
            )
        folder = located(self.card, self.setting)
        self.place = TorchPlace(self.setting, 1)
        self.bundle = opened(folder, self.options, device=self.place.device)
        known = self.bundle.channels
        if known is not None and (strange := sorted(set(self.card.classes) - set(known))):
            raise ValueError(
                f"the card's classes {strange} are none of the bundle's channels {known}"
            )

    def job(self, scan: Scan | VolumeScan) -> Any:
        """The scan in a file, as the bundle's own transforms read it."""
        if isinstance(scan, VolumeScan):
            refused = unplaced(self.card.name, scan)
            return refused or OneInput(scan, lambda said: self.read(said, scan.values.shape))
        shape = (scan.display.shape[0], scan.display.shape[1])
        return OneInput(scan, lambda said: self.read(said, shape))

    def one(self, given: Scan | VolumeScan) -> np.ndarray:
        """[C, ...] or [1, ...] of class numbers, in the axes and the grid of the scan."""
        with tempfile.TemporaryDirectory(prefix="medgrain-bundle-") as folder:
            if isinstance(given, VolumeScan):
                path = Path(folder) / "scan.nii.gz"
                nifti_of(given).to_filename(path)
                shape = given.values.shape[::-1]
                return np.asarray(self.asked(path, shape).transpose(0, 3, 2, 1))
            path = saved_picture(given.display, Path(folder))
            height, width = given.display.shape[:2]
            turned = self.bundle.columns_first(Path(folder))
            answer = self.asked(path, (width, height) if turned else (height, width))
            return on_picture(answer, turned=turned)

    def asked(self, path: Path, shape: tuple[int, ...]) -> np.ndarray:
        """The bundle's answer to a file whose picture has `shape`, on that grid."""
        forward: Callable[[Any], Any] = lambda given: [self.bundle.answer(given[0], shape)]  # noqa: E731
        made: np.ndarray = self.place.run(forward, [path])[0]
        return made

    def read(self, said: np.ndarray, shape: tuple[int, ...]) -> Prediction:
        """One class mask a term. One channel holds class numbers, several are one class each."""
        if said.shape[1:] != shape:
            raise ValueError(f"the bundle answers {said.shape[1:]}; expected {shape}")
        found = []
        for term in self.card.reported:
            own = [n for n, named in sorted(self.card.classes.items()) if named == term]
            if len(said) == 1:
                mask = np.isin(np.rint(said[0]).astype(np.int64), own)
            else:
                mask = np.logical_or.reduce([said[n] > 0.5 for n in own])
            if mask.any():
                found.append(Found(term, mask=mask, instance=False))
        return found
