"""Keyed hashes of patients and visits: linkable here, not guessable there."""

import hmac

from schemas.declaration import Declaration
from schemas.ids import ID_DIGITS
from transforms.layouts.item import Item, Meaning


def patient_key(declaration: Declaration, key: str, item: Item, means: Meaning) -> str:
    """Of the source's own name of the patient, else of the item."""
    patient = means.patient
    if patient is None:
        patient = f"{declaration.name}/{item.name}"
    return _keyed(declaration, key, "patient", patient)


def study_key(declaration: Declaration, key: str, means: Meaning) -> str | None:
    """Of the source's own name of the visit; None where it states none."""
    return None if means.study is None else _keyed(declaration, key, "study", means.study)


def _keyed(declaration: Declaration, key: str, kind: str, value: str) -> str:
    """HMAC-SHA256 of a name, shortened to the digits of an id."""
    scope = declaration.patient_scope or declaration.name
    text = f"{kind}\0{scope}\0{value}".encode()
    return hmac.digest(key.encode(), text, "sha256").hex()[:ID_DIGITS]
