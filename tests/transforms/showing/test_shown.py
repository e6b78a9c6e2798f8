"""What of a sheet is shown: few enough to read, the abnormal first, and names that do not move."""

from types import ModuleType

from schemas.passage import Passage
from transforms.showing.shown import (
    MOST_OF_LABEL,
    MOST_PAIRED,
    MOST_REGIONS,
    shown_of,
    shown_passages,
    shown_regions,
)


def test_a_crowd_is_shown_by_its_largest(sheets: ModuleType) -> None:
    sheet = sheets.nuclei()
    shown = shown_of(sheet)
    assert len(sheet.regions) > 20
    assert len(shown.regions) == MOST_OF_LABEL
    smallest = min(r.area_fraction for r in shown.regions)
    others = [r for r in sheet.regions if r not in shown.regions]
    assert smallest >= max(r.area_fraction for r in others)
    assert shown.hidden == {"nucleus": len(others)}
    assert [r.id for r in shown.regions] == [r.id for r in sheet.regions if r in shown.regions]


def test_lesions_come_before_organs(sheets: ModuleType) -> None:
    maker = sheets.Maker("many", modality="CT")
    for n in range(12):
        maker.region(f"organ {n}", (0, 0, 99, 99), "center", kind="organ", area=0.3)
    small = [maker.region("mass", (n, 0, n + 9, 9), "center", area=0.001) for n in range(2)]
    shown = shown_regions(maker.sheet().regions)
    assert len(shown) == MOST_REGIONS
    assert {r.id for r in shown} > set(small)


def test_facts_on_hidden_regions_are_hidden(sheets: ModuleType) -> None:
    for make in sheets.SHEETS.values():
        sheet = make() if callable(make) else make
        shown = shown_of(sheet)
        seen = {sheet.image.id, None, *(r.id for r in shown.regions)}
        assert all(f.subject in seen and f.object in seen for f in shown.facts)
        assert len({f.id for f in shown.facts}) == len(shown.facts)


def test_relations_are_few_and_of_unlike_things_first(sheets: ModuleType) -> None:
    maker = sheets.Maker("pairs", modality="CT")
    hub = maker.region("mass", (0, 0, 9, 9), "center")
    peers = [maker.region("mass", (n, 9, n + 9, 19), "center") for n in range(3)]
    liver = maker.region("liver", (50, 50, 99, 99), "center", kind="organ")
    for other in (*peers, liver):
        maker.relates(hub, "left_of", other)
    facts = [f for f in shown_of(maker.sheet()).facts if f.subject == hub and f.object]
    assert len(facts) == MOST_PAIRED["far"]
    assert liver in {f.object for f in facts}


def test_what_must_be_kept_comes_last_and_moves_nothing(sheets: ModuleType) -> None:
    sheet = sheets.nuclei()
    plain = shown_of(sheet)
    hidden = next(r for r in sheet.regions if r not in plain.regions)
    fact = next(f for f in sheet.facts if f.subject == hidden.id)
    kept = shown_of(sheet, keep=[fact.id])
    assert kept.regions == [*plain.regions, hidden]
    assert kept.facts == [*plain.facts, fact]
    assert kept.hidden["nucleus"] == plain.hidden["nucleus"] - 1


def test_ages_that_identify_are_not_told(sheets: ModuleType) -> None:
    for age, told in ((89, 1), (90, 0)):
        maker = sheets.Maker("old", modality="CR").says("age", number=age, unit="a")
        sheet = maker.sheet()
        assert len(shown_of(sheet).facts) == told
        assert len(shown_of(sheet, keep=[f.id for f in sheet.facts]).facts) == told


def test_completeness_is_told_of_what_is_absent_only(sheets: ModuleType) -> None:
    maker = sheets.Maker("none", modality="CT")
    maker.region("liver", (0, 0, 9, 9), "center", kind="organ")
    shown = shown_of(maker.all_of("liver").all_of("spleen").sheet())
    assert [f.value for f in shown.facts if f.kind == "complete"] == ["spleen"]


def test_passages_are_on_what_is_shown(sheets: ModuleType) -> None:
    texts = {"liver": "The liver ...", "spleen": "The spleen ...", "": "General ..."}
    passages = [Passage(f"p-{c}", "s", "CC0-1.0", t, concept=c) for c, t in texts.items()]
    maker = sheets.Maker("one", modality="CT")
    maker.region("liver", (0, 0, 9, 9), "center", kind="organ")
    shown = shown_of(maker.sheet())
    assert [p.id for p in shown_passages(passages, shown)] == ["p-liver", "p-"]
    assert len(shown_passages(passages, shown, keep=["p-spleen"])) == 3
