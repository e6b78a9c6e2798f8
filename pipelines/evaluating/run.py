"""Put the pictures of declared sources before experts, one at a time, and compare."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from expert_models.experts.base import AnyExpert, Expert, Found, Prediction, Refusal, Scan
from expert_models.experts.registry import suits
from pipelines.catalogue import shipped
from pipelines.evaluating.halves import Half, half_of, name_in_half
from pipelines.evaluating.measure import measure
from pipelines.evaluating.scan import scan_of
from pipelines.evaluating.tally import Row, Tally
from pipelines.evaluating.truth import Truth, answers, truth_of
from schemas.declaration import Declaration, load_declaration
from schemas.reject import Fault
from transforms.formats.volume import Cut
from transforms.layouts.item import Item, Meaning
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture
from transforms.regions.policy import name_of

CUT = Cut(planes=("axial",), max_slices=40, prefer="even")
"""Volumes: slices spread over the whole, not those on which something is drawn."""


BROADER = "only a broader label given"
"""It said "lung" where it did not know the side: no answer for the left lung, and no miss of it."""


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
    """
    done = Evaluation()
    for name, path in shipped().items():
        declaration = load_declaration(path)
        concerned = [
            cast(Expert, e) for e in experts if e.card.dimensions == 2 and labels_in(e, declaration)
        ]
        if not concerned:
            continue
        root = data_root / declaration.folder
        if not root.is_dir():
            done.skipped.append(f"{name}: no folder {declaration.folder!r} below the data root")
            continue
        tell(f"{name}: {', '.join(e.card.name for e in concerned)}")
        _source(done, concerned, declaration, root, half, limit)
    measured = {row.expert for row in done.rows}
    done.skipped += [
        f"{e.card.name}: no picture that was read has its labels annotated"
        for e in experts
        if e.card.name not in measured
    ]
    done.rows.sort(key=lambda row: (row.expert, row.source, row.label))
    return done


def labels_in(expert: AnyExpert, declaration: Declaration) -> list[str]:
    """The labels of the expert that a source annotates, by name or by a narrower term."""
    drawn = {
        name_of(word, declaration.label_map).name
        for reader in declaration.annotations
        for word in (*reader.declared(), *declaration.label_map)
    }
    return [own for own in expert.card.labels if any(answers(name, own) for name in drawn)]


def _source(
    done: Evaluation,
    experts: list[Expert],
    declaration: Declaration,
    root: Path,
    half: Half,
    limit: int | None,
) -> None:
    tallies: dict[tuple[str, str], Tally] = {}
    listed = list_items(declaration, root).items
    if half != "all":  # what gives one picture is left unread; slices are chosen below
        listed = [i for i in listed if i.kind != "raster" or half_of(i.name) == half]
    for item in listed[:limit]:
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
                    _compare(done, tallies, expert, scan, picture, means, patient, declaration)
    for (name, label), tally in tallies.items():
        done.rows += tally.rows(name, declaration.name, label)
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
    done: Evaluation,
    tallies: dict[tuple[str, str], Tally],
    expert: Expert,
    scan: Scan,
    picture: Picture,
    means: Meaning,
    patient: str,
    declaration: Declaration,
) -> None:
    truths: dict[str, Truth] = {}
    for label in labels_in(expert, declaration):
        truth = truth_of(picture, means.label_map, means.complete, label)
        if truth is not None:
            truths[label] = truth
    if not truths:
        return
    said = _predict(expert, scan)
    shape = (scan.display.shape[0], scan.display.shape[1])
    for label, truth in truths.items():
        tally = tallies.setdefault((expert.card.name, label), Tally())
        if isinstance(said, Refusal):
            tally.refusals[said.reason] += 1
            continue
        found: list[Found] = [one for one in said if answers(one.label, label)]
        if not found and any(answers(label, one.label) for one in said):
            tally.refusals[BROADER] += 1
            continue
        tally.empty += bool(truth.marks) and not found
        tally.add(measure(found, truth, label, shape, scan.spacing_mm), patient)


def _predict(expert: Expert, scan: Scan) -> Prediction:
    """What the expert says; one that breaks off loses this picture, not the table."""
    try:
        return expert.predict([scan])[0]
    except Exception as error:
        return Refusal("expert_failed", f"{type(error).__name__}: {error}")
