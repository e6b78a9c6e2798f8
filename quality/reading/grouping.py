"""From a flat list of claims to groups: who is said to be what, and who stands how to whom."""

from quality.reading.claims import Claim, Group, Quantity, Relation
from quality.reading.quantities import NUMBER_WORDS
from quality.reading.tokens import Token, bag

PROPERTIES = bag(
    "position side quantity count rank brightness homogeneity outline shape spread corners origin"
)
_VERBS = bag(
    "is are was were lies lie measures measure has have appears appear spans extends covers "
    "occupies sits sit looks shows reaches"
)
_BREAKS = bag("; . : ! ?")
_CONTRAST = bag("but while whereas although though however")
_JOINS = bag("and , ( or while")
_WHERE = bag("in on at within inside")
_LINKS = bag("in of for the a an these those all")
_NAMING = bag("of termed called named labelled labeled")  # "area of oedema", "region termed x"
_SYMMETRIC = frozenset(["overlaps", "adjacent", "distance"])


class _Grouper:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.groups: list[Group] = [Group()]
        self.relations: list[Relation] = []
        self.previous: Claim | None = None
        self.object_open = False  # the current group is the object of a relation, and just began

    @property
    def now(self) -> Group:
        return self.groups[-1]

    def between(self, claim: Claim) -> list[str]:
        start = self.previous.end if self.previous else 0
        return [t.word for t in self.tokens[start : claim.start]]

    def begin(self, heir: int | None) -> None:
        self.groups.append(Group(heir=heir))
        self.object_open = False

    def subject(self) -> int:
        """The index of the group whose entity an ellipsis goes on about."""
        at = len(self.groups) - 1
        for relation in reversed(self.relations):
            if relation.right == at and relation.left != at:
                at = relation.left
        group = self.groups[at]
        return group.heir if group.heir is not None and not group.entities else at

    def add(self, claim: Claim) -> None:
        words = self.between(claim)
        if claim.kind == "relation":
            self.relate(claim)
        else:
            if self.previous and (_BREAKS & set(words) or _CONTRAST & set(words)):
                self.begin(heir=self.subject())
            if claim.kind == "term":
                self.term(claim, words)
            else:
                self.property(claim, words)
        self.previous = claim

    def relate(self, claim: Claim) -> None:
        if self.object_open and not self.now.entities and self.relations:
            last = self.relations[-1]  # "above and to the left of the liver"
            self.relations.append(Relation(claim, last.left, last.right))
            return
        left = self.subject() if self.object_open or self._is_object() else len(self.groups) - 1
        self.groups.append(Group())
        self.relations.append(Relation(claim, left, len(self.groups) - 1))
        self.object_open = True

    def _is_object(self) -> bool:
        at = len(self.groups) - 1
        return any(r.right == at for r in self.relations)

    def term(self, claim: Claim, words: list[str]) -> None:
        adjacent = (
            self.previous is not None
            and self.previous.kind == "term"
            and (not words or (self.previous.names("thing") and words[0] in _NAMING))
        )
        run = self._last_run() if adjacent else None
        if run is not None:
            run.append(claim)
            return
        if self._of_quantity(words):
            self.own(claim)
            return
        word = self.tokens[claim.start].word
        if claim.names("thing") and word in ("latter", "former"):
            self.begin(heir=None)
        if claim.names("thing") and word in NUMBER_WORDS:
            self.begin(heir=None)  # "one in the upper left and two in the center"
            self.now.many = NUMBER_WORDS[word] if claim.plural else None
            self.now.entities.append([claim])
            return
        if self._where(claim, words) and not (self.object_open and not self.now.entities):
            claim.role = "place"
            self.now.places.append(claim)
            return
        joined = bool(_JOINS & set(words)) and "with" not in words
        ranked = self._open_rank()
        if ranked is None and self.now.entities and (self._own_properties() or not joined):
            self.begin(heir=None)
        self.now.entities.append([claim])

    def own(self, claim: Claim) -> None:
        """Give the last number to this term: "the area is 7.1% for the liver"."""
        if self.now.entities:
            numbers = self.now.properties[-1:]
            del self.now.properties[-1:]
            self.begin(heir=None)
            self.now.properties += numbers
        self.now.entities.append([claim])

    def _of_quantity(self, words: list[str]) -> bool:
        """ "23 HU in the left lung": the thing follows its number."""
        last = self.previous
        if last is None or last.kind not in ("quantity", "count", "rank"):
            return False
        if self.now.entities and not (words[:1] == ["for"] and last.kind == "quantity"):
            return False
        return bool(words) and words[0] in ("in", "of", "for") and set(words) <= _LINKS

    def _open_rank(self) -> Claim | None:
        """A rank right before this term: "the larger nucleus"."""
        last = self.previous
        return last if last is not None and last.kind == "rank" else None

    def _own_properties(self) -> bool:
        """Properties said of the group's entity, not those that stand before its noun."""
        first = self.now.entities[0][0].start
        return any(p.start > first for p in self.now.properties)

    def _last_run(self) -> list[Claim] | None:
        if self.previous in self.now.places:
            return None
        return self.now.entities[-1] if self.now.entities else None

    def _where(self, claim: Claim, words: list[str]) -> bool:
        last = self.previous
        part = (
            "of" in words[-3:]
            and last is not None
            and last.kind == "term"
            and not last.names("thing")
        )
        takes_in = {"takes", "take", "taking"} & set(words)  # "the view takes in the liver"
        where = bool(_WHERE & set(words[-3:])) and not takes_in
        return (part or where) and not (_JOINS & set(words))

    def property(self, claim: Claim, words: list[str]) -> None:
        kinds = {p.kind for p in self.now.properties if p.kind != "quantity"}
        joined = bool(_JOINS & set(words))
        last = self.previous
        both = (
            last is not None and last.kind == claim.kind == "rank" and set(words) <= {"and", "the"}
        )
        listed = last is not None and last.kind == claim.kind == "position"
        if self._is_object() and self.now.entities and self._goes_on(words, joined):
            self.begin(heir=self.subject())
        elif claim.kind == "quantity" and joined and self._owned():
            self.begin(heir=None)
        elif (claim.kind == "rank" and not both and self.now.properties and self._own_start()) or (
            (joined or "with" in words) and claim.kind in kinds and not listed and not both
        ):
            self.begin(heir=self.subject())
        self.now.properties.append(claim)

    def _owned(self) -> bool:
        """The group's number has got its thing already: "23 HU in the left lung and" 32 HU ..."""
        if not self.now.entities or not self.now.properties:
            return False
        first = self.now.properties[0]
        return (
            first.kind == "quantity"
            and first.start < self.now.entities[0][0].start
            and not (self.previous is not None and self.previous.kind == "quantity")
        )

    def _goes_on(self, words: list[str], joined: bool) -> bool:
        """After the object of a relation, an "and" or a verb goes on about the subject."""
        return (joined or bool(_VERBS & set(words))) and "which" not in words

    def _own_start(self) -> bool:
        """The group already says something, so that a new rank ("the smallest") starts another."""
        return bool(self.now.entities) or any(p.kind != "position" for p in self.now.properties)


def group(tokens: list[Token], claims: list[Claim]) -> tuple[list[Group], list[Relation]]:
    """Groups and relations of the claims about things; denied terms stand in no group."""
    grouper = _Grouper(tokens)
    for claim in _with_distances(tokens, claims):
        if (
            claim.kind == "relation"
            or claim.kind in PROPERTIES
            or (claim.kind == "term" and not claim.negated)
        ):
            grouper.add(claim)
    groups, relations = grouper.groups, grouper.relations
    for one in groups:
        if not one.entities and one.heir is None and one.places:
            one.entities.append([one.places.pop(0)])
    for relation in relations:
        _close(relation, groups)
    _pair_ranks(groups)
    return groups, relations


def _pair_ranks(groups: list[Group]) -> None:
    """ "the smallest and the largest measure 13 and 20 px": each rank has the number of its place."""
    for one in list(groups):
        ranks = [p for p in one.properties if p.kind == "rank"]
        numbers = [p for p in one.properties if p.kind == "quantity"]
        if len(ranks) == len(numbers) == len(one.properties) / 2 > 1:
            heir = groups.index(one)
            one.properties = [ranks[0], numbers[0]]
            groups += [
                Group(heir=heir, properties=[r, n])
                for r, n in zip(ranks[1:], numbers[1:], strict=True)
            ]


def _close(relation: Relation, groups: list[Group]) -> None:
    """ "X and Y overlap": a symmetric relation with nothing on its right holds within its left."""
    left, right = groups[relation.left], groups[relation.right]
    after = relation.right + 1
    silent = not left.entities and not left.properties and left.heir is None
    follows = after < len(groups) and bool(groups[after].entities)
    if silent and right.entities and follows:
        relation.left = after  # "inside the liver lies the cyst"
    elif relation.claim.value in _SYMMETRIC and not right.entities and not right.properties:
        relation.right = relation.left


def _with_distances(tokens: list[Token], claims: list[Claim]) -> list[Claim]:
    """A length that is a distance becomes a relation: "X lies 12 mm from Y", "X and Y are 12 mm
    apart".
    """
    out: list[Claim] = []
    for claim in claims:
        quantity = claim.quantity
        if (
            claim.kind == "quantity"
            and quantity is not None
            and quantity.unit in ("mm", "cm", "um", "px")
        ):
            after = [t.word for t in tokens[claim.end : claim.end + 3]]
            before = tokens[claim.start - 1].word if claim.start else ""
            if (
                quantity.measure == "distance"
                or "from" in after
                or (before == "within" and "of" in after)
            ):
                out.append(_distance(claim, quantity))
                continue
        out.append(claim)
    return out


def _distance(claim: Claim, quantity: Quantity) -> Claim:
    return Claim(
        "relation", "distance", claim.start, claim.end, quantity=quantity, negated=claim.negated
    )
