"""Faults below HTTP: what a broken server, proxy or line does to a connection.

Each takes the raw transport away from the framework. `whole` is the true response, head and body, as it would
have been sent. They end by closing the connection, or never.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from tests.fakes.script import Fault

HEAD_END = b"\r\n\r\n"
BLOCK = b"x" * 65536


async def close_unanswered(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """The server hangs up without a byte."""
    line.abort()


async def reset_in_body(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """Some of the body, then a reset (RST) instead of an end."""
    line.write(whole[: _body_at(whole) + fault.after_bytes])
    await asyncio.sleep(0.05)  # else the kernel drops the bytes with the connection
    _reset(line)


async def length_too_long(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """Content-Length promises more than comes before the connection ends."""
    line.write(_with_length(whole, len(whole) - _body_at(whole) + 1000))
    line.close()


async def length_too_short(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """Content-Length promises less than is sent: the JSON is cut, the rest is stray bytes."""
    line.write(_with_length(whole, (len(whole) - _body_at(whole)) // 2))
    line.close()


async def drip(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """One byte at a time: every single read is quick, the whole never ends in time."""
    line.write(whole[: _body_at(whole)])
    for place in range(_body_at(whole), len(whole)):
        if line.is_closing():
            return
        line.write(whole[place : place + 1])
        await asyncio.sleep(fault.every_s)
    line.close()


async def headers_drip(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """Header lines one after another, never the empty line that ends them."""
    line.write(b"HTTP/1.1 200 OK\r\n")
    number = 0
    while not line.is_closing():
        line.write(f"X-Padding-{number}: {number}\r\n".encode())
        number += 1
        await asyncio.sleep(fault.every_s)


async def headers_flood(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """One header line without an end, as fast as the client takes it."""
    line.write(b"HTTP/1.1 200 OK\r\nX-Flood: ")
    await _flood(line, BLOCK)


async def endless_body(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """A body without a length that goes on as fast as the client takes it."""
    line.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    await _flood(line, BLOCK)


async def endless_chunks(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """The same, in chunks of HTTP/1.1."""
    line.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await _flood(line, f"{len(BLOCK):x}\r\n".encode() + BLOCK + b"\r\n")


async def silence(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """The connection stays open and nothing comes."""
    while not line.is_closing():
        await asyncio.sleep(0.05)


async def not_http(line: asyncio.Transport, fault: Fault, whole: bytes) -> None:
    """Some other protocol answers."""
    line.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    line.close()


FAULTS: dict[str, Callable[[asyncio.Transport, Fault, bytes], Awaitable[None]]] = {
    fault.__name__: fault
    for fault in (
        close_unanswered, reset_in_body, length_too_long, length_too_short, drip, headers_drip,
        headers_flood, endless_body, endless_chunks, silence, not_http,
    )
}  # fmt: skip


def _body_at(whole: bytes) -> int:
    return whole.index(HEAD_END) + len(HEAD_END)


def _with_length(whole: bytes, length: int) -> bytes:
    head, body = whole.split(HEAD_END, 1)
    lines = [at for at in head.split(b"\r\n") if not at.lower().startswith(b"content-length")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % length]) + HEAD_END + body


def _reset(line: asyncio.Transport) -> None:
    linger = struct.pack("ii", 1, 0)  # on, 0 s: close() sends RST
    line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    line.abort()


async def _flood(line: asyncio.Transport, block: bytes) -> None:
    while not line.is_closing():
        if line.get_write_buffer_size() < 4 * len(block):
            line.write(block)
            await asyncio.sleep(0)
        else:
            await asyncio.sleep(0.005)
