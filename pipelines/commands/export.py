"""medgrain export."""

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from pipelines.commands.build import DataRoot
from pipelines.commands.output import JsonFlag, print_json
from pipelines.commands.verify import Out


def export(
    out: Out,
    seg: Annotated[Path, typer.Option(help="Write DICOM segmentations into this folder.")],
    source: Annotated[str | None, typer.Option(help="Only volumes of this source.")] = None,
    volume: Annotated[str | None, typer.Option(help="Only the volume of this id.")] = None,
    data_root: DataRoot = None,
    recipe: Annotated[
        Path | None,
        typer.Option(help="The recipe OUT was built by, where its sources are files beside it."),
    ] = None,
    kind: Annotated[
        Literal["auto", "binary", "labelmap"],
        typer.Option(help="auto: a label map, or binary masks where regions overlap."),
    ] = "auto",
    date: Annotated[
        str | None,
        typer.Option(help="YYYYMMDD, the content date; default: SOURCE_DATE_EPOCH, else 19700101."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write the regions of volumes as DICOM Segmentation objects (SEG), one folder a volume.

    A volume that is a DICOM series at its source is referred to there, so the source's folder must be
    there still; of any other, a series of derived images is written beside the segmentation. The same
    build gives the same bytes. SEG/index.jsonl lists what was written, and why something was not.
    Exit 4 when a volume with regions could not be exported.

    Example: medgrain export out/samples --seg out/seg --data-root ../shared/data
    """
    from pipelines.exporting.seg import Export, export_segmentations

    found, folder = _recipe(out, recipe)
    order = Export(
        out, seg, found, folder, data_root, source, volume, kind, _date(date)
    )  # fmt: skip
    lines = []
    for line in export_segmentations(order):
        lines.append(line)
        if not json:
            typer.echo(_told(line))
    if json:
        print_json(lines)
    if any(line.get("reason", "mask_empty") != "mask_empty" for line in lines):
        raise typer.Exit(4)


def _recipe(out: Path, recipe: Path | None) -> tuple[Any, Path]:
    """The recipe, and the folder that relative paths in it start from."""
    from pipelines.exporting.built import built_by
    from pipelines.recipe import load_recipe

    if recipe is not None:
        return load_recipe(recipe), recipe.resolve().parent
    return built_by(out), Path.cwd()


def _date(given: str | None) -> str:
    from pipelines.errors import UsageError
    from pipelines.exporting.seg import EPOCH

    if given is not None:
        if not _is_date(given):
            raise UsageError(f"--date {given!r}: give YYYYMMDD, such as 20260131")
        return given
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return time.strftime("%Y%m%d", time.gmtime(int(epoch))) if epoch.isdigit() else EPOCH


def _is_date(text: str) -> bool:
    """Eight digits that name a day, as DICOM's DA asks."""
    try:
        return datetime.strptime(text, "%Y%m%d").strftime("%Y%m%d") == text
    except ValueError:
        return False


def _told(line: dict[str, Any]) -> str:
    where = f"{line['volume_id']}  {line['source']} / {line['item']}"
    if "reason" in line:
        return f"{where}  not exported: {line['reason']}: {line['detail']}"
    kinds = ", ".join(f"{s['type'].lower()} of {s['segments']}" for s in line["segmentations"])
    return f"{where}  {line['regions']} regions: {kinds}"
