"""Tables of the report as plain data; the template draws them all alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.reasons import REASONS
from schemas.vocabulary import modalities
from transforms.card.summary import Summary, Tally, total

Cell = Any


@dataclass(frozen=True)
class Table:
    """A titled table of str and int cells; columns of numbers are drawn right-aligned."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    unbroken: tuple[int, ...] = ()  # columns of ids, which read badly when cut in two

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers only."""
        return [
            bool(self.rows) and all(not isinstance(row[k], str) for row in self.rows)
            for k in range(len(self.head))
        ]


MOST_LABELS = 30  # a CT corpus has more than a hundred; the rest is told in one row


def _first(rows: list[list[Any]], most: int) -> list[list[Any]]:
    """The first rows, and one row that adds up the others."""
    if len(rows) <= most:
        return rows
    rest = rows[most:]
    added = [sum(row[k] for row in rest) for k in (2, 3)]
    return [*rows[:most], [f"{len(rest)} more labels", "", *added]]


def contents(summary: Summary) -> list[Table]:
    """What the corpus holds."""
    labels = total(summary.regions, 0, 1, 2)
    names = sorted({key[:2] for key in labels}, key=lambda n: (-_sum(labels, n), n))
    regions = [[*n, *(labels.get((*n, s), 0) for s in ("mask", "box only"))] for n in names]
    return [
        _images(summary),
        Table("Body parts", ["body part", "images"], _largest(total(summary.anatomy, 0))),
        Table("Regions", ["label", "kind", "outline", "box only"], _first(regions, MOST_LABELS)),
        Table("Sentences", ["they tell of", "sentences"], _worded(_largest(summary.sentences))),
        Table("Passages of knowledge", ["from", "licence", "used"], _largest(summary.passages)),
    ]


def modality(code: str) -> str:
    """A modality as people call it, with its code."""
    term = modalities().get(code)
    return f"{term.title} ({code})" if term else code


def words(name: str) -> str:
    """An identifier such as roi_position as words."""
    return name.replace("roi_", "region ").replace("_", " ")


def _worded(rows: list[list[Cell]]) -> list[list[Cell]]:
    return [[words(row[0]), *row[1:]] for row in rows]


def _images(summary: Summary) -> Table:
    by = total(summary.images, 0, 1, 2)
    pairs = sorted({key[:2] for key in by})
    rows = [
        [p[0], modality(p[1]), *(by.get((*p, s), 0) for s in summary.splits), _sum(by, p)]
        for p in pairs
    ]
    sums = [summary.rows("images", s) for s in summary.splits]
    rows.append(["all", "", *sums, sum(sums)])
    people = [summary.patients.get((split,), 0) for split in summary.splits]
    rows.append(["patients", "", *people, sum(people)])
    return Table(
        "Images by source, modality and split",
        ["source", "modality", *summary.splits, "all"],
        rows,
        "One patient is in one split only. Where a source names no patient, each file is one.",
    )


def questions(summary: Summary) -> list[Table]:
    """Questions by type, and how evenly their answers are spread."""
    forms = total(summary.questions, 0, 1)
    spread = total(summary.questions, 1, 2)
    totals = total(summary.questions, 1)
    rows = [
        [form, answer, n, f"{100 * n / totals[(form,)]:.0f} % of {totals[(form,)]:,}"]
        for (form, answer), n in spread.items()
        if form != "open"
    ]
    return [
        Table(
            "Questions by type",
            ["type", "form", "questions"],
            _worded([[*k, n] for k, n in forms.items()]),
        ),
        Table(
            "Where the right answer stands",
            ["form", "answer", "questions", "share"],
            rows,
            "An even spread means that a reader cannot guess the answer from its place.",
        ),
    ]


def uses(summary: Summary) -> Table:
    """What is there for each use, as counts. The judgement is the reader's."""
    images, described = summary.rows("images"), summary.rows("triplets")
    located = described - summary.missing.get(("region",), 0)
    spaced = images - summary.missing.get(("pixel spacing",), 0)
    regions = sum(summary.regions.values())
    outlined = total(summary.regions, 2).get(("mask",), 0)
    sided = regions - summary.sides.get(("unknown",), 0)
    return Table(
        "",
        ["use", "what it needs", "there", "of"],
        [
            ["description", "images with a checked description", described, images],
            ["localisation", "images with a region", located, images],
            ["segmentation", "regions with an outline", outlined, regions],
            ["measurement in mm", "images with a known pixel size", spaced, images],
            ["side of the patient", "regions with a known side", sided, regions],
            ["question answering", "images asked about", summary.asked, images],
        ],
    )


def gates(summary: Summary) -> Table:
    """Every gate: how many released rows carry its verdict, how many rows it sent away."""
    verdicts = total(summary.gates, 1, 2)
    rejects = total(summary.rejects, 2)
    names = sorted({key[0] for key in verdicts} | {key[0] for key in rejects})
    rows = [
        [
            name,
            verdicts.get((name, "passed"), 0),
            verdicts.get((name, "failed"), 0),
            rejects.get((name,), 0),
        ]
        for name in names
    ]
    return Table(
        "",
        ["check", "released rows that passed", "released rows that failed", "rejected by it"],
        rows,
        "A check with no passes reads files or items, before there is a row to mark.",
    )


def rejects(summary: Summary) -> Table:
    """Everything that was left out, by phase and reason."""
    by = total(summary.rejects, 0, 1, 3)
    rows = [
        [phase, scope, REASONS.get(reason, reason), n] for (phase, scope, reason), n in by.items()
    ]
    return Table("Left out, and why", ["phase", "what", "reason", "count"], _by_size(rows))


def licences(summary: Summary) -> Table:
    """Images by source and licence, with what to cite."""
    by = total(summary.images, 0, 3)
    told = {str(s["name"]): s for s in summary.sources}
    rows = [
        [told.get(k[0], {}).get("title") or k[0], k[1], n,
         told.get(k[0], {}).get("citation") or "not reported"]
        for k, n in by.items()
    ]  # fmt: skip
    head = ["source", "licence", "images", "cite"]
    return Table("Licences and sources", head, rows, unbroken=(1,))


def missing(summary: Summary) -> Table:
    """What the sources do not say."""
    images = summary.rows("images")
    rows = [
        [k[0], n, f"{100 * n / images:.0f} % of {images:,}"] for k, n in _by_count(summary.missing)
    ]
    return Table("What is not reported", ["fact", "images without it", "share"], rows)


def _by_count(tally: Tally) -> Iterable[tuple[tuple[str, ...], int]]:
    return sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))


def _largest(tally: Tally) -> list[list[Cell]]:
    return [[*key, n] for key, n in _by_count(tally)]


def _by_size(rows: list[list[Cell]]) -> list[list[Cell]]:
    return sorted(rows, key=lambda row: (-int(row[-1]), [str(c) for c in row]))


def _sum(tally: Tally, prefix: tuple[str, ...]) -> int:
    return sum(n for key, n in tally.items() if key[: len(prefix)] == prefix)
