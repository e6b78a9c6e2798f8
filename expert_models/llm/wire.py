"""One HTTP exchange, bounded in time and bytes: a whole reply, or a fault of the line."""

import asyncio
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp

LARGE_BODY = 256 * 1024  # bytes; a larger one is sent in pieces, so that other calls get their turn


@dataclass(frozen=True)
class Reply:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class LineFault(Exception):
    """No whole reply. `reason` is a code of schemas.reasons."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


async def post(
    session: "aiohttp.ClientSession", url: str, body: bytes, *, deadline_s: float, most_bytes: int
) -> Reply:
    """Send `body`, take the whole reply. `deadline_s` runs from connecting to the last byte.

    Raises LineFault. Redirects are not followed: a reply of 3xx is returned as it is.
    """
    import aiohttp

    data = io.BytesIO(body) if len(body) > LARGE_BODY else body
    try:
        async with (
            asyncio.timeout(deadline_s),
            session.post(url, data=data, allow_redirects=False) as response,
        ):
            return Reply(response.status, response.headers, await _read(response, most_bytes))
    except TimeoutError:
        raise LineFault("deadline_exceeded", f"no whole answer within {deadline_s:g} s") from None
    except (aiohttp.ClientError, OSError) as error:
        raise LineFault("endpoint_unavailable", _named(error)) from None


async def _read(response: "aiohttp.ClientResponse", most_bytes: int) -> bytes:
    """The body. One that ends before its Content-Length is a ClientPayloadError of aiohttp."""
    coding = response.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        raise LineFault("endpoint_unavailable", "a compressed body, which was not asked for")
    pieces, size = [], 0
    if (response.content_length or 0) > most_bytes:
        raise LineFault("answer_too_large", f"more than {most_bytes} bytes announced")
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > most_bytes:
            raise LineFault("answer_too_large", f"more than {most_bytes} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _named(error: BaseException) -> str:
    """Kind of error and the system's word for it; never the message, which may repeat headers."""
    number = getattr(getattr(error, "os_error", error), "errno", None)
    return f"{type(error).__name__}: {os.strerror(number)}" if number else type(error).__name__
