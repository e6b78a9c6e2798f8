"""Open DICOM files; every way they can be bad becomes one Fault. DICOM PS3.10, PS3.5.

pydicom inflates a deflated data set without a bound, so those are inflated and counted first.
"""

import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from schemas.reject import Fault
from transforms.formats.dicom_values import quiet, sop_class

if TYPE_CHECKING:
    from pydicom import Dataset

DEFLATED = (b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.4.95", b"1.2.840.10008.1.2.4.205")
META_BYTES = 1 << 20  # of meta header that are searched for the transfer syntax
_META_LENGTH = b"DICM\x02\x00\x00\x00UL\x04\x00"  # prefix, then (0002,0000)
MAX_FILE_BYTES = 1 << 32
MAX_INFLATED_BYTES = 1 << 30
DICOM_ROOT = "1.2.840.10008."
PIXEL_KEYWORDS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def read_header(path: Path) -> tuple["Dataset", bool]:
    """The data set up to the pixel data, and whether pixel data follows. Raises Fault."""
    ds, rest = _read(path, stop_before_pixels=True)
    return ds, rest


def read_whole(path: Path) -> "Dataset":
    """The data set with its pixel data. Raises Fault."""
    return _read(path, stop_before_pixels=False)[0]


def _read(path: Path, *, stop_before_pixels: bool) -> tuple["Dataset", bool]:
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    if not path.is_file():
        raise Fault("file_absent", "no regular file of this name")
    size = path.stat().st_size
    if size == 0:
        raise Fault("truncated", "empty file")
    if size > MAX_FILE_BYTES:
        raise Fault("too_large", f"file of more than {MAX_FILE_BYTES} bytes")
    with path.open("rb") as file, quiet():
        prefixed, deflated = _look(file)
        if deflated:
            _check_inflated(file)
            stop_before_pixels = False
        try:
            ds = dcmread(file, stop_before_pixels=stop_before_pixels, force=not prefixed)
            known = sop_class(ds).startswith(DICOM_ROOT)
        except Fault:
            raise
        except EOFError as error:
            raise Fault("truncated", "the data set ends inside an element") from error
        except InvalidDicomError as error:
            raise Fault("not_this_format", "no DICOM data set") from error
        except Exception as error:  # pydicom raises many kinds on hostile bytes
            raise _unreadable(prefixed, error) from error
        if not prefixed and not known:
            raise Fault("not_this_format", "no DICOM prefix and no SOP class")
        if deflated or not stop_before_pixels:
            return ds, any(k in ds for k in PIXEL_KEYWORDS)
        return ds, bool(file.read(1))


def _look(file: BinaryIO) -> tuple[bool, bool]:
    """(has the DICM prefix, names a deflated transfer syntax); the file is rewound."""
    head = file.read(144)
    length = int.from_bytes(head[140:144], "little") if _META_LENGTH in head else META_BYTES
    meta = file.read(min(length, META_BYTES))
    file.seek(0)
    return head[128:132] == b"DICM", any(uid in head + meta for uid in DEFLATED)


def _unreadable(prefixed: bool, error: Exception) -> Fault:
    if not prefixed:
        return Fault("not_this_format", "no DICOM prefix and no readable data set")
    return Fault("malformed_header", f"the data set cannot be parsed ({type(error).__name__})")


def _check_inflated(file: BinaryIO) -> None:
    """Raise Fault too_large when a deflated data set is larger than MAX_INFLATED_BYTES."""
    head = file.read(144)
    if _META_LENGTH not in head:
        raise Fault("malformed_header", "the meta header of a deflated data set has no length")
    file.seek(144 + int.from_bytes(head[140:144], "little"))
    inflater, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        while data := (inflater.unconsumed_tail or file.read(1 << 16)):
            total += len(inflater.decompress(data, 1 << 20))
            if total > MAX_INFLATED_BYTES:
                raise Fault("too_large", f"inflates to more than {MAX_INFLATED_BYTES} bytes")
    except zlib.error as error:
        raise Fault("undecodable", "the deflated data set is damaged") from error
    if not inflater.eof:
        raise Fault("truncated", "the deflated data set ends too early")
    file.seek(0)
