"""Cards and weights of strangers: what they could do to the machine, and that they do not."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest

from expert_models.experts.models.card import expert_of
from expert_models.experts.models.card_model import Architecture
from expert_models.experts.models.package_network import tensors_of
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.safetensors_architecture import build
from expert_models.experts.models.weights import located
from expert_models.experts.models.weights_digest import digest_of
from expert_models.experts.models.weights_pickle import is_pickle
from expert_models.experts.models.weights_script import expect_harmless, is_torchscript
from tests.expert_models.experts.models.makers import card_at

torch = pytest.importorskip("torch")
WHOLE = {"channels": "rgb", "fit": "whole", "scale": {"kind": "unit"}}


class Writer(torch.nn.Module):
    """Writes what it is shown into a file of any name."""

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        torch.save(picture, "never.bin")
        return picture[:, :1]


class Reader(torch.nn.Module):
    """Adds the first bytes of a file."""

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return picture[:, :1] + torch.from_file("/dev/zero", False, 3, dtype=torch.uint8).sum()


class Trap:
    """Unpickling it makes a file."""

    def __init__(self, at: Path) -> None:
        self.at = at

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.at,)


@pytest.mark.parametrize(("net", "word"), [(Writer(), "save"), (Reader(), "from_file")])
def test_a_script_that_reaches_for_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, net: Any, word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.ts"
    torch.jit.script(net).save(str(path))
    card = card_at(tmp_path, path, backend="torchscript", input=WHOLE)
    with pytest.raises(ValueError, match=rf"`{word}` in the code of net\.ts.*allow_pickle"):
        expert_of(card, device="cpu").load()
    assert not Path("never.bin").exists()


def test_a_script_that_unpacks_beyond_measure(tmp_path: Path) -> None:
    path = tmp_path / "net.ts"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/constants.pkl", b"")
        archive.writestr("net/code/__torch__.py", b"")
        archive.writestr("net/data/0", bytes(80 << 20))
    assert is_torchscript(path)
    with pytest.raises(ValueError, match=r"bytes that unpack to 83886080"):
        expect_harmless(path)


def test_a_pickle_in_the_dress_of_a_script(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    torch.save({"a": torch.zeros(2)}, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other/constants.pkl", b"")
        archive.writestr("other/code/x.py", b"")
    assert not is_torchscript(path)
    assert is_pickle(path)
    with pytest.raises(ValueError, match=r"net\.pth: torch cannot read it"):
        tensors_of(path, trusted=True)


@pytest.mark.parametrize("trusted", [False, True])
def test_more_than_tensors_is_read_with_leave_alone(tmp_path: Path, trusted: bool) -> None:
    path = tmp_path / "net.pth"
    torch.save({"a": Trap(tmp_path / "sprung")}, path)
    with pytest.raises(ValueError, match="expected a state dict" if trusted else "allow_pickle"):
        tensors_of(path, trusted=trusted)
    assert (tmp_path / "sprung").exists() is trusted


@pytest.mark.parametrize("name", ["cyto3", "weights.dat", "hovernet.weights"])
@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_without_its_ending_needs_leave(tmp_path: Path, name: str, legacy: bool) -> None:
    path = tmp_path / name
    if legacy:
        path.write_bytes(pickle.dumps({"a": 1}))
    else:
        torch.save({"a": torch.zeros(2)}, path)
    card = card_at(tmp_path, path)
    with pytest.raises(ValueError, match=rf"{name} is a pickle"):
        located(card, Setting())
    assert located(card, Setting(allow_pickle=True)) == path


def test_a_safetensors_header_is_no_pickle(tmp_path: Path) -> None:
    """Its first bytes are the length of its header, which may be those of a pickle: 0x0280."""
    path = tmp_path / "net.safetensors"
    path.write_bytes((0x0280).to_bytes(8, "little") + b"{}")
    assert not is_pickle(path)


def test_a_link_to_a_folder_is_no_weights(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "m", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "config.json").write_text("{}")
    (elsewhere / "model.pt").write_bytes(b"no digest covers it")
    (folder / "models").symlink_to(elsewhere)
    with pytest.raises(ValueError, match="models, a link to a folder"):
        digest_of(folder)


@pytest.mark.parametrize("key", ["pretrained", "pretrained_url", "path_or_repo_id"])
def test_no_architecture_fetches_weights(key: str) -> None:
    pytest.importorskip("monai")
    with pytest.raises(ValueError, match=f"config > {key}.*take it out"):
        build(Architecture(name="monai:HoVerNet", config={key: "http://example.org/x.pth"}))


def test_a_network_that_fetches_unless_told_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nets = pytest.importorskip("monai.networks.nets")

    class Fetching(torch.nn.Module):
        def __init__(self, pretrained: bool = True) -> None:
            super().__init__()
            self.pretrained = pretrained

    monkeypatch.setattr(nets, "Fetching", Fetching, raising=False)
    assert build(Architecture(name="monai:Fetching")).pretrained is False
