"""Volume experts in ingest: only labels that are not annotated become structures."""

import numpy as np

from expert_models.experts.base import Found, Refusal, VolumeScan
from pipelines.grounding.choice import GroundingChoice
from pipelines.grounding.routes import resolve_grounding
from pipelines.grounding.steps import ingest_options
from pipelines.grounding.volumes import Known, ground_volume
from tests.pipelines.grounding.scene import card


class Deep:
    """Finds what is above a level, a label each."""

    def __init__(self, name: str, labels=("lung", "trachea"), said=None, **more) -> None:
        more = {"modalities": ("CT",), "anatomies": (), "dimensions": 3} | more
        self.card = card(name, labels=labels, **more)
        self.said, self.asked = said, 0

    def load(self) -> None:
        pass

    def predict(self, batch):
        self.asked += len(batch)
        return [self.said if self.said is not None else self._find(scan) for scan in batch]

    def _find(self, scan):
        return [Found(label, scan.values > 0, instance=False) for label in self.card.labels]


def scan(**more) -> VolumeScan:
    values = np.full((4, 6, 8), -10, np.float32)
    values[1:3, 2:4, 5:7] = 10
    return VolumeScan("vol", values, "CT", unit="HU", **more)


def routes(tmp_path, *names: str, **more) -> list[dict]:
    choice = {"routes": [{"expert": name, **more} for name in names]}
    return ingest_options(resolve_grounding(GroundingChoice.model_validate(choice), tmp_path))[
        "volume_routes"
    ]


def labels(found) -> list[tuple[str, str]]:
    return [(one.found.label, one.producer) for one in found]


def test_found_labels_carry_producer_and_candidate(register, tmp_path) -> None:
    register(Deep("deep", candidate=True))
    out = ground_volume(scan(), Known(), routes(tmp_path, "deep"))
    assert labels(out.found) == [("lung", "deep@1"), ("trachea", "deep@1")]
    assert all(one.candidate for one in out.found)
    assert out.faults == []


def test_an_annotated_label_or_its_kin_is_never_a_structure(register, tmp_path) -> None:
    register(Deep("deep"))
    out = ground_volume(scan(), Known(frozenset({"left lung"})), routes(tmp_path, "deep"))
    assert labels(out.found) == [("trachea", "deep@1")]


def test_nobody_is_asked_where_all_is_annotated(register, tmp_path) -> None:
    deep = Deep("deep")
    register(deep)
    out = ground_volume(scan(), Known(frozenset({"lung", "trachea"})), routes(tmp_path, "deep"))
    assert (deep.asked, out.found, out.faults) == (0, [], [])


def test_the_first_expert_of_a_label_is_the_one_that_counts(register, tmp_path) -> None:
    register(Deep("first", labels=("lung",)), Deep("second"))
    out = ground_volume(scan(), Known(), routes(tmp_path, "first", "second"))
    assert labels(out.found) == [("lung", "first@1"), ("trachea", "second@1")]


def test_fallback_refusal_and_empty_answers(register, tmp_path) -> None:
    refusal = Refusal("expert_input_missing", "no spacing")
    register(Deep("first", said=refusal), Deep("second"), Deep("empty", said=[]))
    out = ground_volume(scan(), Known(), routes(tmp_path, "first", fallback="second"))
    assert labels(out.found)[0] == ("lung", "second@1")
    assert out.faults == []
    out = ground_volume(scan(), Known(), routes(tmp_path, "first", fallback="empty"))
    assert [(name, f.reason, f.scope) for name, f in out.faults] == [
        ("first", "expert_input_missing", "expert")
    ]
    out = ground_volume(scan(), Known(), routes(tmp_path, "empty"))
    assert [f.reason for _, f in out.faults] == ["expert_found_nothing"]


def test_other_volumes_and_sources_are_none_of_its_business(register, tmp_path) -> None:
    deep = Deep("deep", anatomies=("head",))
    register(deep)
    ground_volume(scan(), Known(), routes(tmp_path, "deep"))
    here = routes(tmp_path, "deep", when={"sources": ["here"]})
    ground_volume(scan(anatomy="head"), Known(), here, source="there")
    assert deep.asked == 0
    ground_volume(scan(anatomy="head"), Known(), here, source="here")
    assert deep.asked == 1


def test_a_policy_holds_in_three_dimensions(register, tmp_path) -> None:
    mask = np.zeros((4, 6, 8), bool)
    mask[0:2, 0:2, 0:2] = True
    mask[3, 5, 7] = True
    register(Deep("deep", labels=("lung",), said=[Found("lung", mask, instance=False)]))
    out = ground_volume(scan(), Known(), routes(tmp_path, "deep", policy={"parts": 1}))
    assert out.found[0].found.mask.sum() == 8
    out = ground_volume(scan(), Known(), routes(tmp_path, "deep", policy={"least_share": 0.5}))
    assert out.found == []
