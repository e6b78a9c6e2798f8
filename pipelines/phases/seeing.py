"""A volume before its slices are chosen: experts of three dimensions look, and it gets its id.

Made once an item and asked by the readers once a volume (`transforms.formats.volume.See`), so that no
two volumes are in memory at a time.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from pipelines.phases.keyed import patient_key, study_key
from pipelines.phases.seeing_experts import Looking, agreements, look_at
from schemas.declaration import Declaration
from schemas.ids import content_id
from schemas.image import TEMPLATE_FLAG, Image
from schemas.reject import Fault
from schemas.volume import VolumeRow
from transforms.formats.structures import Structure
from transforms.formats.volume import Seen, Whole
from transforms.layouts.item import Item, Meaning
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import side_rule
from transforms.picture import CutOf, Picture
from transforms.volumes.entries import cut_entry, slide_row, stack_entry, tile_entry
from transforms.volumes.rows import Terms, fill_row, letters_of


@dataclass
class Sight:
    """What ingest does with each volume of one item, and the rows that come of it.

    key      HMAC key of patients and visits
    looking  which experts look
    rows     by id of the volume or slide
    """

    declaration: Declaration
    item: Item
    key: str
    looking: Looking = field(default_factory=Looking)
    rows: dict[str, VolumeRow] = field(default_factory=dict)
    _middles: list[tuple[str, CutOf, Image]] = field(default_factory=list)

    def __call__(self, whole: Whole, structures: list[Structure]) -> Seen:
        """The volume's id, its structures with those that experts found, and what they could not do."""
        declaration = self.declaration
        try:
            means = meaning(_pictureless(whole), self.item, declaration)
        except Fault:
            return Seen(None, structures)  # each picture meets the same fault and tells it
        if TEMPLATE_FLAG in means.flags:
            whole = replace(whole, load=None)  # what lies under a mask is not the thing marked
        row = self._row(volume_id(declaration, self.item, whole), whole, means)
        seen = look_at(row, whole, structures, means, self.looking)
        found = seen.structures
        if declaration.display is not None and declaration.display.physical_size == "unknown":
            whole = replace(whole, spacing_mm=None, affine=None)  # a template's, not the patient's
            structures = [replace(s, volume_ml=None) for s in structures]
            found = [replace(s, volume_ml=None) for s in found]
        side_of = side_rule(self.item.columns | whole.columns, declaration)
        sided = [replace(s, side=side_of(s)) for s in (*structures, *found)]
        terms = Terms(declaration.producer, means.label_map, means.complete)
        self.rows[row.id] = row
        told = fill_row(row, whole, sided, terms)
        row.looks = seen.looks or None
        row.agreements = agreements(row, told, means, seen.voices)
        return Seen(row.id, told, seen.faults)

    def volume_of(self, picture: Picture) -> str | None:
        """Id of the volume or slide that a picture is cut from."""
        if picture.cut is not None:
            return picture.cut.volume
        if picture.tile is not None:
            size = picture.tile.levels[0][:2]
            return content_id(
                "vol", self.declaration.name, self.declaration.version, self.item.name, size
            )
        return None

    def show(self, picture: Picture, image: Image) -> None:
        """Enter a kept picture into the row of its volume or slide."""
        if picture.tile is not None and image.volume_id is not None:
            row = self.rows.setdefault(image.volume_id, slide_row(image, picture.tile))
            row.images.append(tile_entry(image, picture.tile))
        elif picture.cut is not None and picture.cut.volume in self.rows:
            self.rows[picture.cut.volume].images.append(cut_entry(image, picture.cut))
            if picture.cut.stack:
                self._middles.append((picture.cut.volume, picture.cut, image))

    def rows_shown(self) -> list[VolumeRow]:
        """The rows of which a picture was kept, with their stacks."""
        for id, cut, image in self._middles:
            row = self.rows[id]
            row.stacks.append(stack_entry(cut, image, row.images))
        return [row for row in self.rows.values() if row.images]

    def _row(self, id: str, whole: Whole, means: Meaning) -> VolumeRow:
        """What is known of a volume before it is measured."""
        return VolumeRow(
            id=id,
            kind="volume",
            source=self.declaration.name,
            item=self.item.name,
            part=whole.key.rstrip(";"),
            modality=means.modality,
            anatomy=means.anatomy or _stated(whole, "anatomy"),
            patient_key=patient_key(self.declaration, self.key, self.item, means),
            study_key=study_key(self.declaration, self.key, means),
            license=means.license,
            split=means.split or "",
            shape=list(whole.shape),
            orientation=letters_of(whole.affine),
            flags=sorted({*means.flags}),
        )


def volume_id(declaration: Declaration, item: Item, whole: Whole) -> str:
    """A function of source, item, place in the item, and grid."""
    affine = None if whole.affine is None else [round(float(x), 6) for x in whole.affine.ravel()]
    return content_id(
        "vol", declaration.name, declaration.version, item.name, whole.key, whole.shape, affine
    )


def _pictureless(whole: Whole) -> Picture:
    """A picture with nothing on it, to ask what the declaration makes of the volume."""
    return Picture(
        key=whole.key,
        display=np.zeros((1, 1), np.uint8),
        modality=whole.modality,
        unit=whole.unit,
        statements=list(whole.statements),
        columns=dict(whole.columns),
        complete=list(whole.complete),
    )


def _stated(whole: Whole, kind: str) -> str | None:
    return next((s.value for s in whole.statements if s.kind == kind), None)
