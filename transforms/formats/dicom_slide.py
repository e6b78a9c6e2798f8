"""Instances of DICOM slides: which part of a slide each shows, and which must never be shown."""

from typing import TYPE_CHECKING

from transforms.formats.dicom_values import sop_class, value

if TYPE_CHECKING:
    from pydicom import Dataset

SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"  # VL Whole Slide Microscopy Image Storage
NEVER_SHOWN = ("LABEL", "OVERVIEW")  # a patient may be named on them


def slide_part(ds: "Dataset") -> str | None:
    """VOLUME, THUMBNAIL, LABEL, OVERVIEW (image type, PS3.3 C.8.12.4.1.1); None: no instance of a slide."""
    if sop_class(ds) != SLIDE:
        return None
    kinds = value(ds, "ImageType")
    several = kinds is not None and not isinstance(kinds, str) and len(kinds) > 2
    return str(kinds[2]).upper() if several else "VOLUME"
