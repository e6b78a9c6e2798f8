"""Put the pictures of declared sources before experts, one at a time, and compare."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from expert_models.experts.base import AnyExpert, Expert, Scan
from expert_models.experts.registry import suits
from pipelines.catalogue import shipped
from pipelines.evaluating.asking import Tallies, compare, labels_in, predicted, truths_of
from pipelines.evaluating.halves import Half, half_of, name_in_half
from pipelines.evaluating.scan import scan_of
from pipelines.evaluating.tally import Row
from pipelines.evaluating.truth import truth_of
from pipelines.evaluating.volumes import Volumes, half_of_volume
from schemas.declaration import Declaration, load_declaration
from schemas.reject import Fault
from transforms.formats.volume import Cut
from transforms.layouts.item import Item, Meaning
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture

CUT = Cut(planes=("axial",), max_slices=40, prefer="even")
"""Volumes: slices spread over the whole, not those on which something is drawn."""

VOLUMES = ("nifti", "dicom")
"""Kinds of items that may hold volumes."""


@dataclass
class Evaluation:
    """rows    the table
    skipped  sources and experts left out, and why
    unread   pictures and items that could not be read
    reasons  why experts refused, or broke off: (expert, source, reason): pictures
    """

    rows: list[Row] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    unread: int = 0
    reasons: dict[tuple[str, str, str], int] = field(default_factory=dict)


def evaluate(
    experts: Sequence[AnyExpert],
    data_root: Path,
    *,
    half: Half = "report",
    limit: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Every expert on every shipped source that annotates one of its labels.

    half   which items: those that constants may have been chosen on, the others, or all
    limit  at most so many items of a source
    tell   hears which source is being read

    Of a source without an annotated volume in the half, experts of volumes are measured on the other half,
    and the rows say so.
    """
    done = Evaluation()
    for name, path in shipped().items():
        declaration = load_declaration(path)
        concerned = [e for e in experts if labels_in(e, declaration)]
        if not concerned:
            continue
        root = data_root / declaration.folder
        if not root.is_dir():
            done.skipped.append(f"{name}: no folder {declaration.folder!r} below the data root")
            continue
        items = list_items(declaration, root).items
        flat = [cast(Expert, e) for e in concerned if e.card.dimensions == 2]
        volumes = any(item.kind in VOLUMES for item in items)
        deep = [e for e in concerned if e.card.dimensions == 3 and volumes]
        tell(f"{name}: {', '.join(e.card.name for e in [*flat, *deep]) or 'nothing to ask'}")
        if flat:
            _pictures_of(done, flat, items, declaration, root, half, limit)
        if deep:
            _volumes_of(done, deep, items, declaration, root, half, limit)
    measured = {row.expert for row in done.rows}
    done.skipped += [
        f"{e.card.name}: no picture or volume that was read has its labels annotated"
        for e in experts
        if e.card.name not in measured
    ]
    done.rows.sort(key=lambda row: (row.expert, row.source, row.label))
    return done


def _pictures_of(
    done: Evaluation,
    experts: list[Expert],
    items: list[Item],
    declaration: Declaration,
    root: Path,
    half: Half,
    limit: int | None,
) -> None:
    tallies: Tallies = {}
    if half != "all":  # what gives one picture is left unread; slices are chosen below
        items = [i for i in items if i.kind != "raster" or half_of(i.name) == half]
    for item in items[:limit]:
        for picture in _pictures(done, item, declaration, root):
            name = name_in_half(item.name, picture.key, picture.frame)
            if half not in ("all", half_of(name)):
                continue
            try:
                means = meaning(picture, item, declaration)
            except Fault:
                done.unread += 1
                continue
            scan = scan_of(picture, means, f"{declaration.name}/{item.name}/{picture.key}")
            patient = means.patient if means.patient is not None else item.name
            for expert in experts:
                if suits(expert.card, scan.modality, scan.anatomy):
                    _compare(tallies, expert, scan, picture, means, patient, declaration)
    _enter(done, tallies, declaration, half)


def _volumes_of(
    done: Evaluation,
    experts: list[AnyExpert],
    items: list[Item],
    declaration: Declaration,
    root: Path,
    half: Half,
    limit: int | None,
) -> None:
    volumes = Volumes(experts, declaration)
    for item in [i for i in items if i.kind in VOLUMES][:limit]:
        volumes.read(item, root, half_of_volume(item, half))
    done.unread += volumes.unread
    measured, tallies = volumes.best(half)
    _enter(done, tallies, declaration, measured)


def _enter(done: Evaluation, tallies: Tallies, declaration: Declaration, half: Half) -> None:
    for (name, label), tally in tallies.items():
        done.rows += tally.rows(name, declaration.name, label, half)
        for reason, count in tally.refusals.items():
            key = (name, declaration.name, reason)
            done.reasons[key] = max(count, done.reasons.get(key, 0))


def _pictures(
    done: Evaluation, item: Item, declaration: Declaration, root: Path
) -> Iterator[Picture]:
    """The pictures that can be read; the rest are counted."""
    try:
        for picture in read_item(item, declaration, root, CUT):
            if isinstance(picture, Picture):
                yield picture
            elif picture.scope == "item":
                done.unread += 1
    except Fault:
        done.unread += 1


def _compare(
    tallies: Tallies,
    expert: Expert,
    scan: Scan,
    picture: Picture,
    means: Meaning,
    patient: str,
    declaration: Declaration,
) -> None:
    truths = truths_of(
        labels_in(expert, declaration),
        lambda label: truth_of(picture, means.label_map, means.complete, label),
    )
    if truths:
        compare(tallies, expert.card.name, predicted(expert, scan), truths, scan, patient)
