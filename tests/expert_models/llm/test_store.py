"""Never ask twice: what is kept stays, what is damaged is absent, and the first writer wins."""

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from expert_models.llm import store as store_module
from expert_models.llm.pack import ROWS, Pack, write_pack
from expert_models.llm.sealed import seal, unseal
from expert_models.llm.store import AnswerStore
from schemas.exchange import Answer


def key(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


KEYS = [key(n) for n in range(20)]


def files(folder: Path, pattern: str) -> list[Path]:
    return sorted(p for p in folder.glob(pattern) if p.is_file())


@pytest.fixture
def filled(tmp_path: Path, answer: Callable[..., Answer]) -> AnswerStore:
    kept = AnswerStore(tmp_path)
    for number, each in enumerate(KEYS):
        kept.put(answer(each, f"words {number} \x00 \ud800 é"))
    return kept


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_put_comes_back_marked_as_cached(
    packed: bool, tmp_path: Path, answer: Callable[..., Answer]
) -> None:
    said = answer(KEYS[0], "é \ud800 \x00", attempts=3, seconds=0.1 + 0.2)
    kept = AnswerStore(tmp_path)
    assert kept.put(said) is said
    assert not packed or kept.pack() == 1
    for found in (kept.get(KEYS[0]), AnswerStore(tmp_path).get(KEYS[0])):
        assert found == replace(said, cached=True)
    assert kept.get(KEYS[1]) is None


@pytest.mark.parametrize("packed", [False, True])
def test_the_first_answer_stays(
    packed: bool, tmp_path: Path, answer: Callable[..., Answer]
) -> None:
    kept, other = AnswerStore(tmp_path), AnswerStore(tmp_path)
    kept.put(answer(KEYS[0], "first"))
    assert not packed or kept.pack() == 1
    found = other.put(answer(KEYS[0], "second"))
    assert (found.text, found.cached) == ("first", True)
    assert [each.text for each in AnswerStore(tmp_path)] == ["first"]
    assert len(files(tmp_path, "loose/*/*")) == (0 if packed else 1)


def spoilt(data: bytes) -> dict[str, bytes]:
    middle = len(data) // 2
    return {
        "empty": b"",
        "cut": data[:middle],
        "cut by one": data[:-1],
        "zeros": bytes(len(data)),
        "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "longer": data + b" ",
        "another's": seal(Answer(KEYS[1], "words", "m", "stop", 1, 1)),
        "not an answer": hashlib.sha256(b"[]").hexdigest().encode() + b"\n[]",
    }


@pytest.mark.parametrize("kind", sorted(spoilt(b"x" * 99)))
def test_a_damaged_answer_is_absent_and_asked_again(
    kind: str, tmp_path: Path, answer: Callable[..., Answer]
) -> None:
    kept = AnswerStore(tmp_path)
    kept.put(answer(KEYS[0], "first"))
    [path] = files(tmp_path, "loose/*/*")
    path.write_bytes(spoilt(path.read_bytes())[kind])
    assert kept.get(KEYS[0]) is None
    assert list(kept) == []
    assert kept.put(answer(KEYS[0], "second")).text == "second"
    assert kept.put(answer(KEYS[0], "third")).text == "second"
    assert kept.pack() == 1
    assert AnswerStore(tmp_path).get(KEYS[0]).text == "second"


def test_packing_keeps_all_and_clears_loose_files(filled: AnswerStore, tmp_path: Path) -> None:
    before = list(filled)
    reader = AnswerStore(tmp_path)  # opened while all is loose
    assert [each.key for each in before] == sorted(KEYS)
    files(tmp_path, "loose/*/*")[0].write_bytes(b"torn")
    lost = files(tmp_path, "loose/*/*")[0].name
    assert filled.pack() == 19
    assert files(tmp_path, "loose/*/*") == []
    for kept in (filled, reader, AnswerStore(tmp_path)):
        assert list(kept) == [each for each in before if each.key != lost]
        assert {each for each in KEYS if kept.get(each) is None} == {lost}


def test_a_pack_is_named_by_its_content(
    tmp_path: Path, answer: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = set()
    for folder, order in (("a", KEYS), ("b", KEYS[::-1])):
        kept = AnswerStore(tmp_path / folder)
        for each in order:
            kept.put(answer(each))
        kept.pack()
        names.add(tuple(p.name for p in files(tmp_path / folder, "packs/*")))
        assert kept.pack() == 20, "packing again changes nothing"
    assert len(names) == 1
    assert len(names.pop()) == 1


def test_many_packs_are_merged(
    tmp_path: Path, answer: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_PACKS", 3)
    kept, reader = AnswerStore(tmp_path), AnswerStore(tmp_path)
    most = 0
    for number, each in enumerate(KEYS):
        kept.put(answer(each, f"words {number}"))
        assert kept.pack() == number + 1
        most = max(most, len(files(tmp_path, "packs/*")))
        assert reader.get(each).text == f"words {number}"
    assert most == 3
    assert [reader.get(each).text for each in KEYS] == [f"words {n}" for n in range(20)]


def test_a_pack_of_many_batches(tmp_path: Path, answer: Callable[..., Answer]) -> None:
    count = 2 * ROWS + 1
    keys = sorted(key(n) for n in range(count))
    path = write_pack(tmp_path, ((k, seal(answer(k))) for k in keys))
    assert path is not None
    pack = Pack(path)
    assert len(pack) == count
    ends = [0, 1, ROWS - 1, ROWS, 2 * ROWS - 1, 2 * ROWS]
    assert all(unseal(pack.get(keys[n]) or b"", keys[n]) for n in ends)
    for absent in ("0" * 64, "f" * 64, key(count), f"{int(keys[ROWS], 16) - 1:064x}"):
        assert pack.get(absent) is None
    assert [k for k, _ in pack] == keys
    with pytest.raises(ValueError, match="out of order"):
        write_pack(tmp_path, [(keys[1], b""), (keys[0], b"")])
    assert files(tmp_path, "*") == [path], "no attempt is left"


def test_an_answer_damaged_in_a_pack_is_asked_again(filled: AnswerStore, tmp_path: Path) -> None:
    """Every answer comes back right or not at all, wherever one byte of the pack is changed."""
    before = {each.key: each for each in filled}
    filled.pack()
    [path] = files(tmp_path, "packs/*")
    whole = path.read_bytes()
    places = random.Random(0).sample(range(len(whole)), 300)
    absent = 0
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        kept = AnswerStore(tmp_path)
        for each in KEYS:
            found = kept.get(each)
            assert found is None or found == before[each]
            absent += found is None
        list(kept)
    assert absent > 200, "the damage was seen"
    path.write_bytes(whole[:-100])
    assert AnswerStore(tmp_path).get(KEYS[0]) is None
    kept = AnswerStore(tmp_path)
    kept.put(before[KEYS[0]])
    kept.pack()
    assert AnswerStore(tmp_path).get(KEYS[0]) == before[KEYS[0]]


def test_what_killed_writers_left_is_swept(filled: AnswerStore, tmp_path: Path) -> None:
    old, young = tmp_path / "loose" / KEYS[0][:2] / ".old", tmp_path / "packs" / ".young"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    assert filled.get(KEYS[0]) is not None
    assert filled.pack() == 20
    assert (old.exists(), young.exists()) == (False, True)


RACE = """
import sys
from pathlib import Path
from expert_models.llm.store import AnswerStore
from schemas.exchange import Answer
folder, name, keys = Path(sys.argv[1]), sys.argv[2], sys.stdin.read().split()
kept = AnswerStore(folder)
print("ready", flush=True)
while not (folder / "go").exists():
    pass
for key in keys:
    print(kept.put(Answer(key, name, "m", "stop", 1, 1)).text)
"""


def test_two_processes_race_and_agree_while_a_third_packs(tmp_path: Path) -> None:
    keys = [key(n) for n in range(300)]
    runs = []
    for name in ("one", "two"):
        run = subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert run.stdin is not None
        run.stdin.write("\n".join(keys))
        run.stdin.close()
        run.stdin = None
        runs.append(run)
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    packer = AnswerStore(tmp_path)
    while any(run.poll() is None for run in runs):
        packer.pack()
        time.sleep(0.01)
    one, two = (run.communicate()[0].split() for run in runs)
    assert len(one) == len(two) == 300
    assert one == two, "both go on with the same answer"
    packer.pack()
    assert [packer.get(each).text for each in keys] == one
    assert len(list(packer)) == 300
    assert files(tmp_path, "loose/*/*") == []
