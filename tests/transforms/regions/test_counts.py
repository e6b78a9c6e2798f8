import numpy as np

from transforms.picture import Annotation, Picture
from transforms.regions.counts import count_facts
from transforms.regions.locate import locate


def test_counts_and_completeness() -> None:
    boxes = [
        Annotation(label, box=(5 * i, 2, 5 * i + 4, 9))
        for i, label in enumerate(["RBC", "WBC", "RBC", "thing", "RBC", "liver"])
    ]
    picture = Picture("", np.zeros((20, 40), np.uint8), annotations=boxes)
    out = locate(
        picture, "img-1", producer="annotation:x@1", label_map={},
        complete={"RBC", "Platelets"}, smallest_px=1,
    )  # fmt: skip
    told = [(f.kind, f.value, f.number) for f in count_facts("img-1", out.regions, out.complete)]
    assert told == [
        ("count", "red blood cell", 3.0),
        ("count", "white blood cell", 1.0),  # an unmapped thing is not counted, nor is a liver
        ("complete", "platelet", None),  # none here, and that is known
        ("complete", "red blood cell", None),
    ]
