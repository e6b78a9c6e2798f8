"""Who a written object is about: a key, and nothing that a person could be known by.

The UIDs of study, series, instances and frame of reference stay those of the source where the object
refers to it, for without them it refers to nothing; the source is public. Every other patient and
study field would only repeat what the source says, or what its owners forgot to remove. They are
written empty where the standard demands the element (type 2), and Patient ID is the corpus's own
`patient_key`, so that objects of one patient stay together here and tell nothing elsewhere.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

EMPTY = (
    "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate",
    "StudyTime", "ReferringPhysicianName",
)  # fmt: skip
METHOD = "Patient and study fields left empty; Patient ID is a key of the corpus; UIDs as in source"


def set_identity(ds: "Dataset", patient_key: str) -> None:
    """Write the patient and study modules of an object, without a person."""
    for keyword in EMPTY:
        setattr(ds, keyword, "")
    ds.PatientID = patient_key
    ds.PatientIdentityRemoved = "YES"
    ds.DeidentificationMethod = METHOD[:64]
