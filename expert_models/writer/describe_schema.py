"""The JSON schema of a description: sentences, each with its attribute and the names it rests on."""

from expert_models.writer.choice import WritingChoice
from schemas.sentence import ATTRIBUTES
from transforms.prompting.aliases import Aliases
from transforms.prompting.answer_schema import Schema, id_list, one_of, record, rows, words

MOST_FACTS, MOST_REGIONS, MOST_PASSAGES = 16, 8, 1


def description_schema(
    aliases: Aliases, choice: WritingChoice, code: str, *, least: int, most: int, knowledge: bool
) -> Schema:
    """A record of `code` and `least` to `most` sentences; ids are only those of `aliases`."""
    attributes = [a for a in ATTRIBUTES if a != "knowledge" or knowledge]
    sentence = record(
        "sentence",
        {
            "text": words(choice.shortest_chars, choice.sentence_chars),
            "attribute": one_of(attributes),
            "facts": id_list(list(aliases.facts), MOST_FACTS, least=1),
            "regions": id_list(list(aliases.regions), MOST_REGIONS),
            "passages": id_list(list(aliases.passages) if knowledge else [], MOST_PASSAGES),
        },
    )
    return record("description", {"code": one_of([code]), "sentences": rows(sentence, least, most)})
