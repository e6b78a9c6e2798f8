"""A conversation from coarse to fine: kind of image, body part, finding, place, look, size, relation,
what is absent, what a passage says. Each step is one question and its answer.
"""

from collections.abc import Callable, Iterable

from expert_models.writer.item_orders.next_step import saying, tells_what_to_do
from expert_models.writer.items_choice import ItemsChoice
from expert_models.writer.items_order import ItemOrder, Step
from schemas.fact import Fact
from schemas.ids import digest, pick
from schemas.image import TEMPLATE_FLAG
from schemas.region import Region
from schemas.vocabulary import findings
from transforms.questions.refer import lesions_first
from transforms.questions.terms import plausible, related
from transforms.showing.view import View
from transforms.words.groups import Group

ABOUT = {
    "kind": "what kind of image this is",
    "part": "which part of the body is shown",
    "finding": "what is found in the image",
    "place": "where {it} lies",
    "look": "how {it} looks",
    "size": "what the longest diameter of {it} is",
    "relation": "how {it} lies to another structure",
    "absent": "whether something that is not there is present",
    "knowledge": "what is known of such a finding",
    "management": "what is usually done about such a finding",
}
"""Steps in order, coarse to fine, and what each is about."""

_RELATIONS = ("inside", "overlaps", "adjacent", "distance", "above", "left_of")


def conversation_orders(view: View, choice: ItemsChoice) -> list[ItemOrder]:
    """One, where the facts give enough steps. How many are taken, and which, is a keyed choice."""
    image = view.sheet.image
    steps = steps_of(view)
    if len(steps) < choice.fewest_turns:
        return []
    most = min(choice.most_turns, len(steps))
    count = choice.fewest_turns + pick(most - choice.fewest_turns + 1, "turns", image.id)
    order = sorted(steps, key=lambda name: (name != "finding", digest("step", image.id, name)))
    taken = [steps[name] for name in ABOUT if name in order[:count]]
    facts = tuple(dict.fromkeys(f for step in taken for f in step.facts))
    regions = {r.id: r for step in taken for r in step.regions}
    passages = {p.id: p for step in taken for p in step.passages}
    return [
        ItemOrder(
            "conversation", "", "whole", facts, tuple(regions.values()),
            passages=tuple(passages.values()), steps=tuple(taken),
        )
    ]  # fmt: skip


def steps_of(view: View) -> dict[str, Step]:
    """Every step the facts support, by name, coarse to fine. Of a template only what it shows itself."""
    made = {"kind": _of_image(view, "kind", "modality", "sequence", "plane", "view", "stain"),
            "part": _of_image(view, "part", "anatomy", "image_side")}  # fmt: skip
    if TEMPLATE_FLAG not in view.sheet.image.flags:
        made |= {name: make(view) for name, make in _STEPS.items()}
    return {name: made[name] for name in ABOUT if made.get(name) is not None}  # type: ignore[misc]


def _of_image(view: View, name: str, *kinds: str) -> Step | None:
    facts = [f for kind in kinds for f in view.sheet.of_image(kind)[:1]]
    stated = bool(facts) and facts[0].kind == kinds[0]
    return _step(name, facts) if stated else None


def _finding(view: View) -> Step | None:
    """Findings of the whole image, or what the main region is, with the count where all are known."""
    main, region = _main(view)
    facts = [f for f in view.sheet.stated_findings() if f.polarity == "present"]
    if main is not None and region is not None:
        facts += [*main.labels_of(region), *([main.count] if main.count else [])]
    return _step("finding", facts, [region] if region is not None else [])


def _place(view: View) -> Step | None:
    return _of_main(view, "place", "position", "side")


def _look(view: View) -> Step | None:
    return _of_main(view, "look", "brightness", "homogeneity", "shape", "outline")


def _size(view: View) -> Step | None:
    return _of_main(view, "size", "major_axis")


def _relation(view: View) -> Step | None:
    main, region = _main(view)
    if main is None or region is None:
        return None
    facts = [f for kind in _RELATIONS for f in view.sheet.about(region.id, kind)[:1]][:1]
    other = [view.sheet.region[f.object] for f in facts if f.object in view.sheet.region]
    held = [*facts, *main.labels_of(region)] if facts else []
    return _step("relation", held, [region, *other], _it(main))


def _absent(view: View) -> Step | None:
    """A term known to be absent that one would look for in such an image."""
    sheet = view.sheet
    known = [
        name
        for name in sorted(sheet.absent)
        if (t := findings().get(name)) is not None
        and plausible(t, sheet)
        and not any(related(name, o) for o in (*sheet.present, *sheet.possible))
    ]
    if not known:
        return None
    return _step("absent", [sheet.absent[known[pick(len(known), "absent step", sheet.image.id)]]])


def _knowledge(view: View) -> Step | None:
    return _of_passage(view, "knowledge", acts=False)


def _management(view: View) -> Step | None:
    return _of_passage(view, "management", acts=True)


def _of_passage(view: View, name: str, acts: bool) -> Step | None:
    """The first passage on a finding of the step `finding`, that speaks of acts on the patient or does
    not, with the fact that it is present. On anything else present it would answer another question."""
    finding = _finding(view)
    named = {fact.value for fact in finding.facts} if finding else set()
    for passage in view.passages:
        facts = saying(view.sheet, passage.concept) if passage.concept in named else ()
        if facts and tells_what_to_do(passage) == acts:
            return Step(ABOUT[name], facts, (), (passage,))
    return None


def _of_main(view: View, name: str, *kinds: str) -> Step | None:
    main, region = _main(view)
    if main is None or region is None:
        return None
    facts = [f for kind in kinds for f in view.sheet.about(region.id, kind)[:1]]
    held = [*facts, *main.labels_of(region)[:1]] if facts else []
    return _step(name, held, [region], _it(main))


def _main(view: View) -> tuple[Group | None, Region | None]:
    """What the picture is about: the only region of a lesion-like label, else the largest of one, else
    a region of any label. Never one that only the source has a word for: it would be told as ours. Nor a
    candidate: a talk on what may be nothing asks what it is."""
    known = [g for g in lesions_first(view.sheet) if g.label in findings()]
    groups = [g for g in known if not g.candidate]
    lesions = [g for g in groups if not g.organ_like] or groups
    single = [g for g in lesions if len(g.regions) == 1] or lesions
    return (single[0], single[0].regions[0]) if single else (None, None)


def _step(
    name: str, facts: Iterable[Fact], regions: Iterable[Region] = (), it: str = "it"
) -> Step | None:
    held = tuple(dict.fromkeys(facts))
    return Step(ABOUT[name].format(it=it), held, tuple(regions)) if held else None


def _it(main: Group) -> str:
    """Of several alike, the largest: that is the one meant."""
    return f"the {main.noun.one}" if len(main.regions) == 1 else f"the largest {main.noun.one}"


_STEPS: dict[str, Callable[[View], Step | None]] = {
    "finding": _finding, "place": _place, "look": _look, "size": _size, "relation": _relation,
    "absent": _absent, "knowledge": _knowledge, "management": _management,
}  # fmt: skip
