"""Codes against pydicom's own dictionary of the codes that DICOM names."""

import pytest
from pydicom.sr._concepts_dict import concepts

from schemas.vocabulary import findings
from transforms.dicom_seg import codes
from transforms.dicom_seg.codes import Code, coded, private

KNOWN: dict[str, set[str]] = {}
for _word in concepts["SCT"].values():
    for _code, (_meaning, _) in _word.items():
        KNOWN.setdefault(_code, set()).add(_meaning)


def test_every_code_is_one_that_dicom_names() -> None:
    for label, entry in codes._table().items():
        assert label in findings(), label
        if entry is not None:
            assert entry["meaning"] in KNOWN[entry["code"]], label
            assert entry.get("at", "liver") in codes._table()
    for code in (*codes.CATEGORIES.values(), *codes.SIDES.values()):
        assert code.meaning in KNOWN[code.value]


@pytest.mark.parametrize(
    ("label", "side", "value", "said"),
    [
        ("liver", "unknown", "10200004", None),
        ("left kidney", "unknown", "64033007", "Left"),  # the side is in the term
        ("kidney", "right", "64033007", "Right"),
        ("right third rib", "right", "113197003", "Right"),  # two steps broader
        ("pulmonary nodule", "left", "27925004", "Left"),
    ],
)
def test_terms(label: str, side: str, value: str, said: str | None) -> None:
    found = coded(label, findings().get(label).kind, side)
    assert found.type.value == value
    assert (found.side and found.side.meaning) == said


def test_a_part_does_not_take_the_code_of_its_whole() -> None:
    assert coded("myocardium", "structure", "unknown").type == Code(
        "myocardium", "99MEDGRAIN", "myocardium"
    )


def test_lesions_name_their_organ() -> None:
    found = coded("kidney cyst", "lesion", "left")
    assert found.region is not None
    assert found.region.meaning == "Kidney"
    assert found.category.meaning == "Morphologically Abnormal Structure"


def test_private_codes_fit_their_elements_and_differ() -> None:
    made = [private(t.name) for t in findings()] + [private("a source's own word, " * 9)]
    assert all(len(c.value) <= 16 and len(c.meaning) <= 64 for c in made)
    assert len({c.value for c in made}) == len(made)
