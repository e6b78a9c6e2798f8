"""Experts on the page: who looked and found, who refused, how far they agree with what sources drew."""

from collections.abc import Mapping, Sequence
from typing import Any

from quality.report.shares import percent, share_of
from quality.report.tables import Table
from schemas.reasons import REASONS

NO_ROUTE = "grounding"  # the gate of images for which the recipe has no expert


def experts(found: Mapping[str, Any]) -> list[Table]:
    """The tables of the section; none where no expert left a trace.

    found  as pipelines.measured_experts says
    """
    if not found:
        return []
    tables = [_origins(found["origins"]), _looked(found["experts"])]
    if found["agreement"]:
        tables.append(_agreement(found["agreement"], found["limit"]))
    if found["refused"]:
        tables.append(_refused(found["refused"]))
    return tables


def flagged(found: Mapping[str, Any]) -> int:
    """Images on which an expert and an annotation disagree by more than the recipe allows."""
    return sum(row["flagged"] for row in found.get("origins", []))


def _origins(rows: Sequence[Mapping[str, Any]]) -> Table:
    kinds = ("annotated", "expert", "both", "none")
    lines = [
        [r["source"], r["images"], *(_of(r[k], r["images"]) for k in kinds), r["flagged"]]
        for r in rows
    ]
    if len(rows) > 1:
        whole = {k: sum(r[k] for r in rows) for k in ("images", *kinds, "flagged")}
        shares = (_of(whole[k], whole["images"]) for k in kinds)
        lines.append(["all", whole["images"], *shares, whole["flagged"]])
    head = ["source", "images", "annotated only", "experts only", "both", "no region", "for review"]
    note = (
        "Whose regions the images have. For review: an expert and the annotation differ by more than the "
        "recipe allows; the image carries the flag “expert disagrees”."
    )
    return Table("Where regions come from", head, lines, note)


def _of(part: int, whole: int) -> str:
    return f"{part:,} ({percent(part / whole)})" if part else "0"


def _looked(rows: Sequence[Mapping[str, Any]]) -> Table:
    counts = ("looked", "compared", "found", "regions", "candidates", "nothing", "refused")
    lines = [
        [r["source"], r["expert"], *(r[k] for k in counts)] for r in rows if r["expert"] != NO_ROUTE
    ]
    head = [
        "source", "expert", "looked at", "compared", "found on", "regions", "candidates",
        "nothing found", "refused",
    ]  # fmt: skip
    note = (
        "Images, but for regions, and candidates among these; a volume expert refuses volumes. Compared: the source drew the label, so "
        "the expert adds no region of it. Where the source says that there is nothing and the expert finds "
        "nothing, no record is left, so such images are not in “looked at”."
    )
    return Table("What experts did", head, lines, note)


def _agreement(rows: Sequence[Mapping[str, Any]], limit: float) -> Table:
    lines = [
        [r["source"], r["expert"], r["measure"], r["n"], f"{r['median']:.2f}", share_of(r["below"], r["n"])]
        for r in rows
    ]  # fmt: skip
    head = ["source", "expert", "measure", "n", "median", f"below {limit:g} (95 % interval)"]
    note = (
        "One figure an image and label: the mean over what the source drew of it. A low figure says that "
        "the two differ, not which of them is right."
    )
    return Table("Agreement with annotations", head, lines, note)


def _refused(rows: Sequence[Mapping[str, Any]]) -> Table:
    lines = [[r["source"], _name(r["expert"]), REASONS.get(r["reason"], r["reason"]), r["images"]] for r in rows]  # fmt: skip
    return Table("Refused, and why", ["source", "expert", "reason", "images"], lines)


def _name(expert: str) -> str:
    return "no expert of the recipe" if expert == NO_ROUTE else expert
