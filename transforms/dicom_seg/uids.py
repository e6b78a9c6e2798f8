"""UIDs that are functions of content, so that an export is the same bytes on every machine."""

from typing import Any

from schemas.ids import digest


def uid_of(*parts: Any) -> str:
    """A UID below 2.25 made of a digest of `parts` (JSON values).

    The number is a UUID of version 8 (RFC 9562, free content), as PS3.5 B.2 wants a UUID there. At
    most 44 of the 64 characters a UID may have.
    """
    value = int(digest("uid", *parts)[:32], 16)
    value = value & ~(0xF << 76) | 8 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return f"2.25.{value}"
