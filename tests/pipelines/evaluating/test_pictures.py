"""Good and bad cases: which are chosen, what may be shown, and what the panels and the page hold."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from expert_models.experts.base import ExpertCard, Found, Prediction, Scan
from expert_models.experts.method import Method
from expert_models.experts.registry import BUILT_IN
from pipelines.catalogue import shipped
from pipelines.evaluating.pictures import gather, page
from pipelines.evaluating.pictures.case import Case, chosen
from pipelines.evaluating.pictures.licences import may_be_shown
from pipelines.evaluating.pictures.montage import MOST_BYTES, montage, save
from pipelines.evaluating.pictures.panel import ANNOTATION, EXPERT, picture_panel, volume_panel
from pipelines.evaluating.pictures.phantoms import Phantom, phantoms
from schemas.vocabulary import findings


def case(value: float | None, patient: str, drawn: bool = True) -> Case:
    panel = np.zeros((40, 50, 3), np.uint8)
    return Case(panel, value, "Dice", drawn, patient, f"s/{patient}{value}", "who")


def test_best_and_worst_are_of_different_patients() -> None:
    cases = [case(v, p) for v, p in [(0.9, "a"), (0.89, "a"), (0.8, "b"), (0.7, "c"), (0.6, "d")]]
    cases += [case(0.1, "e"), case(0.2, "e"), case(0.3, "f"), case(0.35, "a"), case(0.4, "g")]
    good, bad = chosen(cases)
    assert [c.value for c in good] == [0.9, 0.8, 0.7]
    assert [c.value for c in bad] == [0.1, 0.3, 0.4]  # not the second of e, nor one of a


def test_missing_what_is_drawn_is_worst_and_an_unasked_empty_answer_is_last() -> None:
    drawn = [case(v, f"p{v}") for v in (0.9, 0.8, 0.7, 0.6, 0.5)]
    assert chosen([*drawn, case(None, "m")])[1][0].patient == "m"
    undrawn = [case(v, f"p{v}", False) for v in (0.9, 0.8, 0.7, 0.6, 0.5, 0.4)]
    assert None not in [c.value for c in chosen([*undrawn, case(None, "m", False)])[1]]


def test_phantoms_only_fill_up() -> None:
    phantom = [
        Case(np.zeros((4, 4, 3), np.uint8), v, "Dice", True, f"f{v}", f"phantom/film {v}", "page")
        for v in (1.0, 0.99, 0.98, 0.3, 0.2, 0.1)
    ]
    real = [case(0.5, "a"), case(0.4, "b"), case(0.3, "c", False)]
    good, bad = chosen([*phantom, *real])
    assert [c.value for c in good] == [0.5, 0.4, 1.0]
    assert [c.value for c in bad] == [0.3, 0.1, 0.2]
    many = [case(v / 10, f"p{v}") for v in range(1, 8)]
    assert not any(c.phantom for found in chosen([*phantom, *many]) for c in found)


def test_no_case_is_both_good_and_bad() -> None:
    good, bad = chosen([case(0.5, "a")])
    assert (len(good), len(bad)) == (1, 0)


@pytest.mark.parametrize(
    ("license", "shown"),
    [("CC0-1.0", True), ("CC-BY-4.0", True), ("MIT", True), ("Apache-2.0", True),
     ("BSD-3-Clause", True), ("CC-BY-NC-4.0", False), ("CC-BY-SA-4.0", False),
     ("CC-BY-NC-SA-4.0", False), ("LicenseRef-CC-BY", False)],
)  # fmt: skip
def test_licences(license: str, shown: bool) -> None:
    assert may_be_shown("any", license) is shown


def test_a_source_in_doubt_is_not_shown() -> None:
    assert not may_be_shown("kvasir-seg", "CC-BY-4.0")
    assert "kvasir-seg" in shipped()


def test_outlines_lie_on_the_borders_in_their_colours() -> None:
    mask = np.zeros((200, 100), bool)
    mask[40:80, 20:60] = True
    other = np.zeros_like(mask)
    other[120:160, 50:90] = True
    panel = picture_panel(np.zeros((200, 100), np.uint8), [mask], [other])
    scale = panel.shape[0] / 200
    rows, columns = np.nonzero((panel == EXPERT).all(axis=2))
    assert rows.min() / scale == pytest.approx(40, abs=1)
    assert columns.max() / scale == pytest.approx(60, abs=1.5)
    rows, _ = np.nonzero((panel == ANNOTATION).all(axis=2))
    assert rows.min() / scale == pytest.approx(120, abs=1)
    assert (panel[int(60 * scale), int(40 * scale)] == 0).all()  # not filled


def test_planes_stand_head_up_and_keep_their_proportions() -> None:
    values = np.zeros((10, 40, 60), np.float32)
    mask = np.zeros(values.shape, bool)
    mask[7:9, 10:20, 30:50] = True  # near the head
    panel = volume_panel(values, (8.0, 2.0, 1.0), (0, 1), [mask], [])
    axial, coronal = round(150 * 60 / 80), round(150 * 60 / 80)
    cut = panel[:, axial + 4 : axial + 4 + coronal]
    rows, _ = np.nonzero((cut == EXPERT).all(axis=2))
    assert rows.max() < 75


def test_a_montage_is_small_and_holds_every_case(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (6, 236, 236, 3), dtype=np.uint8)
    cases = [Case(n, 0.5, "Dice", True, str(i), "s/i", "who") for i, n in enumerate(noise)]
    made = montage(cases[:3], cases[3:], wide=False)
    assert made.shape[1] >= 3 * 236
    save(made, tmp_path / "m.jpg")
    assert (tmp_path / "m.jpg").stat().st_size <= 2.5 * MOST_BYTES  # noise is the worst case
    assert Image.open(tmp_path / "m.jpg").size == (made.shape[1], made.shape[0])


@pytest.fixture(scope="module")
def drawn() -> list[Phantom]:
    """A plain and a hard one of each; six take seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.evaluating.pictures.phantoms.COUNT", 2)
        return list(phantoms())


def test_phantoms_are_told_apart_and_speak_the_vocabulary(drawn: list[Phantom]) -> None:
    made = drawn
    assert len({one.scan.id for one in made}) == len(made)
    assert {one.scan.id.rsplit(" ", 1)[0] for one in made} == {
        "phantom colon", "phantom film", "phantom chest", "phantom section", "phantom head"
    }  # fmt: skip
    assert all(label in findings() for one in made for label in one.truth)
    assert all(mask.any() and not mask.all() for one in made for mask in one.truth.values())


class Dark(Method):
    """Calls dark things a left lung."""

    card = ExpertCard(
        "dark", "1", "segmenter", ("left lung",), ("CR",), (), "threshold", "none", "MIT"
    )

    def look(self, scan: Scan) -> Prediction:
        return [Found("left lung", scan.display < 100)]


def test_the_page_keeps_other_sections_and_remarks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: list[Phantom]
) -> None:
    monkeypatch.setattr(gather, "shipped", dict)
    monkeypatch.setattr(gather, "phantoms", lambda: iter(drawn))
    (tmp_path / page.REMARKS).write_text("dark: It takes both lungs.\n")
    (tmp_path / page.PAGE).write_text("# x\n\n## other\n\nkept\n")
    page.write_pictures([Dark()], tmp_path, tmp_path)
    text = (tmp_path / page.PAGE).read_text()
    assert "## other\n\nkept" in text
    assert "It takes both lungs." in text
    assert "phantom/film" in text
    assert (tmp_path / "dark.jpg").stat().st_size <= MOST_BYTES
    page.write_pictures([Dark()], tmp_path, tmp_path)
    assert (tmp_path / page.PAGE).read_text() == text


def test_every_expert_that_comes_with_medgrain_is_shown_and_remarked_on() -> None:
    folder = Path(__file__).resolve().parents[3] / "docs" / "experts"
    sections = page._sections((folder / page.PAGE).read_text("utf-8"))
    remarks = page._remarks(folder / page.REMARKS)
    for name in BUILT_IN:
        assert name in sections, f"run `medgrain experts pictures {name}`"
        assert (folder / f"{name}.jpg").stat().st_size <= MOST_BYTES
        assert " ".join(remarks[name].split()) in sections[name]
        assert "- Pictures: " in sections[name]
