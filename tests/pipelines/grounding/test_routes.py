"""Routes: what a recipe says, what a step rests on, and every fault at once."""

import dataclasses

import pytest

from expert_models.experts.base import Found
from expert_models.experts.registry import BUILT_IN, cards
from pipelines.errors import UsageError
from pipelines.grounding.choice import GroundingChoice
from pipelines.grounding.route import route_of
from pipelines.grounding.routes import default_routes, resolve_grounding
from pipelines.grounding.steps import ground_options, ingest_options
from schemas.ids import digest
from tests.pipelines.grounding.scene import Level


def resolved(tmp_path, **choice):
    return resolve_grounding(GroundingChoice.model_validate(choice), tmp_path)


def test_the_default_holds_every_expert_that_comes_with_medgrain_once(tmp_path) -> None:
    names = [route.name for route in resolved(tmp_path).routes]
    assert sorted(names) == sorted(BUILT_IN)
    assert names.index("ct-lungs") < names.index("ct-lung-opacity")
    assert [entry.expert for entry in default_routes()] == names


def test_default_stands_for_its_routes_in_its_place(tmp_path) -> None:
    routes = resolved(tmp_path, routes=["default", {"expert": "mr-brain"}]).routes
    assert [r.name for r in routes][-1] == "mr-brain"
    assert len(routes) == len(default_routes()) + 1


def test_a_route_survives_json(tmp_path) -> None:
    import json

    choice = [{"expert": "polyp-candidate", "when": {"sources": ["a"]}, "policy": {"most": 2}}]
    [route] = resolved(tmp_path, routes=choice).routes
    again = route_of(json.loads(json.dumps(route.as_json())))
    assert again.as_json() == route.as_json()
    assert again.policy == route.policy
    assert again.when == route.when
    assert again.expert.card.labels == route.expert.card.labels


def test_a_step_rests_on_the_card_and_not_on_the_batch(register, tmp_path) -> None:
    def key(expert: Level) -> str:
        register(expert)
        grounding = resolved(tmp_path, routes=[{"expert": "level"}])
        return digest(ground_options(grounding, 4))

    assert key(Level()) == key(Level(batch=8))
    different = [Level(), Level(version="2"), Level(parameters={"a": 1}), Level(candidate=True)]
    assert len({key(expert) for expert in different}) == 4


def test_ingest_keeps_stored_values_where_an_expert_of_pictures_reads_them(
    register, tmp_path
) -> None:
    register(
        Level("flat"),
        Level("needy", needs_native=True),
        Level("deep", dimensions=3, needs_native=True),
    )
    one = ingest_options(resolved(tmp_path, routes=[{"expert": "flat"}, {"expert": "deep"}]))
    assert one["keep_native"] is False
    assert [r["expert"]["name"] for r in one["volume_routes"]] == ["deep"]
    two = ingest_options(resolved(tmp_path, routes=[{"expert": "flat", "fallback": "needy"}]))
    assert two == {"keep_native": True, "volume_routes": [], "compare": False}
    assert ingest_options(None) == {"keep_native": False, "volume_routes": [], "compare": False}
    assert one["compare"] is True


def test_every_fault_is_told_at_once(register, tmp_path) -> None:
    register(Level("flat"), Level("deep", dimensions=3), Level("sam", refines=True))
    routes = [
        {"expert": "nobody"},
        {"expert": "flat", "fallback": "deep"},
        {"expert": "sam"},
        {"expert": "flat", "when": {"missing": "mask"}},
    ]
    experts = {"flat": {"card": "a.yaml"}, "other": {"card": "absent.yaml"}}
    with pytest.raises(UsageError) as caught:
        resolved(tmp_path, routes=routes, experts=experts)
    text = str(caught.value)
    for part in ("'nobody'", "other work", "missing: mask", "name of a registered", "'other'"):
        assert part in text
    assert "absent.yaml" in text


def test_a_faulty_card_is_one_fault_and_hides_no_other(register, tmp_path) -> None:
    register(Level("flat"))

    def told(*routes: dict) -> list[str]:
        with pytest.raises(UsageError) as caught:
            resolved(tmp_path, routes=[*routes], experts={"mine": {"card": "absent.yaml"}})
        return str(caught.value).splitlines()[1:]

    [fault] = told({"expert": "mine", "fallback": "flat"}, {"expert": "flat", "fallback": "mine"})
    assert "absent.yaml" in fault
    card, other = told({"expert": "mine", "fallback": "nobody"})
    assert "absent.yaml" in card
    assert "no expert is called 'nobody'" in other
    card, idle = told({"expert": "flat"})  # no route names it: that is true, whatever its card
    assert "'mine', which no route names" in idle


def test_two_experts_of_one_producer_are_refused(register, monkeypatch, tmp_path) -> None:
    from expert_models.experts import registry

    one, two = Level("one"), Level("two")
    two.card = dataclasses.replace(two.card, name="one")
    monkeypatch.setattr(registry, "_known", lambda: ({"one": one, "two": two}, ()))
    monkeypatch.setattr("pipelines.grounding.routes._registered", lambda: _named(one, two))
    with pytest.raises(UsageError, match="'one@1'"):
        resolved(tmp_path, routes=[{"expert": "one"}, {"expert": "two"}])


def _named(one: Level, two: Level) -> dict:
    from pipelines.grounding.route import Chosen

    return {"one": Chosen("one", one.card), "two": Chosen("two", two.card)}


def test_cards_of_built_in_experts_are_plain_json() -> None:
    import json

    from pipelines.grounding.route import Chosen

    for card in cards():
        assert json.loads(json.dumps(Chosen(card.name, card).as_json()))["name"] == card.name


def test_labels_of_the_defaults_are_findings() -> None:
    from schemas.vocabulary import findings

    assert all(label in findings() for card in cards() for label in card.labels)
    assert Found("polyp").label in findings()
