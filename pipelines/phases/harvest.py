"""The books of one shard while ingest reads it."""

from dataclasses import dataclass, field
from typing import Any

from pipelines.phases.source import Source
from schemas.ids import content_id
from schemas.reject import Fault, Reject
from schemas.volume import VolumeRow


@dataclass
class Harvest:
    """What one shard has given so far."""

    source: Source
    rows: list[dict[str, Any]]
    rejects: list[Reject]
    native: list[dict[str, Any]] = field(default_factory=list)
    volumes: list[VolumeRow] = field(default_factory=list)

    def refuse(
        self, item: str, fault: Fault, gate: str, *, scope: str = "item", id: str = ""
    ) -> None:
        """Write down one reject; `id` defaults to a content id of the item."""
        where = id or content_id("item", self.source.name, item)
        self.rejects.append(
            Reject(
                where, self.source.name, item, "ingest", gate, fault.reason, fault.detail, 1, scope
            )
        )
