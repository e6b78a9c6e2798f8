"""F32: a damaged entry of the store of answers is never used: it is asked for again and mended."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from expert_models.llm.asker import open_asker
from expert_models.llm.store import AnswerStore
from schemas.exchange import Answer, Failure
from tests.expert_models.faults.setting import chosen, is_whole, question, script
from tests.fakes.server import FakeServer, serving

COUNT = 6


def ask_all(server: FakeServer, folder: Path) -> list[Answer | Failure]:
    async def run() -> list[Answer | Failure]:
        async with open_asker(chosen(server.url), folder) as asker:
            return await asyncio.gather(*(asker.ask(question(n)) for n in range(COUNT)))

    return asyncio.run(run())


def flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "torn": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "flipped in the checksum": lambda data: flip(data, 3),
    "flipped in the text": lambda data: flip(data, len(data) - 9),
    "zeroed": lambda data: b"\0" * len(data),
    "longer": lambda data: data + b" ",
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_damaged_file_is_asked_for_again_and_mended(how: str, tmp_path: Path) -> None:
    with serving(script()) as server:
        first = ask_all(server, tmp_path)
        entry = next(p for p in tmp_path.rglob(first[2].key))
        entry.write_bytes(SPOILT[how](entry.read_bytes()))
        assert [a.text for a in ask_all(server, tmp_path)] == [a.text for a in first]
        assert server.requests == COUNT + 1
        ask_all(server, tmp_path)
        assert server.requests == COUNT + 1


def test_another_questions_entry_is_not_taken_for_this_ones(tmp_path: Path) -> None:
    """A sound file under the wrong key, as a slip of a copy would leave."""
    with serving(script()) as server:
        first = ask_all(server, tmp_path)
        one, other = (next(tmp_path.rglob(a.key)) for a in first[:2])
        one.write_bytes(other.read_bytes())
        assert [a.text for a in ask_all(server, tmp_path)] == [a.text for a in first]
        assert server.requests == COUNT + 1


@pytest.mark.parametrize("place", [8, 0.3, 0.5, 0.7, -9])
def test_a_damaged_pack_gives_no_wrong_answer(place: float, tmp_path: Path) -> None:
    with serving(script()) as server:
        first = ask_all(server, tmp_path)
        assert AnswerStore(tmp_path).pack() == COUNT
        [pack] = (tmp_path / "packs").glob("*.arrow")
        data = pack.read_bytes()
        at = int(place * len(data)) if 0 < place < 1 else int(place)
        pack.write_bytes(flip(data, at % len(data)))
        found = ask_all(server, tmp_path)
        after = server.requests
        ask_all(server, tmp_path)
        assert server.requests == after  # mended
    assert all(is_whole(a) for a in found)
    assert [a.text for a in found] == [a.text for a in first]


def test_a_store_that_cannot_be_written_asks_nothing(tmp_path: Path) -> None:
    """F8: found before the first call, not after an hour of them."""
    blocked = tmp_path / "file"
    blocked.write_text("here is no folder")
    with serving(script()) as server:
        with pytest.raises(OSError, match="file"):
            ask_all(server, blocked)
        assert server.requests == 0
