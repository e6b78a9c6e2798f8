"""Corpus-wide decisions are a pure function of keys."""

import random

from pipelines.phases.curate import first_of_equal_pixels, split_patients

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1, "origin": True, "key": "k"}


def row(id: str, *, pixels: str = "", patient: str = "p", split: str = "") -> dict[str, str]:
    return {"id": id, "source": "s", "item": id, "pixel_sha256": pixels or id,
            "patient_key": patient, "split": split}  # fmt: skip


def test_the_first_of_equal_pixels_stays_and_the_reject_names_it() -> None:
    kept, rejects = first_of_equal_pixels([row("a", pixels="x"), row("b"), row("c", pixels="x")])
    assert [r["id"] for r in kept] == ["a", "b"]
    assert [(r.id, r.reason) for r in rejects] == [("c", "duplicate_pixels")]
    assert "a" in rejects[0].detail


def test_a_patient_has_one_split_and_the_most_held_out_one_wins() -> None:
    rows = [
        row("a", split="train"),
        row("b", split="test"),
        row("c", patient="q", split="validation"),
    ]
    assert split_patients(rows, **SHARES) == {"p": "test", "q": "validation"}


def test_splits_of_origin_can_be_ignored() -> None:
    everything_trains = {**SHARES, "origin": False, "train": 1.0, "validation": 0.0, "test": 0.0}
    assert split_patients([row("a", split="test")], **everything_trains) == {"p": "train"}


def test_drawn_splits_follow_the_shares_and_do_not_depend_on_company_or_order() -> None:
    rows = [row(f"i{n}", patient=f"p{n}") for n in range(3000)]
    drawn = split_patients(rows, **SHARES)
    share = {s: sum(v == s for v in drawn.values()) / 3000 for s in ("train", "validation", "test")}
    assert abs(share["train"] - 0.8) < 0.03  # 4 standard errors
    assert abs(share["test"] - 0.1) < 0.025
    random.Random(1).shuffle(rows)
    assert split_patients(rows[:500], **SHARES).items() <= drawn.items()


def test_another_key_draws_other_splits() -> None:
    rows = [row(f"i{n}", patient=f"p{n}") for n in range(200)]
    assert split_patients(rows, **SHARES) != split_patients(rows, **{**SHARES, "key": "other"})
