"""The annotation readers a declaration can name."""

from typing import Annotated

from pydantic import Field

from schemas.declaration.annotation import Annotations
from schemas.declaration.mask_readers import Crops, Mask, Masks
from schemas.declaration.object_readers import Boxes, Coco, GeoJson, Voc, Yolo
from schemas.declaration.slides import SlideXml
from schemas.declaration.volume_readers import DicomObjects, LabelVolume, StructureVolumes

AnAnnotation = Annotated[
    Mask | Masks | Crops | Boxes | Coco | Voc | Yolo | GeoJson | DicomObjects | LabelVolume
    | StructureVolumes | SlideXml,
    Field(discriminator="reader"),
]  # fmt: skip


READERS: dict[str, type[Annotations]] = {
    "mask": Mask,
    "masks": Masks,
    "crops": Crops,
    "boxes": Boxes,
    "coco": Coco,
    "voc": Voc,
    "yolo": Yolo,
    "geojson": GeoJson,
    "dicom-objects": DicomObjects,
    "label-volume": LabelVolume,
    "structure-volumes": StructureVolumes,
    "slide-xml": SlideXml,
}
"""Reader name to its model, in the order the documentation tells them."""


__all__ = [
    "READERS",
    "AnAnnotation",
    "Annotations",
    "Boxes",
    "Coco",
    "Crops",
    "DicomObjects",
    "GeoJson",
    "LabelVolume",
    "Mask",
    "Masks",
    "SlideXml",
    "StructureVolumes",
    "Voc",
    "Yolo",
]
