"""Sentences that lean on the one before: "it", "they", "their" mean what that one named."""

import re
from collections.abc import Sequence

from schemas.sentence import Sentence

_LEANS = re.compile(r"\b(?:it|its|they|them|their)\b", re.IGNORECASE)


def standing(sentences: Sequence[Sentence], kept: Sequence[bool]) -> list[bool]:
    """Which sentences of a description still stand when those not `kept` are taken out.

    A pronoun whose sentence before is gone would come to mean something else, so its sentence goes
    too, and so on down the row. A pronoun may refer within its own sentence; it falls all the same:
    a sentence too few is better than a wrong one.
    """
    stands: list[bool] = []
    for sentence, keep in zip(sentences, kept, strict=True):
        follows = not stands or stands[-1] or sentence.attribute == "knowledge"
        stands.append(keep and (follows or not _LEANS.search(sentence.text)))
    return stands
