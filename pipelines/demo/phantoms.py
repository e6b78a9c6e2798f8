"""Write every phantom dataset of the demo, and the answer sheet beside them."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.demo import (
    blood_smear,
    breast_ultrasound,
    fundus,
    nuclei,
    radiograph,
    skin,
    slide,
    volumes,
)
from pipelines.demo.truth import Drawn, Phantom

DATASETS: dict[str, Callable[[Path], list[Phantom]]] = {
    "phantom-chest-ct": volumes.write_chest_ct,
    "phantom-brain-mr": volumes.write_brain_mr,
    "phantom-breast-ultrasound": breast_ultrasound.write,
    "phantom-blood-smear": blood_smear.write,
    "phantom-nuclei": nuclei.write,
    "phantom-skin": skin.write,
    "phantom-fundus": fundus.write,
    "phantom-radiograph": radiograph.write,
    "phantom-slide": slide.write,
}
"""Name of the source, which is its folder below the root, and who draws it."""


def write_phantoms(root: Path) -> dict[str, list[Phantom]]:
    """Draw all datasets into `root/<source>/` and their truth into `root/truth.json`.

    The same pixels, masks and boxes each time: every picture has a seed of its own.
    """
    truth = {}
    for name, write in DATASETS.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        truth[name] = write(root / name)
    sheet = {name: [dataclasses.asdict(p) for p in made] for name, made in truth.items()}
    (root / "truth.json").write_text(json.dumps(sheet, indent=1, sort_keys=True) + "\n", "utf-8")
    return truth


def read_truth(root: Path) -> dict[str, list[Phantom]]:
    """The answer sheet that `write_phantoms` left in `root`."""
    sheet = json.loads((root / "truth.json").read_text("utf-8"))
    return {name: [_phantom(values) for values in made] for name, made in sorted(sheet.items())}


def _phantom(values: dict[str, Any]) -> Phantom:
    return Phantom(**values | {"objects": [Drawn(**entry) for entry in values["objects"]]})
