"""What tokens cost."""

from expert_models.llm.choice import PriceChoice


def money(prompt_tokens: float, completion_tokens: float, price: PriceChoice) -> float:
    """What so many tokens cost, in the currency of the price."""
    whole = prompt_tokens * price.per_million_prompt
    return (whole + completion_tokens * price.per_million_completion) / 1e6
