"""ingest: files to images with regions and facts. The only phase that decodes what a source holds."""

import traceback
from typing import Any

from pipelines.errors import StoppedError
from pipelines.phases.harvest import Harvest
from pipelines.phases.ingest_picture import add_picture
from pipelines.phases.rows import INGESTED, KEYS, NATIVE
from pipelines.phases.seeing import Sight
from pipelines.phases.source import source_of
from pipelines.runlog import log
from pipelines.task import Outcome, Step, Task
from schemas.conform import to_table
from schemas.reject import Fault
from schemas.volume import VOLUME
from transforms.layouts.item import Item
from transforms.layouts.reading import read_item


def run(task: Task, step: Step) -> Outcome:
    """Read every item of the shard. An item that fails costs itself and nothing else."""
    harvest = Harvest(source_of(step), [], [])
    for name, reason, detail in step.options["faults"]:
        harvest.refuse(name, Fault(reason, detail), "list")
    items = [Item(**values) for values in step.options["items"]]
    kept = sum(_ingest_item(task, harvest, item) for item in items)
    harvest.rows.sort(key=lambda r: (r["item"], r["frame"] or 0, r["window"] or "", r["id"]))
    order = {row["id"]: place for place, row in enumerate(harvest.rows)}
    harvest.native.sort(key=lambda r: order[r["id"]])  # read side by side with the images
    harvest.volumes.sort(key=lambda v: (v.item, v.part, v.id))
    counts = {
        "items": len(items) + len({name for name, _, _ in step.options["faults"]}),
        "items_kept": kept,
        "images": len(harvest.rows),
        "regions": sum(len(row["regions"]) for row in harvest.rows),
        "volumes": len(harvest.volumes),
    }
    tables = {
        "images": to_table(harvest.rows, INGESTED),
        "keys": to_table([_key_row(row) for row in harvest.rows], KEYS),
        "native": to_table(harvest.native, NATIVE),
        "volumes": to_table(harvest.volumes, VOLUME),
    }
    return Outcome(tables, harvest.rejects, counts)


def _key_row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"png_bytes": len(row["image"]["bytes"])}


def _ingest_item(task: Task, harvest: Harvest, item: Item) -> bool:
    """Add what the item gives; False where it gave no image (and then a reject says why)."""
    source, before, refused = harvest.source, len(harvest.rows), len(harvest.rejects)
    sight = Sight(source.declaration, item, source.key, source.looking)
    try:
        for picture in read_item(item, source.declaration, source.root, source.cut, see=sight):
            if isinstance(picture, Fault):
                _refuse(harvest, item, picture)
            else:
                add_picture(harvest, item, picture, sight)
    except StoppedError:  # an expert of volumes cannot be had: of this machine, not of the item
        raise
    except Fault as found:
        harvest.refuse(item.name, found, "read")
    except MemoryError:
        harvest.refuse(item.name, Fault("too_large", "out of memory while reading"), "read")
    except Exception as error:  # ours or a decoder's: the item is lost, the run is not
        log(
            task.out,
            "item-failed",
            source=source.name,
            item=item.name,
            traceback=traceback.format_exc(),
        )
        fault = Fault(
            "unexpected_error", f"{type(error).__name__}; the run log holds the traceback"
        )
        harvest.refuse(item.name, fault, "read")
    harvest.volumes += sight.rows_shown()
    if len(harvest.rows) == before and len(harvest.rejects) == refused:
        harvest.refuse(item.name, Fault("no_pixels", "no picture came out of this item"), "read")
    return len(harvest.rows) > before


def _refuse(harvest: Harvest, item: Item, fault: Fault) -> None:
    """What a reader gave in place of a picture. Of experts the detail begins with who it was."""
    if fault.scope == "expert":
        name, _, detail = fault.detail.partition(": ")
        harvest.refuse(item.name, Fault(fault.reason, detail, "expert"), name, scope="expert")
    else:
        scope = "image" if fault.scope == "item" else fault.scope
        harvest.refuse(item.name, fault, "read", scope=scope)
