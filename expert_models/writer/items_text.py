"""An item as one text: how it is shown when it was refused, and by what a refusal is known to mean it."""

from expert_models.writer.draft import Rejected
from expert_models.writer.items_order import LETTERS
from schemas.conversation import Conversation
from schemas.question import Question

Item = Question | Conversation


def item_text(item: Item) -> str:
    """Stem, options and key on one line, or the turns of a conversation."""
    if isinstance(item, Conversation):
        return " ".join(f"{t.role}: {t.text}" for t in item.turns)
    options = "".join(f" {n}) {o}" for n, o in zip(LETTERS, item.options, strict=False))
    return f"{item.question}{options} [{item.answer}]"


def is_meant(rejected: Rejected, item: Item) -> bool:
    """Is this the item that was refused? By its id, its stem alone, or a text that tells all of it."""
    text = rejected.text
    if isinstance(item, Conversation):
        return text == item.id or (bool(item.turns) and all(t.text in text for t in item.turns))
    whole = text.startswith(f"{item.question} ") and all(
        said in text for said in (*item.options, item.answer)
    )
    return text in (item.id, item.question) or whole
