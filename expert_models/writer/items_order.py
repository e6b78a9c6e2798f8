"""ItemOrder: one item that is asked for. Facts first: the key is settled before a model writes a word."""

from dataclasses import dataclass

from schemas.fact import Fact
from schemas.passage import Passage
from schemas.region import Region

OPTIONS = 5
LETTERS = ("A", "B", "C", "D", "E")


MOST_TOLD = 6


def first_facts(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """A few of them, the first of each kind before the second of any."""
    seen: dict[str, int] = {}
    rank = []
    for place, fact in enumerate(facts):
        turn = seen[fact.kind] = seen.get(fact.kind, -1) + 1
        rank.append((turn, place, fact))
    return tuple(f for *_, f in sorted(rank, key=lambda r: r[:2])[:MOST_TOLD])


@dataclass(frozen=True)
class Measure:
    """A measured key: `value` unrounded, `tolerance` absolute, both in `unit`."""

    value: float
    unit: str
    tolerance: float


@dataclass(frozen=True)
class Half:
    """One half of a yes/no pair: what is proposed, and the facts that carry or exclude it.

    example, why: as in `ItemOrder`.
    """

    says: str
    example: str
    why: str
    facts: tuple[Fact, ...]
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True)
class Step:
    """One question of a conversation with its answer: what it is about, and what the answer rests on."""

    about: str
    facts: tuple[Fact, ...]
    regions: tuple[Region, ...] = ()
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class ItemOrder:
    """What is to be written, and the facts its key rests on.

    kind       of items_choice.Kind; archetype: of Archetype where the kind is "choice", else ""
    type       of schemas.question.QUESTION_TYPES; "" for a conversation
    target     what is asked about; of orders with one target an image gets only one
    facts      the key rests on all of them; regions: those it is about, in order
    key        what the right answer says; "" where only the passages say it
    wrong      what a wrong option may say: each is false by the facts, or by what words mean
    example    a stem in the words that text gates read; its numbers must be in any other stem too
    why        a rationale in such words, where the facts give one; "" elsewhere
    keep       phrases that a stem must hold: the unit it asks for
    denied     of a yes/no pair the half whose answer is no; the order's own fields are the other half
    vignette   age and sex, where a stem may tell them
    """

    kind: str
    type: str
    target: str
    facts: tuple[Fact, ...]
    regions: tuple[Region, ...] = ()
    archetype: str = ""
    key: str = ""
    wrong: tuple[str, ...] = ()
    example: str = ""
    why: str = ""
    keep: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    vignette: tuple[Fact, ...] = ()
    measure: Measure | None = None
    denied: Half | None = None
    steps: tuple[Step, ...] = ()

    @property
    def told(self) -> tuple[Fact, ...]:
        """Of the facts the key rests on those that a prompt names: of ninety nuclei not every label."""
        return first_facts(self.facts)

    @property
    def name(self) -> str:
        """Its place in the plan of an image; the same in every run."""
        return "/".join(part for part in (self.kind, self.type, self.target) if part)
