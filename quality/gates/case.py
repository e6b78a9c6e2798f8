"""One sentence on trial: what it claims, and which of the named regions could carry each claim."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from quality.gates.holds import holds
from quality.gates.world import World
from quality.reading.claims import Claim, Group, Reading
from quality.reading.hedges import is_candidate, says_what
from quality.reading.reader import read
from schemas.passage import Passage
from schemas.region import Region
from schemas.sentence import Sentence


@dataclass
class Fit:
    """A group of claims and the named regions its noun phrases can mean, one list per phrase.

    `joint` are the regions for which every claim of the group holds; empty `entities` mean that the
    text names no thing and goes on about the named regions.
    """

    group: Group
    candidates: list[list[Region]]
    plural: list[bool]
    joint: list[Region] = field(default_factory=list)

    @property
    def all_candidates(self) -> list[Region]:
        return list({r.id: r for part in self.candidates for r in part}.values())


@dataclass
class Case:
    """What the gates of sentences look at."""

    world: World
    sentence: Sentence
    passages: Mapping[str, Passage]
    spoken: str = ""  # the text without what it quotes from a passage

    @cached_property
    def reading(self) -> Reading:
        return read(self.spoken, self.world.extra)

    @cached_property
    def named(self) -> list[Region]:
        """The regions the sentence names, in its order."""
        known = self.world.sheet.region
        return [known[i] for i in dict.fromkeys(self.sentence.region_ids) if i in known]

    @cached_property
    def others(self) -> list[Region]:
        """The regions it does not name."""
        named = {r.id for r in self.named}
        return [r for r in self.world.sheet.regions if r.id not in named]

    @cached_property
    def fits(self) -> list[Fit]:
        fits: list[Fit] = []
        for group in self.reading.groups:
            fits.append(fit(self.world, group, self.named, self.reading.groups))
        return fits


def fit(world: World, group: Group, among: list[Region], groups: list[Group]) -> Fit:
    """Which regions `among` those given the noun phrases of a group can mean."""
    owner = group
    if not group.entities and group.heir is not None:
        owner = groups[group.heir]
    candidates = [meant(world, run, among) for run in owner.entities] or [among]
    ranked = any(p.kind == "rank" for p in group.properties)
    plural = [not ranked and _plural(run, owner) for run in owner.entities]
    plural = plural or [not ranked and len(among) > 1]
    made = Fit(group, candidates, plural)
    pool = made.all_candidates
    made.joint = [r for r in pool if all(holds(world, p, r, pool) for p in group.properties)]
    return made


def meant(world: World, run: list[Claim], among: list[Region]) -> list[Region]:
    """Regions that every term of a noun phrase may be said of.

    A term that is no region's name is a modifier ("lung" in "lung nodule" when no lung is outlined) and
    is judged by the organ and finding gates instead. A singular means the region of just this name, if
    there is one, before those of which it is the broader term: "the brain", and no ventricle. Plain words
    mean what is there, and a candidate only where nothing else can be meant.
    """
    left = among
    for claim in run:
        fitting = [r for r in left if world.called(r, claim)]
        if fitting or claim is run[-1]:
            left = fitting
    if any(says_what(c) for c in run) and not any(c.hedge or is_candidate(c) for c in run):
        left = [r for r in left if not r.candidate] or left
    exact = {name for c in run for name in c.names("finding")}
    own = [r for r in left if r.label in exact]
    return own if own and not any(c.plural for c in run) else left


def _plural(run: list[Claim], group: Group) -> bool:
    return any(c.plural for c in run) or any(
        p.kind == "count" and p.quantity is not None and p.quantity.values[0] > 1
        for p in group.properties
    )
