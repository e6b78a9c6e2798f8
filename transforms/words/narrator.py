"""The narrator picks phrasings by the image's id, never one twice running in a description."""

from collections.abc import Iterable

from schemas.fact import Fact
from schemas.ids import pick
from schemas.region import Region
from schemas.sentence import Sentence
from transforms.words.bank import bank


class Narrator:
    """Says sentences for one image. The same image gives the same words, in any process."""

    def __init__(self, image_id: str) -> None:
        self.image_id = image_id
        self._said: dict[str, int] = {}
        self._topic = ""  # what the last sentence called by name and was about alone

    def say(self, family: str, plural: bool = False, **slots: str) -> str:
        """One phrasing of `family`; the next call for it takes the next phrasing.

        A `subject` that the sentence before named becomes "it" or "they", where it is the subject
        of a verb; after a pronoun the name comes back. After a sentence that speaks of an `other`
        as well, "it" could be either: the name is said again.
        """
        phrases = bank()[family]
        turn = self._said.get(family, 0)
        self._said[family] = turn + 1
        phrase = phrases[(pick(len(phrases), self.image_id, family) + turn) % len(phrases)]
        name = slots.get("subject", "")
        if name and name == self._topic and "{subject} [" in phrase.text:
            slots["subject"], name = "they" if plural else "it", ""
        self._topic = "" if "other" in slots else name
        return phrase.render(plural, **slots)

    def introduce(self, name: str) -> None:
        """The sentence just said is about this thing alone: the next may call it "it"."""
        self._topic = name


def sentence(
    text: str, attribute: str, facts: Iterable[Fact | None], regions: Iterable[Region] = ()
) -> Sentence:
    """A sentence with the ids of all it rests on, each once, in the order given."""
    fact_ids = list(dict.fromkeys(f.id for f in facts if f is not None))
    region_ids = list(dict.fromkeys(r.id for r in regions))
    return Sentence(text, attribute, region_ids, fact_ids)
