"""The recipe's section, and the rule of families."""

import pytest
from pydantic import ValidationError

from quality.rubric.choice import BlindChoice, VerifyingChoice
from quality.rubric.family import same_family


def test_defaults_are_those_of_the_source() -> None:
    choice = VerifyingChoice(model="judge")
    assert (choice.threshold, choice.scoring, choice.orders, choice.same_family) == (
        0.967, "published", 2, False,
    )  # fmt: skip
    assert VerifyingChoice.model_validate(choice.model_dump(mode="json")) == choice
    assert VerifyingChoice(model="judge", blind=None).blind is None


@pytest.mark.parametrize(
    "fields",
    [{"orders": 0}, {"threshold": 1.1}, {"scoring": "lenient"}, {"repeat": -0.1}, {"unknown": 1},
     {"blind": {"samples": 2, "limit": 3}}, {"blind": {"tests": ["blank", "blank"]}},
     {"blind": {"tests": ["deaf"]}}, {"model": ""}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        VerifyingChoice.model_validate({"model": "judge"} | fields)


def test_blind_samples_and_limit() -> None:
    assert BlindChoice(samples=1, limit=1).limit == 1


@pytest.mark.parametrize(
    ("writer", "judge", "same"),
    [
        ("qwen", "qwen", True),
        ("qwen", "Qwen2.5-VL", True),
        ("Qwen3VL", "qwen2-vl", True),
        ("internvl", "InternVL3.5", True),
        ("glm", "GLM-4.5V", True),
        ("glm4v", "glm", True),
        ("qwen", "internvl", False),
        ("llama", "llava", False),
        ("internvl", "internlm", False),
    ],
)
def test_families(writer: str, judge: str, same: bool) -> None:
    assert same_family(writer, judge) is same


def test_a_family_has_a_name() -> None:
    with pytest.raises(ValueError, match=r"'4\.5'"):
        same_family("qwen", "4.5")
