"""Cases of every expert from declared sources that may be shown."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from expert_models.experts.base import AnyExpert, Found, Refusal, Scan, VolumeScan
from expert_models.experts.registry import suits
from pipelines.catalogue import shipped
from pipelines.evaluating.asking import labels_in, predicted, truths_of
from pipelines.evaluating.halves import half_of, name_in_half
from pipelines.evaluating.measure import FALSE_ALARM, mask_of, measure
from pipelines.evaluating.pictures.case import Case
from pipelines.evaluating.pictures.licences import may_be_shown
from pipelines.evaluating.pictures.panel import ANNOTATION, EXPERT, picture_panel, volume_panel
from pipelines.evaluating.pictures.phantoms import Phantom, phantoms
from pipelines.evaluating.scan import scan_of
from pipelines.evaluating.truth import Truth, answers, truth_of, truth_of_volume
from pipelines.evaluating.volumes import see_volumes
from quality.agreement.overlap import dice
from schemas.declaration import Declaration, load_declaration
from schemas.reject import Fault
from transforms.formats.structures import Structure
from transforms.formats.volume import Cut
from transforms.layouts.item import Item, Meaning
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture

FEWEST = 6  # with fewer cases that may be shown, phantoms follow
CUT = Cut(planes=("axial",), max_slices=8, prefer="even", most_tiles=16)
ITEMS = 60  # of a source, at most
Cases = dict[str, list[Case]]


def gather(
    experts: Sequence[AnyExpert], data_root: Path, tell: Callable[[str], None] = lambda _: None
) -> Cases:
    """By name of the expert, every case of a picture or volume that may be shown.

    Where a source annotates a label of the expert only its report half counts; of volumes, which are few,
    all. Pictures are read one at a time; of each its panel is kept. One that comes again (many items of a
    source may show one template) is passed over.
    """
    cases: Cases = {expert.card.name: [] for expert in experts}
    seen: set[str] = set()
    for name, path in shipped().items():
        declaration = load_declaration(path)
        root = data_root / declaration.folder
        if not root.is_dir():
            continue
        tell(name)
        for item in list_items(declaration, root).items[:ITEMS]:
            flat = [e for e in experts if e.card.dimensions == 2]
            _pictures(cases, seen, flat, item, declaration, root)
            deep = [e for e in experts if e.card.dimensions == 3]
            if deep and item.kind in ("nifti", "dicom"):
                _volumes(cases, seen, deep, item, declaration, root)
    tell("phantoms")
    few = [e for e in experts if _telling(cases[e.card.name]) < FEWEST]
    for phantom in phantoms():
        _phantom(cases, few, phantom)
    return cases


def _again(seen: set[str], values: np.ndarray) -> bool:
    """Whether just this was seen before; it is from now on."""
    digest = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
    known = digest in seen
    seen.add(digest)
    return known


def _telling(cases: list[Case]) -> int:
    """Cases in which something was found or was to be found."""
    return sum(case.drawn or case.value is not None for case in cases)


def _phantom(cases: Cases, experts: list[AnyExpert], phantom: Phantom) -> None:
    scan = phantom.scan
    depth = 2 if isinstance(scan, Scan) else 3
    for expert in experts:
        labels = [label for label in expert.card.labels if label in phantom.truth]
        if expert.card.dimensions != depth or not labels:
            continue
        if not suits(expert.card, scan.modality, scan.anatomy):
            continue
        said = predicted(expert, scan)
        if isinstance(said, Refusal):
            continue
        truths = {label: Truth((), phantom.truth[label]) for label in labels}
        masks = [one.mask for one in said if one.mask is not None]
        drawn = [phantom.truth[label] for label in labels]
        if isinstance(scan, Scan):
            panel = picture_panel(scan.display, masks, drawn)
        else:
            panel = volume_panel(scan.values, scan.spacing_mm, window_of(scan), masks, drawn)
        values = [
            dice(
                mask_of([one for one in said if answers(one.label, label)], truth.mask.shape),
                truth.mask,
            )
            for label, truth in truths.items()
            if truth.mask is not None
        ]
        value = float(np.mean(values)) if said else None
        place = scan.id.replace(" ", "/", 1)
        cases[expert.card.name].append(
            Case(panel, value, "Dice", True, scan.id, place, "drawn for this page")
        )


def _pictures(
    cases: Cases,
    seen: set[str],
    experts: list[AnyExpert],
    item: Item,
    declaration: Declaration,
    root: Path,
) -> None:
    try:
        for picture in read_item(item, declaration, root, CUT):
            if isinstance(picture, Picture) and not _again(seen, picture.display):
                _picture(cases, experts, picture, item, declaration)
    except Fault:
        return


def _picture(
    cases: Cases,
    experts: list[AnyExpert],
    picture: Picture,
    item: Item,
    declaration: Declaration,
) -> None:
    try:
        means = meaning(picture, item, declaration)
    except Fault:
        return
    if not may_be_shown(declaration.name, means.license):
        return
    scan = scan_of(picture, means, f"{declaration.name}/{item.name}/{picture.key}")
    reported = half_of(name_in_half(item.name, picture.key, picture.frame)) == "report"
    for expert in experts:
        labels = labels_in(expert, declaration)
        if not suits(expert.card, scan.modality, scan.anatomy) or (labels and not reported):
            continue
        truths = truths_of(
            labels,
            lambda label: truth_of(picture, means.label_map, means.complete, label),
        )
        said = predicted(expert, scan)
        if isinstance(said, Refusal):
            continue
        panel = picture_panel(
            picture.display,
            [one.mask for one in said if one.mask is not None],
            [t.mask for t in truths.values() if t.mask is not None],
            [
                *(
                    (o.box, ANNOTATION)
                    for t in truths.values()
                    if t.mask is None
                    for o in t.objects()
                ),
                *((one.box, EXPERT) for one in said if one.mask is None and one.box is not None),
            ],
        )
        case = _case(panel, said, truths, scan, item, means, declaration)
        cases[expert.card.name].append(case)


def _volumes(
    cases: Cases,
    seen: set[str],
    experts: list[AnyExpert],
    item: Item,
    declaration: Declaration,
    root: Path,
) -> None:
    def look(scan: VolumeScan, means: Meaning, structures: list[Structure]) -> None:
        if not may_be_shown(declaration.name, means.license) or _again(seen, scan.values):
            return
        shape = scan.values.shape
        for expert in experts:
            if not suits(expert.card, scan.modality, scan.anatomy):
                continue
            said = predicted(expert, scan)
            if isinstance(said, Refusal):
                continue
            truths = truths_of(
                labels_in(expert, declaration),
                lambda label: truth_of_volume(
                    structures,
                    shape,  # type: ignore[arg-type]
                    means.label_map,
                    means.complete,
                    label,
                ),
            )
            panel = volume_panel(
                scan.values,
                scan.spacing_mm,
                window_of(scan),
                [one.mask for one in said if one.mask is not None],
                [t.mask for t in truths.values() if t.mask is not None],
            )
            case = _case(panel, said, truths, scan, item, means, declaration)
            cases[expert.card.name].append(case)

    see_volumes(item, declaration, root, look, as_in_build=False)


def window_of(scan: VolumeScan) -> tuple[float, float]:
    """Black and white of a volume: from lung to bone of CT, else between its percentiles."""
    if scan.unit == "HU":
        return -1000.0, 500.0
    low, high = np.percentile(scan.values, (1, 99.5))
    return float(low), float(max(high, low + 1))


def _case(
    panel: np.ndarray,
    said: list[Found],
    truths: dict[str, Truth],
    scan: Scan | VolumeScan,
    item: Item,
    means: Meaning,
    declaration: Declaration,
) -> Case:
    value, measured = agreement(said, truths, scan)
    drawn = value is not None
    if value is None:
        value, measured = own_rating(said)
    if not said:
        value = None
    return Case(
        panel,
        value,
        measured,
        drawn,
        means.patient if means.patient is not None else item.name,
        f"{declaration.name}/{item.name}" + (f"/{key}" if (key := scan.id.split("/")[-1]) else ""),
        f"{declaration.title}, {means.license}. {' '.join(declaration.citation.split())}",
    )


def agreement(
    said: list[Found], truths: dict[str, Truth], scan: Scan | VolumeScan
) -> tuple[float | None, str]:
    """Mean over labels of the first figure of the table, and its name; None where nothing is drawn."""
    shape = scan.display.shape[:2] if isinstance(scan, Scan) else scan.values.shape
    values, name = [], ""
    for label, truth in truths.items():
        found = [one for one in said if answers(one.label, label)]
        broader = not found and any(answers(label, one.label) for one in said)
        figures = measure(found, truth, label, shape, scan.spacing_mm)
        first = next(iter(figures))
        if first != FALSE_ALARM and not broader:
            values.append(figures[first][0] / figures[first][1])
            name = first
    return (float(np.mean(values)), name) if values else (None, "")


def own_rating(said: list[Found]) -> tuple[float, str]:
    """What the expert itself thinks of it; where it rates nothing, how much it marked."""
    for name in ("quality", "score"):
        rated = [value for one in said if (value := getattr(one, name)) is not None]
        if rated:
            return float(np.mean(rated)), name
    marked = [one.mask.mean() for one in said if one.mask is not None]
    return (float(np.sum(marked)) if marked else 0.0), "share marked"
