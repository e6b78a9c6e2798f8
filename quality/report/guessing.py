"""What a guess is worth: the tables of balance, in a clinician's words."""

from collections.abc import Mapping, Sequence
from typing import Any

from quality.balance.options_only import ABOVE, AT_CHANCE
from quality.report.shares import interval, percent, share_of
from quality.report.tables import Table, modality, words

Rows = Sequence[Mapping[str, Any]]
VERDICTS = {
    ABOVE: "better than chance: the options give answers away",
    AT_CHANCE: "no better than chance",
}
UNEVEN = 0.01  # p; below it letters are told as uneven
ORDERS = {"even": "options in any order", "own": "options in an order of their own (numbers)"}


def guessing(balance: Mapping[str, Any]) -> list[Table]:
    """Tables of the statistics of quality.balance.decide; those without a row are left out."""
    if not balance:
        return []
    made = [
        _options_only(balance["options_only"]),
        _frequent(balance["frequent_answer"]),
        _form(balance["form"], balance["lengths"]),
        _letters(balance["letters"]),
        _yes_no(balance["yes_no"]),
        _stems(balance["stems"]),
        _quotas(balance),
    ]
    return [table for table in made if table.rows]


def warnings(balance: Mapping[str, Any]) -> list[str]:
    """What a reader must know before using the questions, in whole sentences."""
    if not balance:
        return []
    above = [row for row in balance["options_only"]["released"] if row["verdict"] == ABOVE]
    shares = "; ".join(
        f"{percent(row['hits'] / row['items'])} of {row['items']:,} with {row['options']} options "
        f"(95 % interval {interval(row['low'], row['high'])}, by chance {percent(row['chance'])})"
        for row in above
    )
    told = []
    if above:
        told.append(
            "Some questions give their answer away. A program that sees the options alone,"
            f" neither picture nor question, picks the right one in {shares}."
        )
    if balance["options_only"].get("spent"):
        told.append("No more questions could be dropped for that within the recipe's bound.")
    if not balance["shares_hold"]:
        told.append("The shares that the recipe asks for cannot hold together; see the quotas.")
    return told


def _options_only(found: Mapping[str, Any]) -> Table:
    rows = []
    for when in ("before", "released"):
        name = "before dropping" if when == "before" else "as released"
        for row in found[when]:
            known = row["hits"] is not None
            told = share_of(row["hits"], row["items"], row["low"], row["high"]) if known else "–"
            verdict = VERDICTS.get(row["verdict"], "not enough questions to tell")
            rows.append(
                [name, row["options"], row["items"], row["patients"], told,
                 percent(row["chance"]), verdict]
            )  # fmt: skip
    head = ["questions", "options", "number", "patients", "guessed right", "by chance", "verdict"]
    note = (
        "A program learns from the options of other patients' questions and guesses; it sees neither"
        " picture nor question. The interval counts patients, as questions on one patient are alike."
    )
    if found["dropped"]:
        note += f" {found['dropped']:,} questions were dropped for this."
    return Table("Guessed from the options alone", head, rows, note)


def _frequent(found: Rows) -> Table:
    rows = [
        [words(row["question_type"]), "open" if row["form"] == "open" else "with options",
         row["items"], share_of(row["hits"], row["items"], row["low"], row["high"]),
         percent(row["chance"]) if row["chance"] is not None else "–"]
        for row in found
    ]  # fmt: skip
    return Table(
        "Guessed by the most common answer",
        ["type", "form", "questions", "guessed right", "by chance"],
        rows,
        "Always the answer that is most often right in other patients.",
    )


FORMS = {
    "longest": "is the longest",
    "shortest": "is the shortest",
    "shares most words with the stem": "shares most words with the question",
    "only one with a hedge": "alone has a word like “may” or “likely”",
    "only one with an absolute word": "alone has a word like “always” or “only”",
    "only one to fit the article": "alone fits the “a” or “an” before it",
}


def _form(found: Rows, lengths: Rows) -> Table:
    rows = [
        [FORMS[row["form"]], row["options"], row["telling"],
         share_of(row["hits"], row["telling"], row["low"], row["high"]), percent(row["chance"])]
        for row in found
        if row["telling"]
    ]  # fmt: skip
    gaps = ", ".join(f"{row['gap']:+.1f} with {row['options']} options" for row in lengths)
    return Table(
        "Guessed by the form of an option",
        ["take the option that", "options", "questions with one", "guessed right", "by chance"],
        rows,
        f"Right answers are longer than wrong ones by so many characters, on average: {gaps}.",
    )


def _letters(found: Rows) -> Table:
    """Overall, and the strata whose letters are uneven."""
    shown = [r for r in found if not r["question_type"] or (r["p"] is not None and r["p"] < UNEVEN)]
    rows = [
        [ORDERS[row["order"]], _stratum(row), row["options"],
         ", ".join(f"{letter} {n:,}" for letter, n in row["letters"].items()),
         "too few to tell" if row["p"] is None else _even(row["p"])]
        for row in shown
    ]  # fmt: skip
    return Table(
        "Letters of the right answers",
        ["kind", "of", "options", "right answers", "even?"],
        rows,
        "Options that may stand in any order were moved so that every letter is right equally often;"
        f" of single types and modalities only uneven ones are shown (chi-square, p below {UNEVEN:g}).",
    )


def _stratum(row: Mapping[str, Any]) -> str:
    if not row["question_type"]:
        return "all"
    return f"{words(row['question_type'])}, {modality(row['modality'])}"


def _even(p: float) -> str:
    return f"no (p {p:.2g})" if p < UNEVEN else f"yes (p {p:.2f})"


def _yes_no(found: Rows) -> Table:
    rows = [
        [_stratum(row), row["items"], share_of(row["yes"], row["items"], row["low"], row["high"])]
        for row in found
    ]
    return Table("Yes or no", ["of", "questions", "answered yes"], rows)


def _stems(found: Rows) -> Table:
    rows = [
        [words(row["question_type"]), row["items"], row["distinct"], row["openings"],
         f"{row['entropy']:.1f}", row["opening"], row["opening_items"], row["near_double"]]
        for row in found
    ]  # fmt: skip
    head = ["type", "questions", "different wordings", "openings", "entropy, bits",
            "most common opening", "with it", "with a near double"]  # fmt: skip
    note = (
        "An opening is the first three words. A near double has the same words of content but one at"
        " most, asked of any image."
    )
    return Table("How the questions are worded", head, rows, note)


def _quotas(balance: Mapping[str, Any]) -> Table:
    rows = [
        [words(row["axis"]), row["kind"], _quota(row["quota"]), row["accepted"], row["kept"]]
        for row in balance["quotas"]
    ]
    return Table("Quotas of the recipe", ["of", "kind", "at most", "accepted", "kept"], rows)


def _quota(quota: int | float) -> str:
    return percent(quota) if isinstance(quota, float) else f"{quota:,}"
