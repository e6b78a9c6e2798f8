"""How well checks catch errors that were planted: the tables of the probes."""

from collections.abc import Mapping, Sequence
from typing import Any

from quality.intervals import wilson
from quality.report.shares import share_of
from quality.report.tables import Table

TARGET = 0.9  # of the lower bound, where a probe states none
Rows = Sequence[Mapping[str, Any]]


def probes(found: Mapping[str, Any]) -> list[Table]:
    """Tables of the last probes of this corpus; empty where there was none."""
    made = [_judged(found.get("judge", ())), _injected(found.get("injections", ()))]
    if not made[0].rows:
        made[0] = _gated(found.get("gates", ()))
    return [table for table in made if table.rows]


TOO_FEW = " (too few planted to tell)"


def target(found: Mapping[str, Any]) -> float:
    """The lower bound of recall from which a kind of error counts as verified."""
    return float(found.get("about", {}).get("judge", {}).get("target", TARGET))


def unverified(found: Mapping[str, Any]) -> list[str]:
    """Kinds of error that the checks are not shown to catch, each with why if it is not low recall.

    A kind counts where the interval of its recall begins at the target or above and rows with that
    error are refused more often than clean ones (quality.probe.judge_score).
    """
    rows = found.get("judge", ())
    if rows:
        return [f"{r['kind']}{_why(r)}" for r in rows if r["planted"] and not r["verified"]]
    wanted = target(found)
    return [
        row["kind"] + ("" if wilson(row["planted"], row["planted"])[0] >= wanted else TOO_FEW)
        for row in found.get("gates", ())
        if row["planted"] and wilson(row["caught"], row["planted"])[0] < wanted
    ]


def _why(row: Mapping[str, Any]) -> str:
    if not row["enough"]:
        return TOO_FEW
    return "" if row["discriminates"] else " (clean rows are refused as well)"


def _judged(rows: Rows) -> Table:
    told = [
        [row["kind"], row["planted"],
         *(_caught(row["caught"][by], row["planted"]) for by in ("gates", "verifier", "both")),
         row["unanswered"], row["controls"], _caught(row["refused"]["both"], row["controls"])]
        for row in rows
    ]  # fmt: skip
    head = ["planted error", "planted", "caught by fixed checks", "by the model", "by both",
            "model gave no answer", "clean rows", "wrongly refused by both"]  # fmt: skip
    return Table("Planted errors: fixed checks and model", head, told, NOTE, (2, 3, 4, 7))


def _gated(rows: Rows) -> Table:
    told = [
        [row["kind"], row["planted"], _caught(row["caught"], row["planted"]), row["controls"],
         _caught(row["false_rejects"], row["controls"])]
        for row in rows
    ]  # fmt: skip
    head = ["planted error", "planted", "caught", "clean rows", "wrongly refused"]
    return Table("Planted errors: fixed checks", head, told, NOTE)


NOTE = (
    "Errors of known kinds were put into texts believed good, and the checks were not told which."
    " In brackets the 95 % interval (Wilson). A kind without planted errors holds clean texts in other"
    " words, which must pass."
)


def _caught(hits: int, trials: int) -> str:
    return f"{hits:,}: {share_of(hits, trials)}" if trials else "–"


def _injected(rows: Rows) -> Table:
    told = [
        ["all" if row["by"] == "all" else f"{row['by']}: {row['name']}", row["planted"], row["lost"],
         row["reached"], _caught(row["obeyed"], row["planted"]),
         _caught(row["accepted"], row["planted"])]
        for row in rows
    ]  # fmt: skip
    head = ["orders hidden in source data", "planted", "image left out before", "read by a model",
            "followed by a model", "seen in accepted text"]  # fmt: skip
    return Table(
        "Hidden orders", head, told,
        "Orders such as “approve this” were hidden in tables, headers and pixels of drawn images. What"
        " a model follows must still pass the checks; the last column is what came through.",
    )  # fmt: skip
