"""TotalSegmentator through its public call, `totalsegmentator.python_api.totalsegmentator`.

Wasserthal et al., Radiology: Artificial Intelligence 5 (2023) e230024. Structures are named in the card as
the package names them, since their numbers change between its versions. Tasks that need a licence of their
authors are refused unless the card says that there is one. Its usage statistics are switched off.
"""

import os
from typing import Any

import numpy as np
from pydantic import Field

from expert_models.experts.base import Found, Prediction, VolumeExpert, VolumeScan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.family import card_fault, options_of
from expert_models.experts.models.nifti_grid import nifti_of, on_grid, unplaced
from expert_models.experts.models.package_network import PackageNetwork, PackageOptions, held_to
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_job import OneInput

WEIGHTS_PLACE = "TOTALSEG_WEIGHTS_PATH"


class TotalSegmentatorOptions(PackageOptions):
    """Of `backend: totalsegmentator`."""

    task: str = Field("total", description="as `TotalSegmentator --list-tasks` names it")
    structures: dict[str, str] = Field(
        min_length=1, description="its name of a structure: term; several may make one term"
    )
    fast: bool = Field(False, description="the model of 3 mm instead of 1.5 mm")
    licensed: bool = Field(
        False,
        description="you hold the licence that the task needs, and it is set up as its authors say",
    )


def expert(card: ModelCard, setting: Setting) -> VolumeExpert:
    """The expert of such a card, not loaded."""
    if card.dimensions != 3:
        raise card_fault(card, ["dimensions"], card.dimensions, "3: it looks at volumes")
    made: VolumeExpert = ModelExpert(card, TotalSegmentatorNetwork(card, setting))
    return made


class TotalSegmentatorNetwork(PackageNetwork):
    """One call a volume. The package loads its networks anew at every call; there is no resident form."""

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        super().__init__(card, setting)
        self.options = options_of(TotalSegmentatorOptions, card)
        strange = sorted(set(self.options.structures.values()) - set(card.reported))
        if strange:
            expected = f"terms of `labels`: {', '.join(card.reported)}"
            raise card_fault(card, ["options", "structures"], strange[0], expected)
        self.numbers: dict[str, list[int]] = {}
        self.device = "cpu"

    def load(self) -> None:
        """Check package, task, licence and structures. The weights are the package's, or the card's."""
        held_to("TotalSegmentator", self.options.package)
        if self.card.weights is not None or self.setting.weights is not None:
            from expert_models.experts.models.weights import located

            os.environ[WEIGHTS_PLACE] = str(located(self.card, self.setting))
        from totalsegmentator.config import set_config_key, setup_totalseg
        from totalsegmentator.map_to_binary import class_map, commercial_models

        setup_totalseg()  # writes its settings file, where there is none
        set_config_key("send_usage_stats", False)
        self.numbers = numbers_of(self.options, class_map, set(commercial_models))
        self.device = device_named(self.setting.device)

    def job(self, scan: VolumeScan) -> Any:
        """The volume as NIfTI; refused where head and feet or millimetres are not known."""
        refused = unplaced(self.card.name, scan)
        return refused or OneInput(nifti_of(scan), lambda labels: self.read(labels, scan))

    def one(self, given: Any) -> Any:
        """The label image. Raises RuntimeError where the package ends the process, as without a licence."""
        from totalsegmentator.python_api import totalsegmentator

        try:
            return totalsegmentator(
                given, ml=True, task=self.options.task, fast=self.options.fast, device=self.device,
                quiet=True, nr_thr_resamp=1, nr_thr_saving=1, skip_saving=True,
            )  # fmt: skip
        except SystemExit as end:
            raise RuntimeError(f"TotalSegmentator ended with code {end.code}; a licence?") from end

    def read(self, labels: Any, scan: VolumeScan) -> Prediction:
        """One class mask a term, in the order of the card."""
        grid = on_grid(labels, scan)
        found = []
        for term in self.card.reported:
            mask = np.isin(grid, self.numbers.get(term, []))
            if mask.any():
                found.append(Found(term, mask=mask, instance=False))
        return found


def numbers_of(
    options: TotalSegmentatorOptions, class_map: dict[str, dict[int, str]], closed: set[str]
) -> dict[str, list[int]]:
    """Of each term the numbers of its structures in the label map of the task.

    class_map: of the package, task -> number -> name; closed: tasks that need a licence.
    Raises ValueError for a task or structure that it does not have, or a licence that is not claimed.
    """
    if options.task not in class_map:
        raise ValueError(
            f"TotalSegmentator has no task {options.task!r}; it has {', '.join(class_map)}"
        )
    if options.task in closed and not options.licensed:
        raise ValueError(
            f"task {options.task!r} needs a licence of TotalSegmentator's authors; where you hold one, say "
            "`licensed: true` in the card's options"
        )
    known = {name: number for number, name in class_map[options.task].items()}
    numbers: dict[str, list[int]] = {}
    for name, term in options.structures.items():
        if name not in known:
            raise ValueError(f"task {options.task!r} has no {name!r}; it has {', '.join(known)}")
        numbers.setdefault(term, []).append(known[name])
    return numbers


def device_named(device: str) -> str:
    """As the package names devices: cpu, gpu, gpu:1."""
    from expert_models.llm.inprocess.weights import device_of

    kind, _, number = device_of(device).partition(":")
    return kind if kind != "cuda" else f"gpu:{number}" if number else "gpu"
