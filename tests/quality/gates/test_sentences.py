"""Sentences in wordings that no generator of ours makes, true and false of one hand-made image."""

import pytest

from quality.judging import judge_sentences
from schemas.sentence import Sentence
from transforms.sheet import FactSheet


def failed(sheet: FactSheet, text: str, *regions: str) -> dict[str, str | None]:
    """Gates that fail the sentence, with their reasons."""
    fact_ids = [sheet.facts[0].id]
    row = Sentence(text, "roi_position", list(regions), fact_ids)
    return {v.gate: v.reason for v in judge_sentences(sheet, [row], [])[0] if not v.passed}


TRUE = [
    ("A nodule in the right upper quadrant of the picture measures 1.2 cm.", ["small"]),
    ("The pulmonary nodule in the top right of the image measures 12 x 8 mm.", ["small"]),
    ("A pulmonary nodule, 12.0 mm by 8.1 mm, is seen on the patient's left.", ["small"]),
    ("The long axis is about 2.4 cm and the short axis 20 mm.", ["large"]),
    ("There are two pulmonary nodules.", ["small", "large"]),
    ("The pulmonary nodules measure 12 to 24 mm.", ["small", "large"]),
    ("Two pulmonary nodules range from 12-24 mm in longest diameter.", ["small", "large"]),
    ("The larger nodule is in the lower left of the image and measures 24 mm.", ["small", "large"]),
    ("The smaller pulmonary nodule lies above the larger one.", ["small", "large"]),
    ("The two pulmonary nodules are 83 mm apart.", ["small", "large"]),
    ("The pulmonary nodule lies within the left lung.", ["small", "left-lung"]),
    ("The left lung contains a pulmonary nodule.", ["left-lung", "small"]),
    ("The left lung is to the right of the right lung in the image.", ["left-lung", "right-lung"]),
    ("The right lung abuts the left lung.", ["right-lung", "left-lung"]),
    ("A pulmonary nodule of the left lung has an attenuation of 40 HU.", ["small", "left-lung"]),
    ("It is hyperdense and homogeneous, with a smooth margin and ovoid shape.", ["small"]),
    ("The nodule isn't round.", ["small"]),
    ("The nodule's density is -15 HU.", ["large"]),
    ("No pleural effusion is seen.", []),
    ("There is no evidence of pleural effusion; the left lung contains a pulmonary nodule.",
     ["left-lung", "small"]),
    ("No pleural effusion or pneumothorax, and emphysema is present.", []),
    ("Pneumothorax is absent.", []),
    ("A pneumothorax cannot be seen.", []),
    ("This is a transverse chest CT of a 57-year-old woman.", []),
    ("An axial CT scan of the thorax in a lung window.", []),
    ("The left lung has a volume of 2.31 L.", ["left-lung"]),
    ("The pulmonary nodule in the upper right of the image is smaller than the one in the lower left.",
     ["small", "large"]),
    ("At least two pulmonary nodules are seen.", ["small", "large"]),
    ("The nodule, less than 13 mm long, lies in the right half of the image.", ["small"]),
]  # fmt: skip

FALSE = [
    ("A nodule in the right upper quadrant of the picture measures 2.4 cm.", ["small"], "number_and_unit"),
    ("A nodule in the left upper quadrant of the picture measures 1.2 cm.", ["small"], "position"),
    ("The pulmonary nodule measures 12 cm.", ["small"], "number_and_unit"),
    ("The pulmonary nodule measures 12.1 mm.", ["small"], "number_and_unit"),  # 12.04 shows as 12.0
    ("The pulmonary nodule measures 8 x 12 mm.", ["small"], "number_and_unit"),
    ("The pulmonary nodule measures 12 px.", ["small"], "number_and_unit"),
    ("The nodule is 12 mm long and 7 mm wide.", ["small"], "number_and_unit"),
    ("A pulmonary nodule is seen on the patient's right.", ["small"], "side"),
    ("A right-sided pulmonary nodule is seen.", ["small"], "side"),
    ("The pulmonary nodule is on the right.", ["small"], "side"),  # right of the image is no side
    ("There are three pulmonary nodules.", ["small", "large"], "count"),
    ("A single pulmonary nodule is seen.", ["small", "large"], "count"),
    ("Pulmonary nodules: 3.", ["small", "large"], "count"),
    ("The number of pulmonary nodules is 12.", ["small", "large"], "count"),
    ("The pulmonary nodules measure 12 to 20 mm.", ["small", "large"], "number_and_unit"),
    ("Both pulmonary nodules lie in the upper right of the image.", ["small", "large"], "position"),
    ("The larger nodule is in the upper right of the image.", ["small", "large"], "region"),
    ("The smaller pulmonary nodule lies below the larger one.", ["small", "large"], "relation"),
    ("The larger nodule lies above the smaller one.", ["large", "small"], "relation"),
    ("The pulmonary nodules are 8 mm apart.", ["small", "large"], "relation"),
    ("The left lung lies within the pulmonary nodule.", ["left-lung", "small"], "relation"),
    ("The pulmonary nodule contains the left lung.", ["small", "left-lung"], "relation"),
    ("The pulmonary nodule lies outside the left lung.", ["small", "left-lung"], "relation"),
    ("The pulmonary nodule does not overlap the right lung.", ["large", "right-lung"], "relation"),
    ("A nodule in the right lung measures 12 mm.", ["small", "right-lung"], "relation"),
    ("The left lung is left of the right lung.", ["left-lung", "right-lung"], "relation"),
    ("It is hypodense.", ["small"], "appearance"),
    ("It is not homogeneous.", ["small"], "appearance"),
    ("The nodule is spiculated.", ["small"], "appearance"),
    ("The attenuation is 15 HU.", ["large"], "number_and_unit"),
    ("No pulmonary nodule is seen.", [], "negation"),
    ("The lungs are free of nodules.", ["left-lung", "right-lung"], "negation"),
    ("There is a pleural effusion.", [], "negation"),
    ("There is no consolidation.", [], "negation"),  # silence is not absence
    ("No pneumothorax, consolidation or pleural effusion.", [], "negation"),
    ("A lung mass is seen.", [], "finding"),
    ("The patient has pneumonia.", [], "finding"),
    ("The image shows the liver.", [], "organ"),
    ("This is a chest MRI.", [], "modality"),
    ("This is a T2-weighted chest CT.", [], "modality"),
    ("A CT in a bone window.", [], "modality"),
    ("This is a coronal CT slice.", [], "plane"),
    ("The patient is a man.", [], "patient"),
    ("The patient is 75 years old.", [], "number_and_unit"),
    ("The pulmonary nodule is consistent with metastasis.", ["small"], "words_known"),
    ("The nodule measures 12 mm and is 4 mm deep.", ["small"], "number_and_unit"),
    ("The left lung lies in the middle left of the image.", ["right-lung"], "region"),
    ("A nodule of 24 mm lies in the lower left of the image.", ["small"], "region"),
    ("Emphysema is absent.", [], "negation"),
    ("More than two pulmonary nodules.", ["small", "large"], "count"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "regions"), TRUE)
def test_true_sentences_pass(chest: FactSheet, text: str, regions: list[str]) -> None:
    assert failed(chest, text, *regions) == {}


@pytest.mark.parametrize(("text", "regions", "gate"), FALSE)
def test_false_sentences_fail_at_their_gate(
    chest: FactSheet, text: str, regions: list[str], gate: str
) -> None:
    assert gate in failed(chest, text, *regions)
