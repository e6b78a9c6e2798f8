"""What the families of models share beside the runtime: options of the card, labels by class or by text."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from expert_models.experts.models.card_errors import CardError, explained, fault
from expert_models.experts.models.card_model import ModelCard


class Options(BaseModel):
    """The part `options` of a card, of one family."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Kind = TypeVar("Kind", bound=Options)


def options_of(kind: type[Kind], card: ModelCard) -> Kind:
    """The card's options. Raises CardError with every fault."""
    try:
        return kind.model_validate(card.options)
    except ValidationError as error:
        name = Path(card.file).name
        lines = explained(name, error, {"": list(kind.model_fields)})
        raise CardError(
            [line.replace(f"[{name}", f"[{name} > options", 1) for line in lines]
        ) from None


def card_fault(card: ModelCard, place: list[str | int], found: object, expected: str) -> CardError:
    """One fault of a card that only its family sees."""
    return CardError([fault(Path(card.file).name, place, found=found, expected=expected)])


def texts_of(card: ModelCard, texts: dict[str, list[str] | str]) -> dict[str, tuple[str, ...]]:
    """What to ask the model for, of each term of the card in its order; unset: the term itself.

    Raises CardError where a text belongs to no term of the card, and where a term has none.
    """
    strange = sorted(set(texts) - set(card.reported))
    if strange:
        expected = f"terms of the card: {', '.join(card.reported)}"
        raise card_fault(card, ["options", "texts", strange[0]], strange[0], expected)
    asked: dict[str, tuple[str, ...]] = {}
    for term in card.reported:
        given = texts.get(term, term)
        asked[term] = (given,) if isinstance(given, str) else tuple(given)
        if not asked[term] or not all(words.strip() for words in asked[term]):
            raise card_fault(card, ["options", "texts", term], given, "at least one text")
    if not asked:
        raise card_fault(card, ["labels"], [], "the terms that the model is asked for")
    return asked
