"""Quotas: never overrun, as full as they can be, the same for any order, twins together."""

import random
from collections import Counter

import pytest
from pydantic import ValidationError

from quality.balance.choice import BalanceChoice
from quality.balance.quotas import fill


def kept(items, quotas, key: str = "k"):
    refused = fill(items, quotas, key).refused
    return [i for i in items if i.id not in refused]


def test_a_count_is_a_most(corpus) -> None:
    items = corpus(300)
    stay = kept(items, {"modality": {"CT": 20, "MR": 10_000}})
    by = Counter(i.modality for i in stay)
    before = Counter(i.modality for i in items)
    assert by == {"CT": 20, "MR": before["MR"], "US": before["US"]}


def test_a_share_is_of_what_stays(corpus) -> None:
    items = corpus(300)
    stay = kept(items, {"question_type": {"plane": 0.2}})
    planes = sum(i.question_type == "plane" for i in stay)
    others = sum(i.question_type != "plane" for i in items)
    assert planes <= 0.2 * len(stay)
    assert len(stay) - planes == others
    assert planes + 1 > 0.2 * (len(stay) + 1)  # one more would be too many


def test_several_quotas_hold_at_once(corpus) -> None:
    items = corpus(400)
    quotas = {"modality": {"CT": 0.3, "US": 60}, "question_type": {"*": 0.35}}
    result = fill(items, quotas, "k")
    stay = [i for i in items if i.id not in result.refused]
    by_type = Counter(i.question_type for i in stay)
    assert result.shares_hold
    assert sum(i.modality == "CT" for i in stay) <= 0.3 * len(stay)
    assert sum(i.modality == "US" for i in stay) <= 60
    assert max(by_type.values()) <= 0.35 * len(stay)
    assert len(stay) > 150


def test_neither_order_nor_luck_decides(corpus) -> None:
    items = corpus(300)
    quotas = {"modality": {"CT": 25}}
    stay = {i.id for i in kept(items, quotas)}
    assert stay == {i.id for i in kept(random.Random(3).sample(items, 300), quotas)}
    assert stay != {i.id for i in kept(items, quotas, "another key")}
    fewer = [i for i in items if i.id in stay or i.modality != "CT"]
    assert {i.id for i in kept(fewer, quotas)} == stay  # those refused had no say


def test_twins_stay_or_fall_together(made) -> None:
    pairs = []
    for n in range(30):
        twin = {"options": ("yes", "no"), "question_type": "finding_present"}
        pairs += [
            made(f"y{n}", answer_index=0, twin_id=f"n{n}", **twin),
            made(f"n{n}", answer_index=1, twin_id=f"y{n}", **twin),
        ]
    stay = {i.id for i in kept(pairs, {"question_type": {"finding_present": 21}})}
    assert len(stay) == 20  # an odd place stays empty
    assert all(i.twin_id in stay for i in pairs if i.id in stay)


def test_a_conversation_counts_once_under_its_own_type(made) -> None:
    talks = [
        made(f"talk-{n}", question_type="conversation", options=(), answer_index=None)
        for n in range(9)
    ]
    items = [*talks, *(made(f"qa-{n}") for n in range(9))]
    stay = kept(items, {"question_type": {"conversation": 4}, "modality": {"CT": 12}})
    by = Counter(i.question_type for i in stay)
    assert by["conversation"] <= 4
    assert sum(by.values()) == 12


def test_shares_that_nothing_can_have_are_taken_of_what_was_accepted(made) -> None:
    items = [made(f"qa-{n}") for n in range(50)]
    result = fill(items, {"question_type": {"anatomy": 0.2}}, "k")
    assert not result.shares_hold
    assert 50 - len(result.refused) == 10  # not an empty corpus
    assert fill([], {"question_type": {"anatomy": 0.2}}, "k").shares_hold


def test_rows_tell_what_each_quota_came_to(made) -> None:
    items = [made("a"), made("b"), made("c", modality="MR")]
    result = fill(items, {"modality": {"CT": 1}}, "k")
    assert result.rows == [{"axis": "modality", "kind": "CT", "quota": 1, "accepted": 2, "kept": 1}]
    assert list(result.refused.values()) == ["modality CT: 1 taken by others"]


@pytest.mark.parametrize(
    "quotas",
    [
        {"modality": {"Ct": 5}},  # not a code
        {"question_type": {"plane": 1.0}},  # no cap at all
        {"question_type": {"plane": True}},
        {"question_type": {"plane": -1}},
        {"source": {"busbra": 3}},
    ],
)
def test_quotas_that_mean_nothing_are_refused(quotas) -> None:
    with pytest.raises(ValidationError):
        BalanceChoice.model_validate({"quotas": quotas})


def test_choice_survives_json() -> None:
    quotas = {"modality": {"CT": 5, "*": 0.5}, "anatomy": {"not reported": 0}}
    choice = BalanceChoice.model_validate({"quotas": quotas})
    again = BalanceChoice.model_validate_json(choice.model_dump_json())
    assert again == choice
    assert [type(q) for q in again.quotas["modality"].values()] == [int, float]
