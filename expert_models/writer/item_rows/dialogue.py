"""A conversation: turns in order, every answer with its ids, nothing asked that gives an answer away."""

import re
from typing import Any

from expert_models.writer.item_orders.next_step import speaks_of_management
from expert_models.writer.item_rows.basis import basis_of, names_one
from expert_models.writer.item_rows.disclosed import undisclosed
from expert_models.writer.item_rows.faults import LONGEST, Found, spoken_faults
from expert_models.writer.item_rows.plain import plain
from expert_models.writer.item_rows.terms import ways_to_say
from expert_models.writer.items_order import ItemOrder, Step
from expert_models.writer.quotes import as_stored
from schemas.conversation import Conversation, Turn
from schemas.ids import content_id
from transforms.prompting.aliases import Aliases

MOST_WORDS = 60  # of one answer, besides what it quotes
_QUOTED = re.compile(r'["“][^"”]*["”]')


def dialogue_rows(
    order: ItemOrder, value: dict[str, Any], aliases: Aliases
) -> tuple[list[Conversation], Found]:
    """The one conversation, and what is wrong with it."""
    parts, steps = value["turns"], order.steps
    if len(parts) != len(steps):
        return [], [("answer_malformed", f"{len(parts)} turns instead of {len(steps)}")]
    turns: list[Turn] = []
    found: Found = []
    for number, (part, step) in enumerate(zip(parts, steps, strict=True), start=1):
        asked, answered, wrong = _turn(part, step, aliases)
        said = " ".join(t.text for t in turns)
        wrong += undisclosed(asked.text, said, steps[number - 1 :])
        found += [(reason, f"turn {number}: {words}") for reason, words in wrong]
        turns += [asked, answered]
    image = aliases.views[0].sheet.image.id
    id = content_id("conv", image, [t.text for t in turns])
    return [Conversation(id, image, turns)], found


def _turn(part: dict[str, Any], step: Step, aliases: Aliases) -> tuple[Turn, Turn, Found]:
    asked, answered = plain(part["user"]), as_stored(plain(part["assistant"]), step.passages)
    basis, found = basis_of(part, aliases, facts=(), regions=step.regions, passages=step.passages)
    found += names_one(part, aliases, step.facts)
    found += _asking(asked) + _answering(answered, step, bool(basis.passages))
    return (
        Turn("user", asked),
        Turn("assistant", answered, basis.regions, basis.facts, basis.passages),
        found,
    )


def _asking(text: str) -> Found:
    found = spoken_faults("the user", text, LONGEST["turn"])
    if text and text[-1] not in "?.":
        found.append(("text_malformed", "the user's words must be a question"))
    return found


def _answering(text: str, step: Step, quotes: bool) -> Found:
    own = _QUOTED.sub("", text).strip() or text
    found = spoken_faults("the assistant", own, LONGEST["turn"])
    if text and (text.rstrip('"”')[-1:] not in (".", "!") or text[0].islower()):
        found.append(("text_malformed", "the assistant must answer in full sentences"))
    if len(own.split()) > MOST_WORDS:
        found.append(("text_malformed", f"the answer is longer than {MOST_WORDS} words"))
    if not quotes and speaks_of_management(_without_names(text, step)):
        found.append(("rests_on_nothing", "advice on what to do needs a passage"))
    return found


def _without_names(text: str, step: Step) -> str:
    """Without the names of things the answer is about: a monitoring probe is no advice to monitor."""
    names = [way for f in step.facts if f.value for way in ways_to_say(f.value)]
    names += [way for r in step.regions for way in ways_to_say(r.label)]
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(name)}\b", "", text, flags=re.IGNORECASE)
    return text
