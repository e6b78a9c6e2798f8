"""Multiple choice over several images of one patient: what differs between them, in their order.

The key joins one value an image; a wrong option joins other values. Only kinds of fact are compared
that every image carries, and only where the values differ.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from expert_models.writer.item_orders.next_step import saying
from expert_models.writer.items_order import OPTIONS, ItemOrder
from schemas.fact import Fact
from schemas.ids import digest, pick
from schemas.region import POSITIONS, Region
from schemas.vocabulary import findings
from transforms.questions.refer import named_regions
from transforms.showing.view import View
from transforms.words.grammar import joined
from transforms.words.modality import SEQUENCES
from transforms.words.nouns import noun_of
from transforms.words.whole import named

MOST_IMAGES = 3
ORDINALS = ("first", "second", "third")
DOMAINS = {
    "view": ("PA", "AP", "lateral", "CC", "MLO", "ML"),
    "plane": ("axial", "coronal", "sagittal"),
    "window": ("lung", "soft tissue", "bone", "brain"),
    "sequence": ("T1", "T2", "FLAIR", "DWI", "T1 post-contrast"),
}
"""Values that are asked for. Any other is a source's own word."""
OFFERED = {"window": ("lung", "soft tissue", "bone")}
"""Values of wrong options beside the true ones, where not all make sense in one body part."""
ASKS = {
    "view": "Which projection does each image show?",
    "plane": "In which plane does each image lie?",
    "window": "With which intensity window is each image shown?",
    "sequence": "Which MR sequence is each image?",
}
VIEWS_OF = {"chest": ("PA", "AP", "lateral"), "breast": ("CC", "MLO", "ML")}


def several_orders(view: View) -> list[ItemOrder]:
    """Orders on two or three images; none where the view holds one or more than three."""
    views = (view, *view.others)
    if not 2 <= len(views) <= MOST_IMAGES or len({v.sheet.image.id for v in views}) < len(views):
        return []
    made = [*_acquisition(views), *_counts(views), *_presence(views), *_places(views)]
    return [order for order in made if len(order.wrong) >= OPTIONS - 1]


def _acquisition(views: Sequence[View]) -> Iterator[ItemOrder]:
    for kind, usual in DOMAINS.items():
        facts = [v.sheet.one(v.sheet.image.id, kind) for v in views]
        held = [f for f in facts if f is not None and f.value in usual]
        usual = VIEWS_OF.get(views[0].sheet.image.anatomy or "", usual) if kind == "view" else usual
        if len(held) == len(views):
            truth = [_spoken(kind, str(f.value)) for f in held]
            others = [_spoken(kind, v) for v in OFFERED.get(kind, usual)]
            yield from _compared(views, kind, [[f] for f in held], truth, others, ASKS[kind])


def _counts(views: Sequence[View]) -> Iterator[ItemOrder]:
    """How many of a label in each, where every image says that all of them are marked."""
    for label in _labels(views):
        term = findings().get(label)
        whole = [[f for f in v.sheet.of_image("complete") if f.value == label] for v in views]
        doubt = any(label in v.sheet.possible for v in views)
        if term is None or not term.countable or not all(whole) or doubt:
            continue
        numbers = [len(v.sheet.labelled(label)) for v in views]
        near = sorted({max(0, n + step) for n in numbers for step in (-1, 0, 1)})
        stem = f"How many {noun_of(label).many} does each image show?"
        facts = [[*w[:1], *_of_label(v, label)] for v, w in zip(views, whole, strict=True)]
        yield from _compared(
            views, f"count {label}", facts, [str(n) for n in numbers], [str(n) for n in near], stem
        )


def _presence(views: Sequence[View]) -> Iterator[ItemOrder]:
    """In which images a finding is present, where every image asserts or denies it.

    Two images have but four answers, so three are needed.
    """
    terms = [v.sheet.present | set(v.sheet.absent) for v in views]
    for term in sorted(set.intersection(*terms)):
        if findings().get(term) is None:
            continue
        facts = [_saying(v, term) for v in views]
        truth = ["yes" if term in v.sheet.present else "no" for v in views]
        if all(facts):
            stem = f"Is {named(term)} present in each image?"
            yield from _compared(views, f"presence {term}", facts, truth, ("yes", "no"), stem)


def _places(views: Sequence[View]) -> Iterator[ItemOrder]:
    """Where the only region of a label lies in each."""
    alone = [{n.region.label: n for n in named_regions(v.sheet)} for v in views]
    for label in sorted(set.intersection(*map(set, alone))):
        facts = [
            [*n[label].facts, *v.sheet.about(n[label].region.id, "position")[:1]]
            for v, n in zip(views, alone, strict=True)
        ]
        places = [str(f[-1].value) for f in facts]
        if all(f[-1].kind == "position" for f in facts):
            stem = f"Where in each image does {noun_of(label).again()} lie?"
            yield from _compared(views, f"position {label}", facts, places, _far(places), stem)


def _compared(
    views: Sequence[View], target: str, facts: Iterable[Iterable[Fact]], truth: list[str],
    domain: Iterable[str], stem: str,
) -> Iterator[ItemOrder]:  # fmt: skip
    """The order, where the images differ."""
    if len(set(truth)) < 2:
        return
    values = list(dict.fromkeys([*truth, *domain]))
    held = tuple(dict.fromkeys(f for of_one in facts for f in of_one))
    wrong = _around(truth, values, views[0].sheet.image.id, target)
    yield ItemOrder(
        "several", "comparison", target, held, tuple(_regions(views, held)), key=_said(truth),
        wrong=tuple(_said(v) for v in wrong), example=stem,
    )  # fmt: skip


def _around(truth: list[str], values: list[str], *key: str) -> list[list[str]]:
    """Four other tuples of values, near to one of the five, that is the truth in one item of five.

    Were they all nearest to the truth, the truth would be the one that shares most with the others,
    and could be told without a picture.
    """
    every = [list(v) for v in product(values, repeat=len(truth))]
    beside = [v for v in every if _changes(v, truth) == 1]
    middle = truth
    if pick(OPTIONS, "middle", *key) and beside:
        middle = beside[pick(len(beside), "beside", *key)]
    order = sorted(every, key=lambda v: (_changes(v, middle), digest("around", *key, v)))
    return [v for v in order if v != truth][: OPTIONS - 1]


def _changes(one: list[str], other: list[str]) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _said(values: list[str]) -> str:
    """ "PA in the first and lateral in the second"."""
    return joined([f"{v} in the {o}" for v, o in zip(values, ORDINALS, strict=False)])


def _spoken(kind: str, value: str) -> str:
    """ "lung" is an organ, "lung window" is none."""
    if kind == "window":
        return f"{value} window"
    return SEQUENCES.get(value, value) if kind == "sequence" else value


def _far(places: list[str]) -> list[str]:
    """Positions opposite to the true ones, on the grid: never a neighbour."""
    last = len(POSITIONS) - 1
    return [POSITIONS[last - POSITIONS.index(p)] for p in places if p in POSITIONS] + [
        p
        for p in ("upper left", "upper right", "lower left", "lower right")
        if not _near(p, places)
    ]


def _near(place: str, places: list[str]) -> bool:
    """Do two places share an edge of the 3 x 3 grid?"""
    row, column = divmod(POSITIONS.index(place), 3)
    cells = [divmod(POSITIONS.index(p), 3) for p in places if p in POSITIONS]
    return any(abs(row - r) + abs(column - c) == 1 for r, c in cells)


def _labels(views: Sequence[View]) -> list[str]:
    return sorted({r.label for v in views for r in v.sheet.regions if not r.candidate})


def _of_label(view: View, label: str) -> list[Fact]:
    return [f for r in view.sheet.labelled(label) for f in view.sheet.about(r.id, "label")]


def _saying(view: View, term: str) -> tuple[Fact, ...]:
    absent = view.sheet.absent
    return (absent[term],) if term in absent else saying(view.sheet, term)


def _regions(views: Sequence[View], facts: Iterable[Fact]) -> list[Region]:
    known = {id: r for v in views for id, r in v.sheet.region.items()}
    return list({f.subject: known[f.subject] for f in facts if f.subject in known}.values())
