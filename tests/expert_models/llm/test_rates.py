"""What tokens cost."""

import pytest

from expert_models.llm.choice import PriceChoice
from expert_models.llm.rates import money


def test_prompts_and_answers_have_prices_of_their_own() -> None:
    price = PriceChoice(per_million_prompt=2, per_million_completion=10)
    assert money(3_000_000, 100_000, price) == pytest.approx(7)
    assert money(3_000_000, 100_000, PriceChoice()) == 0
