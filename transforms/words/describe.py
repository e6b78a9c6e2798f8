"""The description of one image: sentences over its facts, in the order a reader expects."""

from schemas.passage import Passage
from schemas.sentence import Sentence
from transforms.sheet import FactSheet
from transforms.words.anatomy import tell_anatomy
from transforms.words.appearance import tell_appearance
from transforms.words.doubts import tell_doubts
from transforms.words.knowledge import tell_knowledge
from transforms.words.modality import tell_modality
from transforms.words.narrator import Narrator
from transforms.words.position import tell_position
from transforms.words.relation import tell_relation
from transforms.words.whole import tell_whole


def describe(sheet: FactSheet, passages: list[Passage]) -> list[Sentence]:
    """Sentences whose texts, joined by spaces, are the description. A pure function of arguments.

    Covers modality, anatomy, position and size, appearance, relation, and at most one quoted
    sentence of background a finding. Nothing is said that no fact or passage carries; each sentence
    names every fact it rests on. `passages` are in order of rank.
    """
    narrator = Narrator(sheet.image.id)
    told = [
        *tell_modality(sheet, narrator),
        *tell_anatomy(sheet, narrator),
        *tell_doubts(sheet, narrator),
        *tell_whole(sheet, narrator),
        *tell_position(sheet, narrator),
        *tell_appearance(sheet, narrator),
        *tell_relation(sheet, narrator),
        *tell_knowledge(sheet, passages, narrator),
    ]
    return [s for s in told if s.fact_ids]
