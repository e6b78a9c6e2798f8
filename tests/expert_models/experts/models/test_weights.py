"""Weights are found and held to their digest before anything deserialises them."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from expert_models.experts.models.card import expert_of
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.weights import WeightsDiffer, located
from expert_models.experts.models.weights_digest import digest_of, folder_digest
from expert_models.experts.models.weights_pickle import is_pickle
from schemas.reasons import REASONS
from tests.expert_models.experts.models.makers import bright_onnx, card_at, scan, sha256


def model_folder(at: Path, **more: str) -> Path:
    at.mkdir()
    for name, text in {"config.json": "{}", "B.safetensors": "b", "a/x.txt": "a", **more}.items():
        (at / name).parent.mkdir(exist_ok=True)
        (at / name).write_text(text)
    (at / ".cache").mkdir()
    (at / ".cache" / "lock").write_text(os.urandom(4).hex())
    return at


def test_the_digest_of_a_folder_is_that_of_the_shell(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    listing = "find . -type f -not -path '*/.*' | sed 's|^./||' | LC_ALL=C sort"
    shell = subprocess.run(
        f"{listing} | xargs sha256sum | sha256sum",
        shell=True, cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert folder_digest(folder) == shell.stdout.split()[0]


def test_a_renamed_or_changed_file_is_another_folder(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    before = digest_of(folder)
    (folder / "config.json").rename(folder / "config2.json")
    renamed = digest_of(folder)
    (folder / "config2.json").rename(folder / "config.json")
    assert digest_of(folder) == before != renamed
    (folder / "config.json").write_text("{ }")
    assert digest_of(folder) != before


def test_files_alone_count_where_they_are_named(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    digest = digest_of(folder, ["config.json", "B.safetensors"])
    card = card_at(tmp_path, "m", files=["B.safetensors", "config.json"], weights_sha256=digest)
    (folder / "a" / "x.txt").write_text("other")
    view = located(card, Setting())
    assert sorted(p.name for p in view.iterdir()) == ["B.safetensors", "config.json"]
    assert (view / "B.safetensors").read_text() == "b"


def test_one_file_of_a_folder_is_that_file(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    digest = sha256(folder / "B.safetensors")
    card = card_at(tmp_path, "m", files=["B.safetensors"], weights_sha256=digest)
    assert located(card, Setting()) == folder / "B.safetensors"


def test_other_weights_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bright_onnx(tmp_path / "net.onnx")
    card = card_at(tmp_path, path)
    path.write_bytes(path.read_bytes() + b"\0")

    def never(*given: Any, **named: Any) -> None:
        raise AssertionError("unchecked weights were read")

    monkeypatch.setattr("onnxruntime.InferenceSession", never)
    with pytest.raises(WeightsDiffer, match=f"{sha256(path)}.*{card.weights_sha256}") as told:
        expert_of(card, device="cpu").load()
    assert told.value.reason in REASONS


def test_a_recipe_may_say_where_the_weights_lie(tmp_path: Path) -> None:
    path = bright_onnx(tmp_path / "net.onnx")
    card = card_at(tmp_path, path)
    elsewhere = tmp_path / "disk" / "copy.onnx"
    elsewhere.parent.mkdir()
    shutil.move(path, elsewhere)
    assert expert_of(card, weights=str(elsewhere), device="cpu").predict([scan()])[0]
    with pytest.raises(FileNotFoundError, match="found no weights at"):
        expert_of(card, device="cpu").load()
    elsewhere.write_bytes(b"x")
    with pytest.raises(WeightsDiffer):
        expert_of(card, weights=str(elsewhere), device="cpu").load()


def test_weights_lie_relative_to_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = sha256(bright_onnx(tmp_path / "net.onnx"))
    card = card_at(tmp_path, "net.onnx", weights_sha256=digest)
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    assert located(card, Setting()) == tmp_path / "net.onnx"


def test_pickles_need_leave(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m", **{"pytorch_model.bin": "p"})
    card = card_at(tmp_path, "m", weights_sha256=digest_of(folder))
    with pytest.raises(ValueError, match=r"pytorch_model\.bin is a pickle.*`files`.*allow_pickle"):
        located(card, Setting())
    assert located(card, Setting(allow_pickle=True)) == folder


@pytest.mark.parametrize(("name", "is_one"), [("x.pt", True), ("x.pth", True), ("x.onnx", False)])
def test_what_counts_as_a_pickle(tmp_path: Path, name: str, is_one: bool) -> None:
    (tmp_path / name).write_bytes(b"")
    assert is_pickle(tmp_path / name) is is_one


REVISION = "0123456789abcdef0123456789abcdef01234567"


def hub_cache(root: Path) -> Path:
    """What huggingface_hub leaves on disk of one commit: blobs, and links to them by name."""
    repository = root / "models--someone--tiny"
    (repository / "blobs").mkdir(parents=True)
    snapshot = repository / "snapshots" / REVISION
    snapshot.mkdir(parents=True)
    bright_onnx(repository / "blobs" / "abc")
    (snapshot / "net.onnx").symlink_to("../../blobs/abc")
    (snapshot / "pytorch_model.bin").write_text("a pickle beside it")
    return snapshot


def offline(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_a_pinned_hub_id_is_read_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = hub_cache(tmp_path / "hub")
    offline(monkeypatch, tmp_path / "hub")
    hub = {"revision": REVISION, "files": ["net.onnx"]}
    digest = sha256(snapshot / "net.onnx")
    card = card_at(tmp_path, "someone/tiny", weights_sha256=digest, **hub)
    assert expert_of(card, device="cpu").predict([scan()])[0]


def test_offline_without_a_copy_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline(monkeypatch, tmp_path / "empty")
    card = card_at(tmp_path, "someone/tiny", revision=REVISION)
    with pytest.raises(OSError, match=r"someone/tiny@0123.*HF_HOME.*local copy"):
        expert_of(card, device="cpu").load()
