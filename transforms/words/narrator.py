"""The narrator picks a phrasing by the image's id, never the same twice running in one description."""

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
        self._named = ""  # what the sentence in the making calls by name

    def say(self, family: str, plural: bool = False, **slots: str) -> str:
        """One phrasing of `family`; the next call for it takes the next phrasing."""
        phrases = bank()[family]
        turn = self._said.get(family, 0)
        self._said[family] = turn + 1
        self._topic, self._named = self._named, ""
        start = pick(len(phrases), self.image_id, family)
        return phrases[(start + turn) % len(phrases)].render(plural, **slots)

    def introduce(self, name: str) -> None:
        """The sentence just said is about this thing alone: the next may call it "it"."""
        self._topic = name

    def refer(self, name: str, plural: bool = False) -> str:
        """ "it" where the sentence before was about the same thing by name, else its name."""
        if self._topic == name:
            return "they" if plural else "it"
        self._named = name
        return name


def sentence(
    text: str, attribute: str, facts: Iterable[Fact | None], regions: Iterable[Region] = ()
) -> Sentence:
    """A sentence with the ids of all it rests on, each once, in the order given."""
    fact_ids = list(dict.fromkeys(f.id for f in facts if f is not None))
    region_ids = list(dict.fromkeys(r.id for r in regions))
    return Sentence(text, attribute, region_ids, fact_ids)
