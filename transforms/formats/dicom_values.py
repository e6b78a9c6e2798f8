"""Typed access to DICOM attributes. A value that is not of its type is a Fault, never a crash.

Attribute values are converted by pydicom when they are asked for, so a broken one shows only then.
"""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from schemas.reject import Fault

if TYPE_CHECKING:
    from pydicom import Dataset


@contextmanager
def quiet() -> Iterator[None]:
    """Without pydicom's warnings: they quote header values, which belong in no log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def value(ds: "Dataset", keyword: str) -> Any:
    """The converted value, or None where absent or empty. Raises Fault malformed_header."""
    try:
        with quiet():
            found = ds.get(keyword)
    except Exception as error:  # pydicom's converters raise many kinds on broken bytes
        raise Fault("malformed_header", f"{keyword} cannot be read") from error
    return None if found is None or found == "" else found


def numbers(ds: "Dataset", keyword: str) -> list[float]:
    """All values as finite numbers; [] where absent or empty."""
    found = value(ds, keyword)
    if found is None:
        return []
    several = found if hasattr(found, "__iter__") and not isinstance(found, str) else [found]
    try:
        out = [float(v) for v in several]
    except (TypeError, ValueError) as error:
        raise Fault("malformed_header", f"{keyword} is not a number") from error
    if not all(math.isfinite(v) for v in out):
        raise Fault("malformed_header", f"{keyword} is not finite")
    return out


def number(ds: "Dataset", keyword: str) -> float | None:
    """The first value as a number, or None."""
    found = numbers(ds, keyword)
    return found[0] if found else None


def integer(ds: "Dataset", keyword: str, default: int = 0) -> int:
    """The first value as an integer, or `default`."""
    found = number(ds, keyword)
    return default if found is None else int(found)


def words(ds: "Dataset", keyword: str) -> list[str]:
    """All values as stripped text; [] where absent or empty."""
    found = value(ds, keyword)
    if found is None:
        return []
    several = (
        [found] if isinstance(found, (str, bytes)) or not hasattr(found, "__iter__") else found
    )
    return [str(v).strip() for v in several]


def word(ds: "Dataset", keyword: str) -> str:
    """The first value as stripped text, "" where absent."""
    found = words(ds, keyword)
    return found[0] if found else ""


def items(ds: "Dataset", keyword: str) -> list["Dataset"]:
    """The items of a sequence, [] where absent. Raises Fault when the element is no sequence."""
    found = value(ds, keyword)
    if found is None:
        return []
    if isinstance(found, (str, bytes)) or not hasattr(found, "__len__"):
        raise Fault("malformed_header", f"{keyword} is no sequence")
    return found


def first(ds: "Dataset", keyword: str) -> "Dataset | None":
    """The first item of a sequence, or None."""
    found = items(ds, keyword)
    return found[0] if found else None


def sop_class(ds: "Dataset") -> str:
    """SOP Class UID of the data set, else of its meta header (de-identified files may lack one)."""
    return word(ds, "SOPClassUID") or _meta(ds, "MediaStorageSOPClassUID")


def sop_instance(ds: "Dataset") -> str:
    """SOP Instance UID of the data set, else of its meta header."""
    return word(ds, "SOPInstanceUID") or _meta(ds, "MediaStorageSOPInstanceUID")


def _meta(ds: "Dataset", keyword: str) -> str:
    meta = getattr(ds, "file_meta", None)
    return "" if meta is None else word(meta, keyword)
