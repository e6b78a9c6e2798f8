import dataclasses
import importlib.metadata
from collections.abc import Iterator, Sequence

import pytest

from expert_models.experts import registry
from expert_models.experts.base import ExpertCard, Prediction, Scan
from schemas.vocabulary import findings, modalities, organs


def card(name: str = "extra", **fields: object) -> ExpertCard:
    values = {"labels": ("polyp",), "modalities": ("ES",), "anatomies": ("colon",)}
    words = dict.fromkeys(("method", "source", "license_code"), "x")
    return ExpertCard(name=name, version="1", kind="segmenter", **(words | values | fields))


class Extra:
    card = card()

    def load(self) -> None:
        pass

    def predict(self, batch: Sequence[Scan]) -> list[Prediction]:
        return [[] for _ in batch]


class Misnamed(Extra):
    card = card("another")


class Heavy(Extra):
    card = card("heavy")

    def load(self) -> None:
        raise OSError("no weights")


class Crash(Extra):
    def __init__(self) -> None:
        raise RuntimeError("boom")


@pytest.fixture
def plugged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    points = [
        importlib.metadata.EntryPoint(name, f"{__name__}:{value}", registry.GROUP)
        for name, value in request.param
    ]
    classes = {p.name: globals().get(p.value.partition(":")[2]) for p in points}

    def load(self: importlib.metadata.EntryPoint) -> object:
        if classes[self.name] is None:
            raise ImportError("no module named missing")
        return classes[self.name]

    monkeypatch.setattr(importlib.metadata.EntryPoint, "load", load)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    registry._known.cache_clear()
    registry.expert_named.cache_clear()
    yield
    registry._known.cache_clear()
    registry.expert_named.cache_clear()


def test_all_that_come_with_medgrain_can_be_made_and_speak_the_vocabularies() -> None:
    assert [b for b in registry.broken() if b.origin == "medgrain"] == []
    assert set(registry.BUILT_IN) <= set(registry.names())
    for one in registry.cards():
        assert all(label in findings() for label in one.labels), one.name
        assert all(code in modalities() for code in one.modalities), one.name
        assert all(part in organs() for part in one.anatomies), one.name
        assert all((one.method, one.source, one.license_code)), one.name


def test_one_expert_a_process() -> None:
    name = registry.names()[0]
    assert registry.expert_named(name) is registry.expert_named(name)


def test_a_wrong_name_says_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"'vessles'.*fundus-vessels"):
        registry.expert_named("vessles")


def test_suitable() -> None:
    assert "fundus-vessels" in [c.name for c in registry.suitable("OP", "retina")]
    assert registry.suitable("OP", "skin") == []
    assert registry.suitable(None, "retina") == []


def test_an_unstated_body_part_suits_those_that_take_any() -> None:
    assert not registry.suits(card(), "ES", None)
    assert registry.suits(dataclasses.replace(card(), anatomies=()), "ES", None)


@pytest.mark.parametrize("plugged", [[("extra", "Extra")]], indirect=True)
def test_another_package_brings_an_expert(plugged: None) -> None:
    assert "extra" in registry.names()
    assert "extra" in [c.name for c in registry.suitable("ES", "colon")]
    assert registry.expert_named("extra").predict([]) == []


@pytest.mark.parametrize(
    ("plugged", "fault"),
    [
        ([("extra", "Crash")], "RuntimeError: boom"),
        ([("extra", "Missing")], "ImportError: no module named missing"),
        ([("extra", "Misnamed")], "its card is called 'another'"),
    ],
    indirect=["plugged"],
)
def test_a_broken_package_is_named_and_costs_only_itself(plugged: None, fault: str) -> None:
    assert "extra" not in registry.names()
    assert "fundus-vessels" in registry.names()
    (one,) = [b for b in registry.broken() if b.name == "extra"]
    assert fault in str(one)
    with pytest.raises(registry.ExpertUnavailable, match=fault):
        registry.expert_named("extra")


@pytest.mark.parametrize("plugged", [[("fundus-vessels", "Extra")]], indirect=True)
def test_no_package_takes_a_name_of_ours(plugged: None) -> None:
    assert registry.expert_named("fundus-vessels").card.labels == ("retinal blood vessel",)
    assert "already" in str(registry.broken()[0])


@pytest.mark.parametrize("plugged", [[("heavy", "Heavy")]], indirect=True)
def test_an_expert_that_does_not_load_says_why(plugged: None) -> None:
    assert "heavy" in registry.names()  # listed: its card is known
    with pytest.raises(registry.ExpertUnavailable, match="'heavy' does not load: no weights"):
        registry.expert_named("heavy")
