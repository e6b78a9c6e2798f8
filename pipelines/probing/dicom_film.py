"""A phantom film as a DICOM object whose text elements say what they are told to say."""

from collections.abc import Mapping
from pathlib import Path

from pipelines.probing.film import Film

CR_IMAGE = "1.2.840.10008.5.1.4.1.1.1"  # Computed Radiography Image Storage, PS3.4 B.5
DESCRIPTIONS = (
    "StudyDescription", "SeriesDescription", "ProtocolName", "ImageComments", "PatientComments",
    "AdditionalPatientHistory", "RequestedProcedureDescription", "StudyComments",
    "DerivationDescription", "InstitutionName", "ReasonForStudy",
)  # fmt: skip
"""Elements that describe in free text."""

MAKER = "Manufacturer"
"""A text element that medgrain keeps as a column of the source."""


def write_dicom(path: Path, film: Film, number: int, texts: Mapping[str, str]) -> None:
    """Write one CR image. texts: keyword of an element: its text, of any length, as hostile files do.

    number makes the UIDs, so that the same film is the same object each time.
    """
    from pydicom import config
    from pydicom.datadict import dictionary_VR, tag_for_keyword
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

    study, series, image = (
        generate_uid(entropy_srcs=["medgrain", level, str(number)])
        for level in ("study", "series", "image")
    )
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(CR_IMAGE), image
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = Dataset()
    ds.file_meta = meta
    ds.SpecificCharacterSet = "ISO_IR 192"  # UTF-8
    ds.SOPClassUID, ds.SOPInstanceUID = CR_IMAGE, image
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, series
    ds.Modality, ds.ViewPosition, ds.BodyPartExamined = "CR", "PA", "CHEST"
    ds.PatientID, ds.PatientName = f"phantom-{number}", "Phantom"
    ds.Rows, ds.Columns = film.pixels.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.PixelData = film.pixels.tobytes()
    for keyword, text in texts.items():
        tag = tag_for_keyword(keyword)
        if tag is None:
            raise ValueError(f"{keyword!r} is no DICOM keyword")
        # Unchecked: a hostile file does not keep to 64 letters either.
        ds.add(DataElement(tag, dictionary_VR(tag), text, validation_mode=config.IGNORE))
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
