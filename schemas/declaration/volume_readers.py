"""Annotation readers of volumes: label volumes, one file a structure, DICOM objects."""

from typing import Literal

from pydantic import Field, field_validator

from schemas.declaration.annotation import Annotations, groups
from schemas.declaration.value import PathTemplate, Pattern

_COMPONENTS = "true: each 3-D connected part is an object of its own, with its own volume (lesions)"


class DicomObjects(Annotations):
    """SEG and RTSTRUCT objects of the same tree, joined to images by the UIDs they refer to."""

    reader: Literal["dicom-objects"]


class LabelVolume(Annotations):
    """A NIfTI label volume on the grid of the image volume."""

    reader: Literal["label-volume"]
    file: PathTemplate = Field(description="the label volume of an item, as a template")
    values: dict[int, str] = Field(description="voxel value: label (0: background)")
    components: bool = Field(False, description=_COMPONENTS)

    def declared(self) -> list[str]:
        return list(dict.fromkeys([*self.labels, *self.values.values()]))


class StructureVolumes(Annotations):
    """One binary NIfTI a structure, on the grid of the image volume."""

    reader: Literal["structure-volumes"]
    files: PathTemplate = Field(description="glob of the structure files of an item")
    components: bool = Field(False, description=_COMPONENTS)
    pattern: Pattern | None = Field(
        None,
        description="regular expression over the path with a group `label`; default: the file's stem",
    )

    @field_validator("pattern")
    @classmethod
    def _labelled(cls, value: str | None) -> str | None:
        if value is not None and "label" not in groups(value):
            raise ValueError(
                "has no group `label`; write (?P<label>...) around the structure's name"
            )
        return value
