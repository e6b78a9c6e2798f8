"""Which items an image is asked for: what its facts support, and the recipe's shares."""

from collections import Counter
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from expert_models.writer.item_orders.acquisition import modality_orders
from expert_models.writer.item_orders.conversation import conversation_orders, steps_of
from expert_models.writer.item_orders.several import several_orders
from expert_models.writer.items_choice import ItemsChoice
from expert_models.writer.items_order import ItemOrder
from expert_models.writer.items_plan import plan_items, possible_orders
from schemas.fact import fact
from schemas.image import TEMPLATE_FLAG
from schemas.passage import Passage
from schemas.question import QUESTION_TYPES
from schemas.region import POSITIONS
from schemas.vocabulary import findings
from transforms.sheet import FactSheet
from transforms.showing.view import View

CHOICE = ItemsChoice()
CASES = ("chest_xray", "breast_ultrasound", "abdominal_ct", "fundus", "dermoscopy", "blood_smear",
         "nuclei", "pet", "ms_lesions", "bare", "two_nodules")  # fmt: skip
CURED = "Pneumonia is an infection of the lung. It is treated with antibiotics."
DEFINED = "Pneumonia is an infection of the lung."


def kinds(view: View) -> set[tuple[str, str, str]]:
    return {(o.kind, o.archetype, o.type) for o in possible_orders(view, CHOICE)}


def of_type(view: View, kind: str, type: str) -> list[ItemOrder]:
    return [o for o in possible_orders(view, CHOICE) if (o.kind, o.type) == (kind, type)]


def with_facts(sheet: FactSheet, *more: Any) -> FactSheet:
    return FactSheet(sheet.image, sheet.regions, [*sheet.facts, *more])


def passage(text: str, concept: str = "pneumonia") -> Passage:
    return Passage(f"p/{concept}", "test", "CC0-1.0", text, title=concept, concept=concept)


@pytest.mark.parametrize("case", CASES)
def test_orders_are_sound(case: str, sheets: ModuleType) -> None:
    sheet = sheets.SHEETS[case]()
    orders = possible_orders(View(sheet), CHOICE)
    assert len({o.name for o in orders}) == len(orders)
    for order in orders:
        assert order.facts
        assert all(f in sheet.facts for f in order.facts)
        assert len(order.told) <= 6
        assert order.key not in order.wrong
        if order.kind == "choice":
            assert len(order.wrong) >= 4
            assert len(set(order.wrong)) == len(order.wrong)
        if order.kind == "yes_no":
            assert order.denied is not None
            assert order.denied.says != order.key
        if order.kind != "conversation":
            assert order.type in QUESTION_TYPES
            assert order.example.endswith("?")


def test_a_plan_is_pure_and_its_orders_are_distinct(sheets: ModuleType) -> None:
    view = View(sheets.two_nodules("a"))
    plan = plan_items(view, CHOICE)
    assert plan == plan_items(View(sheets.two_nodules("a")), CHOICE)
    assert len(plan) == CHOICE.per_image
    assert len({(o.type, o.target) for o in plan}) == len(plan)
    names = {tuple(o.name.split("/")[0] for o in plan_items(View(sheets.two_nodules(f"{n}")), CHOICE))
             for n in range(12)}  # fmt: skip
    assert len(names) > 4  # another image, another plan


def test_no_diagnosis_where_the_facts_are_silent(sheets: ModuleType) -> None:
    """Pneumonia is stated; nothing is known of any other disease."""
    sheet = sheets.chest_xray()
    assert not of_type(View(sheet), "choice", "best_diagnosis")
    names = ("tuberculosis", "lung cancer", "COVID-19", "acute respiratory distress syndrome")
    denied = [
        fact(sheet.image.id, "finding", value=name, polarity="absent", origin="declared")
        for name in names
    ]
    three, four = with_facts(sheet, *denied[:3]), with_facts(sheet, *denied)
    assert not of_type(View(three), "choice", "best_diagnosis")
    (order,) = of_type(View(four), "choice", "best_diagnosis")
    assert order.key == "pneumonia"
    assert set(order.wrong) == set(names)
    assert set(denied) < set(order.facts)
    assert order.regions == ()


def test_a_diagnosis_excludes_the_other_kinds_of_one_lesion(sheets: ModuleType) -> None:
    sheet = sheets.dermoscopy()  # melanoma denied
    stated = with_facts(sheet, fact(sheet.image.id, "finding", value="melanocytic nevus"))
    (order,) = of_type(View(stated), "choice", "best_diagnosis")
    assert order.wrong[0] == "melanoma"  # denied by a fact
    assert {findings().get(w).group for w in order.wrong} == {"skin lesion"}  # type: ignore[union-attr]
    assert "skin lesion" not in order.wrong  # a more general name is true as well
    assert [f.kind for f in order.vignette] == ["sex"]  # ninety years are not told
    two = with_facts(stated, fact(sheet.image.id, "finding", value="basal cell carcinoma"))
    assert not of_type(View(two), "choice", "best_diagnosis")


@pytest.mark.parametrize(
    ("passages", "asked"),
    [
        ((), 0),
        ((passage(DEFINED),), 0),
        ((passage(CURED),), 1),
        ((passage("Melanoma is removed by surgery.", "melanoma"),), 0),  # not in this image
        ((passage("An endotracheal tube needs monitoring.", "endotracheal tube"),), 0),  # a device
    ],
)
def test_a_next_step_needs_a_passage_on_management(
    passages: tuple[Passage, ...], asked: int, sheets: ModuleType
) -> None:
    orders = of_type(View(sheets.chest_xray(), passages), "choice", "next_step")
    assert len(orders) == asked
    for order in orders:
        assert order.key == ""
        assert [f.value for f in order.facts] == ["pneumonia"]
        assert order.passages == passages


def test_no_place_without_a_region_and_no_two_places_side_by_side(sheets: ModuleType) -> None:
    assert not of_type(View(sheets.dermoscopy()), "choice", "where_position")
    smear = View(sheets.blood_smear())
    (center,) = of_type(smear, "choice", "where_position")
    assert center.key == "center"
    assert set(center.wrong) == {"upper left", "upper right", "lower left", "lower right"}
    for order in of_type(View(sheets.abdominal_ct()), "choice", "where_position"):
        at = [divmod(POSITIONS.index(order.key), 3)]
        apart = [divmod(POSITIONS.index(w), 3) for w in order.wrong if w != "center"]
        assert all(abs(r - at[0][0]) + abs(c - at[0][1]) > 1 for r, c in apart)


def test_a_middle_near_the_center_is_not_asked_for(sheets: ModuleType) -> None:
    """Five options for the middle of an edge need the center, which must be clearly wrong."""
    made = sheets.Maker("edge", modality="CT", anatomy="abdomen", width=300, height=300)
    made.region("liver", (60, 120, 160, 180), "middle left", kind="organ")  # center at 110 of 300
    assert not of_type(View(made.all_of("liver").sheet()), "choice", "where_position")
    far = sheets.Maker("far", modality="CT", anatomy="abdomen", width=300, height=300)
    far.region("liver", (10, 120, 90, 180), "middle left", kind="organ")
    (order,) = of_type(View(far.all_of("liver").sheet()), "choice", "where_position")
    assert "center" in order.wrong


def test_silence_makes_no_pair_of_presence(sheets: ModuleType) -> None:
    sheet = sheets.blood_smear()  # nothing is known to be absent
    assert not of_type(View(sheet), "yes_no", "finding_present")
    known = with_facts(sheet, fact(sheet.image.id, "complete", value="malaria parasite"))
    orders = of_type(View(known), "yes_no", "finding_present")
    assert [o.denied.says for o in orders if o.denied] == ["malaria parasite"]
    assert orders[0].denied is not None
    assert orders[0].denied.facts == (known.facts[-1],)
    assert orders[0].denied.regions == ()


def test_opposites_are_no_neighbours(sheets: ModuleType) -> None:
    orders = of_type(View(sheets.two_nodules()), "yes_no", "appearance")
    pairs = {(o.key, o.denied.says) for o in orders if o.denied}
    assert ("brighter", "darker") in pairs
    assert ("round", "elongated") in pairs
    assert not any("oval" in pair for pair in pairs)


def test_the_place_denied_is_the_opposite_one(sheets: ModuleType) -> None:
    orders = of_type(View(sheets.abdominal_ct()), "yes_no", "where_position")
    assert {(o.key, o.denied.says) for o in orders if o.denied} == {
        ("middle left", "middle right"),
        ("lower right", "upper left"),
    }
    center = of_type(View(sheets.blood_smear()), "yes_no", "where_position")
    assert [(o.key, o.denied.says) for o in center if o.denied] == [("center", "upper left")]


def test_measured_answers_keep_the_rule_of_the_facts_generator(sheets: ModuleType) -> None:
    orders = of_type(View(sheets.abdominal_ct()), "short", "how_large")
    liver = next(o for o in orders if "liver" in o.example)
    assert liver.measure is not None
    assert (liver.measure.value, liver.measure.unit) == (148.2, "mm")
    assert liver.measure.tolerance == pytest.approx(7.41)  # 5 %, more than a pixel's diagonal
    assert liver.keep == ("millimeters",)
    assert "%" not in "".join(o.key for o in possible_orders(View(sheets.fundus()), CHOICE))


def test_counted_by_ninety_labels_but_told_by_a_few(sheets: ModuleType) -> None:
    (order,) = of_type(View(sheets.nuclei()), "short", "how_many")
    assert len(order.facts) > 90
    assert {"count", "complete", "label"} == {f.kind for f in order.told}


def test_modality_rivals_look_unlike(sheets: ModuleType) -> None:
    order = modality_orders(View(sheets.abdominal_ct()))[0]
    assert order.key == "computed tomography"
    assert "magnetic resonance imaging" in order.wrong
    assert not {"fundus photography", "mammography"} & set(order.wrong)  # not of the abdomen
    sequence = next(o for o in modality_orders(View(sheets.ms_lesions())) if o.target == "sequence")
    assert sequence.key == "FLAIR"
    assert "T2-weighted" not in sequence.wrong  # FLAIR is a T2 weighting


def test_only_the_template_is_asked_about(sheets: ModuleType) -> None:
    sheet = sheets.two_nodules()
    flagged = FactSheet(replace(sheet.image, flags=[TEMPLATE_FLAG]), sheet.regions, sheet.facts)
    asked = {o.type for o in possible_orders(View(flagged), CHOICE)}
    assert asked <= {"modality", "plane", "anatomy", ""}
    assert set(steps_of(View(flagged))) <= {"kind", "part"}


def test_what_a_model_proposed_settles_no_key(sheets: ModuleType) -> None:
    sheet = sheets.breast_ultrasound()
    guessed = [replace(f, origin="expert_model") for f in sheet.facts if f.subject in sheet.region]
    known = [f for f in sheet.facts if f.subject not in sheet.region]
    orders = possible_orders(
        View(FactSheet(sheet.image, sheet.regions, [*known, *guessed])), CHOICE
    )
    assert orders
    assert not [o for o in orders if o.kind != "conversation" and o.regions]


def test_conversations_go_from_coarse_to_fine(sheets: ModuleType) -> None:
    counts = Counter()
    for n in range(40):
        (order,) = conversation_orders(View(sheets.two_nodules(f"{n}")), CHOICE)
        names = [next(k for k, s in steps_of(View(sheets.two_nodules(f"{n}"))).items() if s == step)
                 for step in order.steps]  # fmt: skip
        ranks = [["kind", "part", "finding", "place", "look", "size", "relation", "absent"].index(x)
                 for x in names]  # fmt: skip
        assert ranks == sorted(ranks)
        assert "finding" in names
        counts[len(names)] += 1
    assert set(counts) == {2, 3, 4, 5}
    assert not conversation_orders(View(sheets.bare()), CHOICE)  # one step is no conversation


def test_of_two_alike_the_largest_is_meant(sheets: ModuleType) -> None:
    steps = steps_of(View(sheets.two_nodules()))
    assert steps["place"].about == "where the largest pulmonary nodule lies"
    assert [r.position for r in steps["place"].regions] == ["upper left"]


def scan(sheets: ModuleType, name: str, plane: str, nodules: int, complete: bool = True) -> View:
    made = (
        sheets.Maker(name, modality="CT", anatomy="chest")
        .says("modality", "CT")
        .says("plane", plane)
    )
    for n in range(nodules):
        made.region("pulmonary nodule", (40 * n, 10, 40 * n + 12, 24), "upper left")
    return View((made.all_of("pulmonary nodule") if complete else made).sheet())


def test_several_images_differ_in_what_each_of_them_states(sheets: ModuleType) -> None:
    one, two = scan(sheets, "a", "axial", 1), scan(sheets, "b", "coronal", 2)
    orders = {o.target: o for o in several_orders(replace(one, others=(two,)))}
    assert set(orders) == {"plane", "count pulmonary nodule"}
    plane, count = orders["plane"], orders["count pulmonary nodule"]
    assert plane.key == "axial in the first and coronal in the second"
    assert count.key == "1 in the first and 2 in the second"
    assert {f.subject for f in plane.facts} == {one.sheet.image.id, two.sheet.image.id}
    assert {r.id for r in count.regions} == set(one.sheet.region) | set(two.sheet.region)
    assert len(plane.wrong) == len(count.wrong) == 4


def test_several_images_that_cannot_be_compared(sheets: ModuleType) -> None:
    one, like = scan(sheets, "a", "axial", 1), scan(sheets, "b", "axial", 1)
    unsure = scan(sheets, "c", "axial", 2, complete=False)
    assert not several_orders(one)  # alone
    assert not several_orders(replace(one, others=(one,)))  # with itself
    assert not several_orders(replace(one, others=(like,)))  # alike in all
    assert not several_orders(replace(one, others=(unsure,)))  # not all of its nodules are known
    assert not several_orders(replace(one, others=(like, unsure, scan(sheets, "d", "axial", 0))))


def test_the_key_of_several_is_not_the_middle_of_its_options(sheets: ModuleType) -> None:
    """An option that shares most with the others would give itself away."""
    middle = 0
    for n in range(120):
        one, two = scan(sheets, f"a{n}", "axial", 1), scan(sheets, f"b{n}", "coronal", 2)
        order = next(o for o in several_orders(replace(one, others=(two,))) if o.target != "plane")
        texts = [order.key, *order.wrong]
        words = [t.replace(" and ", " ").split(" in the ") for t in texts]
        shared = [
            sum(a == b for other in words for a, b in zip(w, other, strict=True)) for w in words
        ]
        middle += shared[0] == max(shared) and shared.count(max(shared)) == 1
    assert middle < 48  # one in five is 24; were wrong options nearest to the key it would be most


def test_shares_are_kept(sheets: ModuleType) -> None:
    choice = ItemsChoice(per_image=1, kinds={"choice": 3, "yes_no": 1},
                         archetypes={"finding": 1, "modality": 1})  # fmt: skip
    made = [plan_items(View(sheets.breast_ultrasound(f"{n}")), choice) for n in range(240)]
    counts = Counter((o.kind, o.archetype) for plan in made for o in plan)
    assert sum(counts.values()) == 240
    assert 40 < counts["yes_no", ""] < 80  # a quarter is 60
    assert 65 < counts["choice", "modality"] < 115  # half of the rest is 90
    assert set(counts) == {("yes_no", ""), ("choice", "finding"), ("choice", "modality")}


def test_weights_of_nought_and_of_nothing(sheets: ModuleType) -> None:
    view = View(sheets.two_nodules())
    assert plan_items(view, ItemsChoice(per_image=0)) == []
    assert {o.kind for o in plan_items(view, ItemsChoice(per_image=9, kinds={"short": 1}))} == {
        "short"
    }
    assert plan_items(view, ItemsChoice(kinds={"choice": 1}, archetypes={"finding": 0})) == []
    for wrong in (
        {"kinds": {"choice": 0}},
        {"kinds": {"choice": -1}},
        {"kinds": {"riddle": 1}},
        {"archetypes": {"finding": float("nan")}},
        {"fewest_turns": 4, "most_turns": 3},
    ):
        with pytest.raises(ValidationError):
            ItemsChoice(**wrong)


def test_what_is_known_of_such_a_finding_is_known_of_the_one_named_before(
    sheets: ModuleType,
) -> None:
    """A smear shows several kinds of cell; the conversation speaks of one of them."""
    sheet = sheets.SHEETS["blood_smear"]()
    named = {f.value for f in steps_of(View(sheet))["finding"].facts}
    labels = sorted({r.label for r in sheet.regions})
    others = [label for label in labels if label not in named]
    assert others
    passages = tuple(passage(f"About the {label}, in words.", label) for label in labels)
    assert "knowledge" not in steps_of(
        View(sheet, tuple(p for p in passages if p.concept in others))
    )
    [said] = steps_of(View(sheet, passages))["knowledge"].passages
    assert said.concept in named
