"""What a DICOM header says of a picture, as statements with the tag they come from.

Only coded or numeric attributes are used, never free text (descriptions, comments, names).
"""

from typing import TYPE_CHECKING

from schemas.fact import Statement
from schemas.vocabulary import modalities
from transforms.formats.dicom_frames import Frame
from transforms.formats.dicom_values import first, number, word, words
from transforms.formats.flags import BURNED_IN, LOCALIZER, LOSSY

if TYPE_CHECKING:
    from pydicom import Dataset

MODALITY_CODES = {"PX": "CR", "IO": "CR", "RG": "CR", "IVUS": "US", "BDUS": "US", "OCT": "OPT"}
"""DICOM codes that vocab/modalities.yaml holds under a broader one. PS3.3 C.7.3.1.1.1."""

CLASS_MODALITIES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "CT",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.4.1": "MR",
    "1.2.840.10008.5.1.4.1.1.1": "CR",
    "1.2.840.10008.5.1.4.1.1.1.1": "DX",
    "1.2.840.10008.5.1.4.1.1.1.2": "MG",
    "1.2.840.10008.5.1.4.1.1.6.1": "US",
    "1.2.840.10008.5.1.4.1.1.3.1": "US",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
}

VIEWS = {
    "AP": "AP", "PA": "PA",
    "LL": "lateral", "RL": "lateral", "LAT": "lateral", "LATERAL": "lateral",
    "CC": "CC", "MLO": "MLO", "ML": "ML", "LM": "LM", "XCCL": "XCCL", "XCCM": "XCCM",
}  # fmt: skip
VIEW_CODES = {
    "399162004": "CC", "R-10242": "CC", "399368009": "MLO", "R-10226": "MLO",
    "399260004": "ML", "R-10224": "ML", "399352003": "LM", "R-10228": "LM",
}  # fmt: skip
"""Mammography views, PS3.16 CID 4014 (SNOMED CT and its older SRT codes)."""

CONTRASTS = {"T1": "T1", "T2": "T2", "T2_STAR": "T2*", "PROTON_DENSITY": "PD", "DIFFUSION": "DWI",
             "FLUID_ATTENUATED": "FLAIR"}  # fmt: skip
"""Acquisition Contrast (0008,9209) of enhanced MR, PS3.3 C.8.13.3.1.1."""


def modality_of(ds: "Dataset", sop_class_uid: str) -> str:
    """The code of vocab/modalities.yaml: the header's, its broader term, its class's, or "OT"."""
    code = word(ds, "Modality").upper()
    code = MODALITY_CODES.get(code, code) or CLASS_MODALITIES.get(sop_class_uid, "")
    return code if code in modalities() else "OT"


def statements_of(frame: Frame, modality: str) -> list[Statement]:
    """Modality, MR sequence, view, side, age and sex, as far as the header says them."""
    ds = frame.header
    found = []
    if modality != "OT":
        found.append(Statement("modality", modality, pointer="DICOM (0008,0060)"))
    found += _sequence(frame) if modality == "MR" else []
    found += _view(ds) + _side(frame) + _patient(ds)
    return found


def _sequence(frame: Frame) -> list[Statement]:
    contrast = CONTRASTS.get(word(frame.group("MRImageFrameTypeSequence"), "AcquisitionContrast"))
    if contrast is not None:
        return [Statement("sequence", contrast, pointer="DICOM (0008,9209)")]
    weighting = _spin_echo_weighting(frame.header)
    pointer = "DICOM (0018,0020) (0018,0080) (0018,0081) (0018,0082)"
    return [Statement("sequence", weighting, pointer=pointer)] if weighting else []


def _spin_echo_weighting(ds: "Dataset") -> str | None:
    """T1, T2 or FLAIR of a spin echo whose times leave no doubt; None otherwise.

    T1: repetition up to 700 ms, echo up to 25 ms. T2: from 2500 ms and from 80 ms. FLAIR: inversion
    at 1.7-3 s, echo from 70 ms. These lie well inside the ranges textbooks give (McRobbie et al.,
    MRI from Picture to Proton). Gradient echo and echo planar weighting depends on flip angle and
    preparation too, and is not named.
    """
    kinds = set(words(ds, "ScanningSequence"))
    repetition, echo = number(ds, "RepetitionTime"), number(ds, "EchoTime")
    if "SE" not in kinds or kinds & {"GR", "EP", "RM"} or repetition is None or echo is None:
        return None
    inversion = number(ds, "InversionTime")
    if "IR" in kinds or inversion:
        return "FLAIR" if inversion and 1700 <= inversion <= 3000 and echo >= 70 else None
    if repetition <= 700 and 0 < echo <= 25:
        return "T1"
    return "T2" if repetition >= 2500 and echo >= 80 else None


def _view(ds: "Dataset") -> list[Statement]:
    item = first(ds, "ViewCodeSequence")
    if item is not None and (view := VIEW_CODES.get(word(item, "CodeValue"))):
        return [Statement("view", view, pointer="DICOM (0054,0220)")]
    view = VIEWS.get(word(ds, "ViewPosition").upper())
    return [Statement("view", view, pointer="DICOM (0018,5101)")] if view else []


def _side(frame: Frame) -> list[Statement]:
    """Image Laterality, else Frame Laterality, else that of the series; B and U say nothing."""
    sides = {"L": "left", "R": "right"}
    for tag, ds, keyword in (
        ("(0020,0062)", frame.header, "ImageLaterality"),
        ("(0020,9072)", frame.group("FrameAnatomySequence"), "FrameLaterality"),
        ("(0020,0060)", frame.header, "Laterality"),
    ):
        stated = word(ds, keyword).upper()
        if stated in sides:
            return [Statement("image_side", sides[stated], pointer=f"DICOM {tag}")]
        if stated:
            return []
    return []


def _patient(ds: "Dataset") -> list[Statement]:
    """Sex, and age in whole years (PS3.5 6.2, AS: nnnY; 000Y is a blank, not an infant)."""
    found = []
    age = word(ds, "PatientAge").upper()
    if len(age) > 1 and age.endswith("Y") and age[:-1].isdigit() and int(age[:-1]):
        found.append(
            Statement("age", number=float(age[:-1]), unit="a", pointer="DICOM (0010,1010)")
        )
    sex = {"F": "female", "M": "male"}.get(word(ds, "PatientSex").upper())
    if sex:
        found.append(Statement("sex", sex, pointer="DICOM (0010,0040)"))
    return found


COLUMNS = (
    "StudyInstanceUID", "SeriesInstanceUID", "PatientID", "BodyPartExamined", "Modality",
    "Manufacturer", "SliceThickness", "ImagerPixelSpacing",
)  # fmt: skip


def columns_of(frame: Frame) -> dict[str, str]:
    """Named values a declaration may map. The UIDs and the patient's id are for hashing only."""
    ds = frame.header
    found = {k: "\\".join(words(ds, k)) for k in COLUMNS}
    found["SOPInstanceUID"] = frame.sop_uid
    measures = frame.group("PixelMeasuresSequence")
    found["SliceThickness"] = found["SliceThickness"] or word(measures, "SliceThickness")
    return {k: v for k, v in sorted(found.items()) if v}


def flags_of(frame: Frame) -> list[str]:
    """Doubts the header itself raises."""
    ds = frame.header
    flags = [frame.spacing_flag] if frame.spacing_flag else []
    if word(ds, "BurnedInAnnotation").upper() == "YES":
        flags.append(BURNED_IN)
    if "LOCALIZER" in [w.upper() for w in words(ds, "ImageType")]:
        flags.append(LOCALIZER)
    if word(ds, "LossyImageCompression") == "01":
        flags.append(LOSSY)
    return flags
