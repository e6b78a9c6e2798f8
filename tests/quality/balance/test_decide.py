"""All of it together: what stays, why the rest does not, and statistics of what stays."""

import json
import random
from collections import Counter

from quality.balance.choice import BalanceChoice
from quality.balance.decide import balance
from quality.balance.letters import relabelled


def test_letters_of_what_stays_are_even(corpus) -> None:
    items = corpus(300)
    choice = BalanceChoice(quotas={"modality": {"CT": 17}}, options_only="off")
    decided = balance(items, choice, "k")
    stay = [i for i in items if i.id not in decided.refused]
    assert sum(i.modality == "CT" for i in stay) == 17
    letters = Counter(decided.places[i.id] for i in stay)
    assert max(letters.values()) - min(letters.values()) <= 1
    assert not set(decided.places) & set(decided.refused)
    for i in stay:
        order = decided.orders[i.id]
        assert sorted(order) == [0, 1, 2, 3]
        assert tuple(i.options[n] for n in order) == relabelled(i, decided.places[i.id]).options
        assert i.options[order[decided.places[i.id]]] == i.key


def test_reasons_and_counts(corpus) -> None:
    items = corpus(300, leak=0.4)
    choice = BalanceChoice(quotas={"modality": {"CT": 30}}, options_only="drop", most_dropped=0.5)
    decided = balance(items, choice, "k")
    told = decided.statistics
    reasons = Counter(r.reason for r in decided.refused.values())
    assert told["refused"] == dict(reasons)
    assert set(reasons) == {"quota_full", "options_only_answerable"}
    assert told["accepted"] == 300 == told["kept"] + sum(reasons.values())
    assert told["options_only"]["dropped"] == reasons["options_only_answerable"]
    assert told["options_only"]["before"][0]["verdict"] == "above chance"
    assert told["options_only"]["released"][0]["verdict"] == "at chance"
    assert told["options_only"]["released"][0]["items"] == told["kept"]


def test_shares_hold_after_dropping_as_well(corpus) -> None:
    items = corpus(300, leak=0.5)
    quotas = {"question_type": {"plane": 0.1}}
    choice = BalanceChoice(quotas=quotas, options_only="drop", most_dropped=0.5)
    decided = balance(items, choice, "k")
    stay = [i for i in items if i.id not in decided.refused]
    assert sum(i.question_type == "plane" for i in stay) <= 0.1 * len(stay)
    quota = decided.statistics["quotas"][0]
    assert quota["kept"] == sum(i.question_type == "plane" for i in stay)
    assert quota["accepted"] == sum(i.question_type == "plane" for i in items)


def test_order_does_not_matter_and_it_is_json(corpus) -> None:
    items = corpus(150, leak=0.2)
    choice = BalanceChoice(quotas={"modality": {"*": 0.4}}, options_only="drop")
    decided = balance(items, choice, "k")
    again = balance(random.Random(4).sample(items, len(items)), choice, "k")
    assert again == decided
    assert json.loads(json.dumps(decided.statistics)) == decided.statistics


def test_letters_may_stay(corpus) -> None:
    choice = BalanceChoice(letters=False, options_only="off")
    assert balance(corpus(20), choice, "k").places == {}


def test_nothing_is_fine() -> None:
    decided = balance([], BalanceChoice(), "k")
    assert decided.statistics["kept"] == 0
    assert decided.refused == {}
