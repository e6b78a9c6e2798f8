"""What a compressed frame says of its own size, before any decoder sees it.

A decoder allocates what the codestream declares, not what the DICOM header does; a frame that
disagrees with its header is refused. JPEG: ITU-T T.81 B.2.2; JPEG-LS: T.87 C.2.2; JPEG 2000: T.800
A.5.1 (also inside a JP2 box file).
"""

_SOF = frozenset(
    {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF, 0xF7}
)
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length


def frame_size(frame: bytes) -> tuple[int, int] | None:
    """(rows, columns) declared by a JPEG, JPEG-LS or JPEG 2000 frame; None where none is found."""
    if frame[:2] == b"\xff\xd8":
        return _jpeg(frame)
    start = frame.find(b"\xff\x4f\xff\x51", 0, 4096)
    return None if start < 0 else _jpeg2000(frame[start:])


def _jpeg(frame: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(frame):
        if frame[at] != 0xFF:
            return None
        marker = frame[at + 1]
        if marker == 0xFF or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
        elif marker in _SOF:
            return _number(frame, at + 5, 2), _number(frame, at + 7, 2)
        elif marker == 0xDA:
            return None
        else:
            at += 2 + _number(frame, at + 2, 2)
    return None


def _jpeg2000(stream: bytes) -> tuple[int, int] | None:
    if len(stream) < 24:
        return None
    width, height = _number(stream, 8, 4), _number(stream, 12, 4)
    return height - _number(stream, 20, 4), width - _number(stream, 16, 4)


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")
