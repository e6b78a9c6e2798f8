"""Sentences in wordings that no generator of ours makes, true and false of one hand-made image."""

from dataclasses import replace

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
    (
        "There is no evidence of pleural effusion; the left lung contains a pulmonary nodule.",
        ["left-lung", "small"],
    ),
    ("No pleural effusion or pneumothorax, and emphysema is present.", []),
    ("Pneumothorax is absent.", []),
    ("A pneumothorax cannot be seen.", []),
    ("This is a transverse chest CT of a 57-year-old woman.", []),
    ("An axial CT scan of the thorax in a lung window.", []),
    ("The left lung has a volume of 2.31 L.", ["left-lung"]),
    (
        "The pulmonary nodule in the upper right of the image is smaller than the one in the lower left.",
        ["small", "large"],
    ),
    ("At least two pulmonary nodules are seen.", ["small", "large"]),
    ("The nodule, less than 13 mm long, lies in the right half of the image.", ["small"]),
    (
        "No evidence of pleural effusion, and the pulmonary nodule lies in the upper right of the image.",
        ["small"],
    ),
    (
        "The pulmonary nodule is located in the left lung, 83 mm from the other one.",
        ["small", "left-lung", "large"],
    ),
    ("Neither pneumothorax nor pleural effusion is present.", []),
    ("The patient, a 57 year old woman, has emphysema.", []),
    ("A 12-mm nodule and a 24-mm nodule are visible.", ["small", "large"]),
    (
        "The nodule in the lower left is darker than its surroundings, and the one in the upper right is brighter.",
        ["large", "small"],
    ),
    ("Both nodules are visible; the smaller measures 1.2 x 0.8 cm.", ["small", "large"]),
    ("The pulmonary nodule spans 1.20 cm.", ["small"]),
    (
        "The larger of the two nodules lies to the left of the smaller one in the image.",
        ["large", "small"],
    ),
    ("The smaller nodule lies to the right of and above the larger one.", ["small", "large"]),
    (
        "Two nodules: one in the upper right of the image, 12 mm, and one in the lower left, 24 mm.",
        ["small", "large"],
    ),
    ("A nodule, not round but oval, is seen.", ["small"]),
    ("The left lung lies in the middle right of the image, on the patient's left.", ["left-lung"]),
    ("The lungs touch each other.", ["left-lung", "right-lung"]),
    ("A hyperattenuating oval nodule lies within the left lung.", ["small", "left-lung"]),
    ("The nodule overlaps the right lung in part.", ["large", "right-lung"]),
    ("The image shows a 12.0 × 8.1 mm nodule.", ["small"]),
    ("There are no pneumothoraces.", []),
    ("The nodule (12 mm) lies in the right third of the image.", ["small"]),
    ("The attenuation is −15 HU.", ["large"]),
]

FALSE = [
    (
        "A nodule in the right upper quadrant of the picture measures 2.4 cm.",
        ["small"],
        "number_and_unit",
    ),
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
    (
        "No evidence of pleural effusion, and the pulmonary nodule lies in the upper left of the image.",
        ["small"],
        "position",
    ),
    (
        "The pulmonary nodule is located in the left lung, 8.3 mm from the other one.",
        ["small", "left-lung", "large"],
        "relation",
    ),
    ("Neither pneumothorax nor consolidation is present.", [], "negation"),
    ("A 12-mm nodule and a 25-mm nodule are visible.", ["small", "large"], "number_and_unit"),
    (
        "The nodule in the lower left is brighter than its surroundings, and the one in the upper right is darker.",
        ["large", "small"],
        "region",
    ),
    (
        "The nodule in the upper right of the image measures 24 mm, the one in the lower left 12 mm.",
        ["small", "large"],
        "region",
    ),
    ("Both nodules are visible; the larger measures 1.2 x 0.8 cm.", ["small", "large"], "region"),
    (
        "The larger of the two nodules lies to the right of the smaller one in the image.",
        ["large", "small"],
        "relation",
    ),
    (
        "Two nodules: one in the upper right of the image, 24 mm, and one in the lower left, 12 mm.",
        ["small", "large"],
        "region",
    ),
    (
        "The left lung lies in the middle right of the image, on the patient's right.",
        ["left-lung"],
        "side",
    ),
    ("The left lung lies in the middle left of the image.", ["left-lung"], "position"),
    ("The left nodule is brighter.", ["large"], "side"),
    ("The nodule overlaps the left lung in part.", ["large", "left-lung"], "relation"),
    ("The left lung is smaller than the nodule.", ["left-lung", "small"], "relation"),
    ("There are pneumothoraces.", [], "negation"),
    ("The pleural effusion is small.", [], "negation"),
    ("Emphysema is not present.", [], "negation"),
    ("The patient is 57 mm tall.", [], "number_and_unit"),
    ("The nodule lies at the C7 vertebra.", ["small"], "organ"),
    ("The nodule lies at the level of L3.", ["small"], "words_known"),
    ("T1-weighted image of the chest.", [], "modality"),
    ("The patient does not have emphysema.", [], "negation"),
    ("A nodule without calcification.", ["small"], "negation"),
    ("Three of the nodules are brighter.", ["small", "large"], "count"),
    ("Two brighter nodules.", ["small", "large"], "appearance"),
    ("The nodules are both oval.", ["small", "large"], "appearance"),
    ("The nodules lie within the left lung.", ["small", "large", "left-lung"], "relation"),
    ("A nodule of 3 x 3 mm.", ["small"], "number_and_unit"),
    ("The nodule is 12.", ["small"], "number_and_unit"),
    (
        "There is a pulmonary nodule of 12 mm, which has a volume of 4 mL.",
        ["small"],
        "number_and_unit",
    ),
    ("The nodule covers 12% of the image.", ["small"], "number_and_unit"),
    ("The nodule is larger than 13 mm.", ["small"], "number_and_unit"),
    ("No nodule is seen in the left lung.", ["left-lung"], "negation"),
    ("The right lung contains the pulmonary nodule.", ["right-lung", "small"], "relation"),
    ("Pulmonary nodule in the right breast.", ["small"], "organ"),
    ("A mammogram of the chest.", [], "modality"),
    ("Bilateral pulmonary nodules.", ["small"], "side"),
    ("A nodule in the lateral view.", ["small"], "plane"),
    ("The nodule is brighter than the left lung.", ["small", "left-lung"], "relation"),
    ("It was 10 mm in the prior study.", ["small"], "number_and_unit"),
    ("The nodule has grown.", ["small"], "words_known"),
    ("The nodule is malignant.", ["small"], "words_known"),
    ("The smallest nodule measures 24 mm.", ["small", "large"], "region"),
    ("The oval nodule lies in the lower left of the image.", ["small", "large"], "region"),
    (
        "The nodule that is darker than its surroundings measures 12 mm.",
        ["small", "large"],
        "region",
    ),
    ("The nodule measuring 24 mm lies above the other.", ["large", "small"], "relation"),
    ("The nodule is not in the upper right of the image.", ["small"], "position"),
    ("The distance between the nodules is 83 px.", ["small", "large"], "relation"),
    ("The nodules measure 12 and 20 mm.", ["small", "large"], "number_and_unit"),
    ("The median diameter of the nodules is 24 mm.", ["small", "large"], "number_and_unit"),
    ("Most nodules lie in the center of the image.", ["small", "large"], "position"),
]

MORE_TRUE = [
    (
        "Within the left lung, there is a well seen oval nodule measuring 12 mm.",
        ["left-lung", "small"],
    ),
    (
        "The image contains two pulmonary nodules, the larger of which measures 2.4 cm.",
        ["small", "large"],
    ),
    ("The longest diameter of the smaller nodule is 12 mm.", ["small", "large"]),
    ("A homogeneous, smooth nodule is present on the left side of the patient.", ["small"]),
    ("Pleural effusion: none.", []),
    ("Lung window, axial plane.", []),
    ("The right lung is adjacent to the left lung.", ["right-lung", "left-lung"]),
    ("There are exactly 2 nodules in this image.", ["small", "large"]),
    ("The nodule occupies less than 1% of the image.", ["small"]),
    ("Its volume is 2310 mL.", ["left-lung"]),
    (
        "Of the two nodules, one is brighter and one darker than its surroundings.",
        ["small", "large"],
    ),
    ("The nodule lies 83.2 mm away from the other nodule.", ["small", "large"]),
    ("This CT does not show a pleural effusion.", []),
    ("A woman aged 57.", []),
    ("The nodule has irregular margins and is heterogeneous.", ["large"]),
    (
        "Density is 40 HU for the nodule in the upper right and -15 HU for the one in the lower left.",
        ["small", "large"],
    ),
    ("Both lungs are seen.", ["left-lung", "right-lung"]),
]

MORE_FALSE = [
    ("Within the right lung, there is an oval nodule measuring 12 mm.", ["right-lung", "small"]),
    (
        "The image contains two pulmonary nodules, the larger of which measures 12 mm.",
        ["small", "large"],
    ),
    ("The longest diameter of the larger nodule is 12 mm.", ["small", "large"]),
    ("A homogeneous, smooth nodule is present on the right side of the patient.", ["small"]),
    ("Pneumonia: none.", []),
    ("Bone window, axial plane.", []),
    ("The right lung overlaps the left lung.", ["right-lung", "left-lung"]),
    ("There is exactly 1 nodule in this image.", ["small", "large"]),
    ("The nodule occupies more than 10% of the image.", ["small"]),
    ("Its volume is 2310 mm.", ["left-lung"]),
    ("Of the two nodules, both are brighter than the surroundings.", ["small", "large"]),
    ("The nodule lies 83.2 cm away from the other nodule.", ["small", "large"]),
    ("The upper of the two nodules is the larger one.", ["small", "large"]),
    ("This CT does show a pleural effusion.", []),
    ("A woman aged 75.", []),
    ("The nodule has smooth margins and is heterogeneous.", ["large"]),
    (
        "Density is -15 HU for the nodule in the upper right and 40 HU for the one in the lower left.",
        ["small", "large"],
    ),
    ("Neither lung is seen.", ["left-lung", "right-lung"]),
    ("Hardly any pleural effusion is seen.", []),
    ("The nodule is in the lower half of the image.", ["small"]),
    ("The nodule is in the left third of the image.", ["small"]),
    ("The nodule crosses the midline.", ["small"]),
    ("It is twice as large as the other nodule.", ["large", "small"]),
    ("The nodule is 24 mm smaller than the other.", ["small", "large"]),
    ("Half of the image is covered by the nodule.", ["small"]),
    ("Two nodules in each lung.", ["small", "large"]),
    ("The nodule measures 8 mm in its long axis.", ["small"]),
    ("The nodule measures 12 mm in its short axis.", ["small"]),
    ("Multiple pulmonary nodules, up to 30 mm.", ["small", "large"]),
    ("The nodule is the largest of three.", ["large"]),
    ("The only nodule is in the lower left.", ["large"]),
    ("An irregular nodule lies above a smooth one.", ["large", "small"]),
    ("The nodule is surrounded by emphysema.", ["small"]),
    ("Pneumothorax on the left.", []),
    ("The effusion has resolved.", []),
    ("The nodule of the right lung is 12 mm.", ["small", "right-lung"]),
    ("CT of the head.", []),
    ("A chest radiograph.", []),
    ("A sagittal reformat.", []),
    ("The heart is enlarged.", []),
]


@pytest.mark.parametrize(("text", "regions"), TRUE + MORE_TRUE)
def test_true_sentences_pass(chest: FactSheet, text: str, regions: list[str]) -> None:
    assert failed(chest, text, *regions) == {}


@pytest.mark.parametrize(("text", "regions", "gate"), FALSE)
def test_false_sentences_fail_at_their_gate(
    chest: FactSheet, text: str, regions: list[str], gate: str
) -> None:
    assert gate in failed(chest, text, *regions)


@pytest.mark.parametrize(("text", "regions"), MORE_FALSE)
def test_false_sentences_fail(chest: FactSheet, text: str, regions: list[str]) -> None:
    """Whichever gate it is: a claim that no gate understands must not pass for want of a name."""
    assert failed(chest, text, *regions)


def test_the_source_s_own_label_is_read_with_its_marks(chest: FactSheet) -> None:
    """A label no vocabulary holds is a word of its sheet, brackets and commas included; its digits count
    nothing."""
    own = [replace(r, label="RGB(12, 45, 7)") if r.id == "small" else r for r in chest.regions]
    sheet = FactSheet(chest.image, own, chest.facts)
    assert failed(sheet, 'A region termed "RGB(12, 45, 7)" measures 12 mm.', "small") == {}
    assert "words_known" in failed(
        sheet, 'A region termed "RGB(12, 45, 8)" measures 12 mm.', "small"
    )


@pytest.mark.parametrize(("count", "passes"), [("one", True), ("two", False)])
def test_a_part_counts_the_regions_of_the_sentence(
    chest: FactSheet, count: str, passes: bool
) -> None:
    text = f"Of the pulmonary nodules, {count} lies within the left lung."
    assert (failed(chest, text, "small", "left-lung") == {}) is passes
