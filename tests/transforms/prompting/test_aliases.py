"""Aliases lead to ids and back, in an order that does not depend on anything but the view."""

from dataclasses import replace
from types import ModuleType

from schemas.passage import Passage
from transforms.prompting.aliases import Aliases
from transforms.sheet import FactSheet
from transforms.showing.view import View

PASSAGES = (Passage("p1", "s", "CC0-1.0", "One."), Passage("p2", "s", "CC0-1.0", "Two."))


def test_every_name_leads_to_its_id_and_back(sheets: ModuleType) -> None:
    sheet = sheets.chest_xray()
    aliases = Aliases(View(sheet, PASSAGES))
    assert list(aliases.passages.items()) == [("P1", "p1"), ("P2", "p2")]
    assert [aliases.regions[f"R{n}"] for n in (1, 2)] == [r.id for r in sheet.regions[:2]]
    assert sheet.by_id[aliases.facts["F1"]].kind == "modality"
    for alias, id in (aliases.facts | aliases.regions | aliases.passages).items():
        assert aliases.of(id) == alias
    assert aliases.resolve(["R2", "F1", "R2", "F999", "p1"]) == (
        [sheet.regions[1].id, aliases.facts["F1"]],
        ["F999", "p1"],
    )
    assert aliases.all_of(["p2", "elsewhere", "p1"]) == ["P2", "P1"]


def test_the_order_of_the_facts_does_not_matter(sheets: ModuleType) -> None:
    sheet = sheets.abdominal_ct()
    turned = FactSheet(sheet.image, sheet.regions, sheet.facts[::-1])
    assert Aliases(View(sheet)).facts == Aliases(View(turned)).facts


def test_several_images_have_names_of_their_own(sheets: ModuleType) -> None:
    other = View(sheets.breast_ultrasound(), PASSAGES[1:])
    aliases = Aliases(View(sheets.chest_xray(), PASSAGES, others=(other,)))
    assert aliases.facts.keys() >= {"I1F1", "I2F1"}
    assert aliases.regions["I2R1"] == other.sheet.regions[0].id
    assert list(aliases.passages) == ["P1", "P2"]  # a passage is of no image, and told once
    assert len(aliases.views) == 2


def test_a_kept_id_changes_no_other_name(sheets: ModuleType) -> None:
    view = View(sheets.nuclei())
    plain = Aliases(view)
    hidden = [r for r in view.sheet.regions if plain.of(r.id) is None]
    kept = Aliases(view, keep=[hidden[0].id])
    assert kept.of(hidden[0].id) == f"R{len(plain.regions) + 1}"
    assert kept.regions.items() > plain.regions.items()
    assert kept.facts == plain.facts
    assert Aliases(replace(view, others=())).regions == plain.regions
