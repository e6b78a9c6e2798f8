"""What is written is what is read, the same in any process, and anything else is refused."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from transforms.knowledge.errors import IndexRefused
from transforms.knowledge.index import Index
from transforms.knowledge.store import load, load_shelf, save

ROOT = Path(__file__).resolve().parents[3]
BUILD = """
import sys; sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import small_base
from transforms.knowledge.index import Index
from transforms.knowledge.store import save
save(Index.build(small_base()[::-1]), Path({out!r}))
"""


@pytest.fixture
def folder(index: Index, tmp_path: Path) -> Path:
    save(index, tmp_path / "base")
    return tmp_path / "base"


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_a_stored_index_answers_as_the_one_in_memory(index: Index, folder: Path) -> None:
    stored = load(folder)
    assert stored.index.entries == index.entries
    assert stored.index.floor == index.floor
    for query in ("kidney urine", "skin cancer", "fever and lung"):
        assert stored.index.search(query, floor=0) == index.search(query, floor=0)
    assert not list(folder.rglob("*.pkl"))


def test_another_process_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """With another hash seed and thread count, and the passages given in reverse order."""
    code = BUILD.format(tests=str(Path(__file__).parent), out=str(tmp_path / "other"))
    env = os.environ | {"PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT),
                        "OPENBLAS_NUM_THREADS": "1"}  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True, env=env, cwd=ROOT)
    assert digests(folder) == digests(tmp_path / "other")


@pytest.mark.parametrize(
    "name", ["vectors.faiss", "passages.parquet", "shelf.parquet", "title.npz",
             "bm25/text/data.csc.index.npy", "bm25/title/vocab.index.json", "manifest.json"],
)  # fmt: skip
def test_one_flipped_byte_is_refused_before_anything_is_parsed(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import faiss

    def never(*_: object) -> None:
        raise AssertionError("the FAISS file was parsed")

    monkeypatch.setattr(faiss, "deserialize_index", never)
    monkeypatch.setattr(faiss, "read_index", never)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(IndexRefused, match=r"base: .*(describes|changed|readable)"):
        load(folder)
    with pytest.raises(IndexRefused):
        load_shelf(folder)


def test_a_missing_file_and_a_missing_manifest_are_refused(folder: Path) -> None:
    (folder / "text.npz").unlink()
    with pytest.raises(IndexRefused, match=r"text\.npz"):
        load(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(IndexRefused, match="manifest"):
        load(folder)


def test_a_stale_id_table_is_refused(index: Index, folder: Path, tmp_path: Path) -> None:
    save(Index.build(index.entries[:-1]), tmp_path / "other")
    (folder / "passages.parquet").write_bytes((tmp_path / "other/passages.parquet").read_bytes())
    with pytest.raises(IndexRefused, match=r"passages\.parquet"):
        load(folder)
    _forge(folder)  # even where somebody renews the digests, the parts must fit each other
    with pytest.raises(IndexRefused, match="11 passages, 12 vectors"):
        load(folder)


def _forge(folder: Path) -> None:
    from transforms.knowledge.manifest import write_manifest

    old = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").unlink()
    write_manifest(folder, {k: old[k] for k in ("weight", "floor")})


def test_a_folder_with_other_files_is_never_replaced(index: Index, folder: Path) -> None:
    before = digests(folder)
    save(index, folder)
    assert digests(folder) == before
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        save(index, folder)
    assert (folder / "notes.txt").exists()


def test_a_changed_vocabulary_makes_the_shelf_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transforms.knowledge import store

    kept = load_shelf(folder).by_finding
    assert sorted(kept) == ["kidney", "melanoma", "pneumonia"]
    monkeypatch.setattr(store, "vocabulary_digest", lambda: "another")
    monkeypatch.setattr("transforms.knowledge.concepts.finding_of", lambda _: None)
    assert load_shelf(folder).by_finding == {}
