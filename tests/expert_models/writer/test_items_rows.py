"""What a program finds wrong with an item, piece by piece."""

from collections import Counter

import pytest

from expert_models.writer.item_orders.next_step import speaks_of_management
from expert_models.writer.item_rows.closed import dealt_out, question_id
from expert_models.writer.item_rows.disclosed import undisclosed
from expert_models.writer.item_rows.faults import joined_fault, numbers, rationale_faults, sentences
from expert_models.writer.item_rows.options import option_faults, plain_option
from expert_models.writer.item_rows.pair import changed_words
from expert_models.writer.item_rows.stem import leak_faults, polar_faults, stem_faults
from expert_models.writer.item_rows.terms import known_term, term_said
from expert_models.writer.items_choice import ItemsChoice
from expert_models.writer.items_order import ItemOrder, Step
from schemas.fact import fact

CHOICE = ItemsChoice()
FIND = fact("r", "label", value="consolidation")
ORDER = ItemOrder(
    "choice", "which_finding", "r", (FIND,), key="consolidation",
    wrong=("pleural effusion", "pneumothorax", "pulmonary nodule", "pulmonary cavity", "atelectasis"),
    example="Which finding does the box with pixel corners (3, 40) and (90, 72) enclose tightly?",
    vignette=(fact("i", "age", number=63, unit="a"),),
)  # fmt: skip
STEM = "In a 63-year-old patient, which finding lies between corners (3, 40) and (90, 72)?"
OPTIONS = [
    "pleural effusion",
    "consolidation",
    "pneumothorax",
    "pulmonary nodule",
    "pulmonary cavity",
]


def reasons(found: list[tuple[str, str]]) -> list[str]:
    return [reason for reason, _ in found]


@pytest.mark.parametrize(
    ("stem", "reason"),
    [
        (STEM, None),
        (STEM.rstrip("?"), "text_malformed"),
        (STEM.lower(), "text_malformed"),
        ("", "text_malformed"),
        (STEM.replace("(90, 72)", "(90, 71)"), "text_malformed"),  # a number lost
        (STEM.replace("63", "64"), "number_contradicted"),  # a number made up
        (STEM.replace("which", "in the caption, which"), "forbidden_words"),
        (STEM.replace("which finding", "which finding of F2"), "forbidden_words"),
        (STEM.replace("which finding lies", "which finding does not lie"), "text_malformed"),
        (STEM.replace("which", "who came in. Look here. Now which"), "text_malformed"),
        (STEM.replace("which", "very " * 25 + "which"), "text_malformed"),
    ],
)
def test_stems(stem: str, reason: str | None) -> None:
    found = stem_faults(stem, ORDER, ORDER.example, CHOICE)
    assert reasons(found)[:1] == ([reason] if reason else [])


def test_a_stem_must_say_its_unit() -> None:
    order = ItemOrder("short", "how_large", "r", (FIND,), keep=("millimeters",),
                      example="With pixels of 0.78 mm, how long is the mass, in millimeters?")  # fmt: skip
    good = "Given a pixel size of 0.78 mm, how many Millimeters long is the mass?"
    assert not stem_faults(good, order, order.example, CHOICE)
    assert reasons(stem_faults(good.replace("Millimeters", "units"), order, order.example, CHOICE))


@pytest.mark.parametrize(
    ("text", "found"),
    [("T2 at 0.5 mm", ["0.5"]), ("corners (3, 40)", ["3", "40"]), ("B12, x86, 1st", []),
     ("63-year-old", ["63"]), ("0.30 and 7.", ["0.30", "7"])],
)  # fmt: skip
def test_numbers_stand_alone(text: str, found: list[str]) -> None:
    assert numbers(text) == found


def test_a_decimal_point_ends_no_sentence() -> None:
    assert sentences("It is 0.5 mm wide.") == 1
    assert sentences("It is wide. It is long.") == 2


@pytest.mark.parametrize(
    ("options", "key", "reason"),
    [
        (OPTIONS, 1, None),
        ([*OPTIONS[:4], "The pneumothorax"], 1, "options_repeat"),
        ([*OPTIONS[:4], "None of the above"], 1, "options_not_parallel"),
        ([*OPTIONS[:4], "both of these"], 1, "options_not_parallel"),
        ([*OPTIONS[:4], ""], 1, "text_malformed"),
        (OPTIONS, 2, "key_wrong"),
        ([*OPTIONS[:4], "an airspace consolidation"], 1, "options_many_true"),  # a synonym
        ([*OPTIONS[:4], "emphysema"], 1, "options_many_true"),  # nobody knows whether it is there
        ([*OPTIONS[:4], "a hazy veil"], 1, None),  # free words are left to the judges
        ([OPTIONS[0], "consolidation of the whole upper part of the lung", *OPTIONS[2:]], 1,
         "options_not_parallel"),
    ],
)  # fmt: skip
def test_options(options: list[str], key: int, reason: str | None) -> None:
    found = option_faults(options, options[key], ORDER, CHOICE.key_length)
    assert (reason in reasons(found)) if reason else not found


def test_an_option_may_carry_its_own_letter_only() -> None:
    assert plain_option("B", "B. the liver.") == "the liver"
    assert plain_option("B", "(B) the liver") == "the liver"
    assert plain_option("A", "E. coli pneumonia") == "E. coli pneumonia"
    assert plain_option("E", "Escherichia coli") == "Escherichia coli"


def test_the_longer_of_two_terms_is_said() -> None:
    terms = ("center", "upper center", "lower left")
    assert term_said("in the upper center of the image", terms) == "upper center"
    assert term_said("right in the center", terms) == "center"
    assert term_said("somewhere", terms) is None
    assert term_said("MRI", ("magnetic resonance imaging", "computed tomography"))
    assert term_said("tell us", ("US", "computed tomography")) is None  # the code is a word as well
    assert known_term("The left lungs") is None
    assert known_term("a pulmonary mass") == "lung mass"


@pytest.mark.parametrize(
    ("stem", "key", "leaks"),
    [
        ("Where is the mass?", "mass", True),
        ("Where is the massive thing?", "mass", False),
        ("Where is the center of the mass?", "center", False),
        ("What lies in the center of the image?", "center", True),
        ("Which is larger, the liver or the spleen?", "the liver", False),
    ],
)
def test_leaks(stem: str, key: str, leaks: bool) -> None:
    assert bool(leak_faults(stem, key, ["the spleen"])) is leaks


def test_polar_stems() -> None:
    assert not polar_faults("Is there a mass?")
    assert polar_faults("Where is the mass?")
    assert polar_faults("Isolated as it is, does it matter?")


@pytest.mark.parametrize(
    ("one", "two", "changed"),
    [
        ("Is a mass in the image?", "Is a polyp in the image?", 1),
        ("Is the mass in the upper left of it?", "Is the mass in the center of it?", 2),
        ("Is a mass here?", "Does this show a polyp at all?", 7),
        ("Is it so?", "Is it so so?", 1),
        ("Is it?", "Is it?", 0),
    ],
)
def test_changed_words(one: str, two: str, changed: int) -> None:
    assert changed_words(one, two) == changed_words(two, one) == changed


def test_letters_are_dealt_evenly_and_the_id_forgets_their_order() -> None:
    places, others = Counter[int](), Counter[str]()
    for n in range(1500):
        options = ["a", "b", "c", "d", "key"]
        id = question_id(["i"], "which_finding", f"stem {n}?", options)
        assert id == question_id(["i"], "which_finding", f"stem {n}?", options[::-1])
        dealt = dealt_out(id, "key", ["a", "b", "c", "d"])
        assert sorted(dealt) == sorted(options)
        assert dealt == dealt_out(id, "key", ["d", "c", "b", "a"])
        places[dealt.index("key")] += 1
        others[next(o for o in dealt if o != "key")] += 1
    for counts, classes in ((places, 5), (others, 4)):
        mean = 1500 / classes
        assert sum((n - mean) ** 2 / mean for n in counts.values()) < 20  # chi-square, p < 0.001
        assert len(counts) == classes
    assert question_id(["i"], "anatomy", "s?", []) != question_id(["i", "j"], "anatomy", "s?", [])


def test_rationales() -> None:
    assert not rationale_faults("The mass is 0.5 mm wide.")
    assert reasons(rationale_faults("The mass is wide")) == ["text_malformed"]
    assert reasons(rationale_faults("As annotated, it is wide.")) == ["forbidden_words"]


PLACE = Step("where it lies", (fact("r", "position", value="upper left"),
                               fact("r", "side", value="left")))  # fmt: skip
KIND = Step("the kind", (fact("i", "modality", value="US"),))
ABSENT = Step("absent", (fact("i", "finding", value="pneumothorax", polarity="absent"),
                         fact("i", "complete", value="atelectasis")))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said", "steps", "early"),
    [
        ("Where is it?", "", [PLACE], False),
        ("Is it in the upper left?", "", [PLACE], True),
        ("Is it in the upper left?", "It lies in the upper left.", [PLACE], False),
        ("What is left to say?", "", [PLACE], False),
        ("Is it on the patient's left?", "", [PLACE], True),
        ("Can you tell us more?", "", [KIND], False),
        ("What does this sonogram show?", "", [KIND], True),
        ("What does this sonogram show?", "It is an ultrasound image.", [KIND], False),
        ("Is a pneumothorax or atelectasis seen?", "", [ABSENT], False),
        ("Why is it 12 mm wide?", "", [PLACE], True),
        ("Why is it 12 mm wide?", "It measures 12 mm.", [PLACE], False),
    ],
)
def test_a_user_asks_before_the_assistant_tells(
    text: str, said: str, steps: list[Step], early: bool
) -> None:
    assert bool(undisclosed(text, said, steps)) is early


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("It is treated with antibiotics.", True),
        ("A biopsy is taken.", True),
        ("Follow-up imaging is usual.", True),
        ("A nodule is a rounded opacity of the lung.", False),
        ("It lies operatively nowhere near.", False),
    ],
)
def test_words_of_management(text: str, does: bool) -> None:
    assert speaks_of_management(text) is does


def test_one_fault_of_many() -> None:
    assert joined_fault([]) is None
    fault = joined_fault([("key_wrong", "a"), ("text_malformed", "b"), ("key_wrong", "a")])
    assert fault is not None
    assert (fault.reason, fault.detail) == ("key_wrong", "a; b")
