import dataclasses
from types import ModuleType

import pytest

from expert_models.registry import cards, generator_row, load_generator
from transforms.questions.ask import ask
from transforms.words.describe import describe


def test_facts_is_listed_with_all_its_fields() -> None:
    (card,) = [c for c in cards() if c.name == "facts"]
    assert card.kind == "generator"
    assert all(str(value) for value in dataclasses.asdict(card).values())
    assert len(card.prompt_sha256) == 64


def test_the_row_names_backend_model_revision_and_phrasings() -> None:
    row = generator_row("facts")
    assert sorted(row) == ["backend", "model", "prompt_sha256", "revision"]
    assert row["model"] == "facts"


def test_facts_writes_what_words_and_questions_write(sheets: ModuleType) -> None:
    sheet = sheets.chest_xray()
    generator = load_generator("facts")
    assert generator.describe(sheet, []) == describe(sheet, [])
    assert generator.ask(sheet, 7) == ask(sheet, limit=7)


def test_a_wrong_name_says_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"'factz'.*facts"):
        load_generator("factz")
