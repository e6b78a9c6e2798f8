"""TorchScript, safetensors and pickles saved on the spot, through the real loaders."""

import importlib.metadata
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Refusal
from expert_models.experts.models.card import ModelCard, expert_of
from expert_models.experts.models.resident import Setting, TorchPlace, numpy_of
from expert_models.experts.models.resident_module import named
from tests.expert_models.experts.models.makers import BRIGHT, bright, card_at, picture, scan

torch = pytest.importorskip("torch")


class SmallUNet(torch.nn.Module):
    """Two levels: a convolution, a pooled one, and their sum. `hidden` is a choice of the card."""

    def __init__(self, channels: int = 3, hidden: int = 4) -> None:
        super().__init__()
        self.down = torch.nn.Conv2d(channels, hidden, 3, padding=1)
        self.deep = torch.nn.Conv2d(hidden, hidden, 3, padding=1)
        self.head = torch.nn.Conv2d(hidden, 1, 1)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        fine = torch.relu(self.down(picture))
        coarse = torch.relu(self.deep(torch.nn.functional.max_pool2d(fine, 2)))
        grown = torch.nn.functional.interpolate(coarse, size=fine.shape[-2:], mode="nearest")
        return self.head(fine + grown)


def by_hand(gain: float = 40.0) -> SmallUNet:
    """Its weights make it `gain * (brightness - BRIGHT)`: the fine level passes red on, the deep one nothing."""
    net = SmallUNet()
    with torch.no_grad():
        for tensor in net.parameters():
            tensor.zero_()
        net.down.weight[0, 0, 1, 1] = 1.0
        net.head.weight[0, 0, 0, 0] = gain
        net.head.bias[0] = -gain * BRIGHT
    return net.eval()


def found_by(card: ModelCard, **setting: Any) -> Any:
    ((found,),) = expert_of(card, device="cpu", **setting).predict([scan()])
    return found


@pytest.fixture
def architectures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that brings `small-unet` and something that is no network."""

    class Point:
        def __init__(self, name: str, made: Any) -> None:
            self.name, self.value, self._made = name, "here", made

        def load(self) -> Any:
            return self._made

    points = [Point("small-unet", SmallUNet), Point("no-network", dict)]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points if group == "medgrain.architectures" else [])  # fmt: skip


WHOLE = {"fit": "whole", "multiple": 2, "align": "corner"}
SMALL = {"name": "small-unet", "config": {"hidden": 4}}


def script(tmp_path: Path, net: Any = None, **fields: Any) -> ModelCard:
    path = tmp_path / "net.pt"
    torch.jit.script(net or by_hand()).save(str(path))
    return card_at(tmp_path, path, **{"backend": "torchscript", "input": WHOLE} | fields)


def test_a_script_finds_what_is_bright(tmp_path: Path) -> None:
    found = found_by(script(tmp_path))
    assert np.array_equal(found.mask, bright(picture()))


def test_half_precision_of_a_recipe_is_of_a_gpu_alone(tmp_path: Path) -> None:
    card = script(tmp_path, by_hand(gain=1.0))
    one, other = found_by(card), found_by(card, precision="float16")
    assert np.array_equal(one.mask, other.mask)
    assert one.score == other.score


def test_a_missing_gpu_is_told(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(ValueError, match=r"found 'cuda'.*expected auto or cpu"):
        expert_of(script(tmp_path), device="cuda").load()


def test_a_checkpoint_is_no_script(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    torch.save(by_hand().state_dict(), path)
    card = card_at(tmp_path, path, backend="torchscript")
    with pytest.raises(ValueError, match=r"net\.pt is a pickle"):
        expert_of(card, device="cpu").load()
    with pytest.raises(ValueError, match="is not TorchScript"):
        expert_of(card, device="cpu", allow_pickle=True).load()


def test_a_script_of_other_channels(tmp_path: Path) -> None:
    card = script(tmp_path, input=WHOLE | {"channels": "gray"})
    with pytest.raises(ValueError, match=r"network and card disagree.*\(1, 256, 256\)"):
        expert_of(card, device="cpu").load()


def saved(tmp_path: Path, net: Any = None, **fields: Any) -> ModelCard:
    from safetensors.torch import save_file

    path = tmp_path / "net.safetensors"
    save_file((net or by_hand()).state_dict(), path)
    given = {"backend": "safetensors", "architecture": SMALL, "input": WHOLE} | fields
    return card_at(tmp_path, path, **given)


@pytest.mark.usefixtures("architectures")
def test_bare_weights_find_what_is_bright(tmp_path: Path) -> None:
    assert np.array_equal(found_by(saved(tmp_path)).mask, bright(picture()))


@pytest.mark.usefixtures("architectures")
@pytest.mark.parametrize(
    ("architecture", "told"),
    [
        ({"name": "small-unet", "config": {"hidden": 6}}, r"down\.weight is \[4, 3, 3, 3\], the network has \[6"),
        ({"name": "small-unet", "config": {"depth": 6}}, "expected arguments of small-unet.*depth"),
        ({"name": "os:system"}, r"expected `monai:<class>` or an entry point.*no-network, small-unet"),
        ({"name": "no-network"}, "made no torch module"),
    ],
)  # fmt: skip
def test_weights_and_architecture_must_fit(
    tmp_path: Path, architecture: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        expert_of(saved(tmp_path, architecture=architecture), device="cpu").load()


@pytest.mark.usefixtures("architectures")
def test_missing_and_foreign_tensors_are_named(tmp_path: Path) -> None:
    net = torch.nn.Module()
    net.down, net.other = by_hand().down, torch.nn.Linear(2, 2, bias=False)
    with pytest.raises(ValueError, match=r"deep\.bias is missing.*other\.weight is not of this"):
        expert_of(saved(tmp_path, net), device="cpu").load()


@pytest.mark.usefixtures("architectures")
def test_a_file_that_is_no_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    path.write_bytes(b"\xff" * 64)
    card = card_at(tmp_path, path, backend="safetensors", architecture=SMALL, input=WHOLE)
    with pytest.raises(ValueError, match=r"net\.safetensors, which is no safetensors file"):
        expert_of(card, device="cpu").load()


def pickled(tmp_path: Path, held: Any) -> ModelCard:
    path = tmp_path / "net.pth"
    torch.save(held, path)
    return card_at(tmp_path, path, backend="pickle", architecture=SMALL, input=WHOLE)


@pytest.mark.usefixtures("architectures")
@pytest.mark.parametrize("wrapped", ["plain", "state_dict", "module."])
def test_a_pickle_with_leave(tmp_path: Path, wrapped: str) -> None:
    held: Any = by_hand().state_dict()
    if wrapped == "module.":
        held = {f"module.{name}": tensor for name, tensor in held.items()}
    elif wrapped != "plain":
        held = {wrapped: held, "epoch": 3}
    card = pickled(tmp_path, held)
    with pytest.raises(ValueError, match="allow_pickle"):
        expert_of(card, device="cpu").load()
    assert np.array_equal(found_by(card, allow_pickle=True).mask, bright(picture()))


@pytest.mark.usefixtures("architectures")
def test_a_pickle_by_any_name_needs_leave(tmp_path: Path) -> None:
    path = tmp_path / "net.weights"
    torch.save(by_hand().state_dict(), path)
    card = card_at(tmp_path, path, backend="pickle", architecture=SMALL, input=WHOLE)
    with pytest.raises(ValueError, match="allow_pickle"):
        expert_of(card, device="cpu").load()


class Trap:
    """Unpickling it writes a file."""

    def __init__(self, at: Path) -> None:
        self.at = at

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return Path.touch, (self.at,)  # type: ignore[return-value]


@pytest.mark.usefixtures("architectures")
@pytest.mark.parametrize("leave", [False, True])
def test_a_trap_never_springs_without_leave_and_digest(tmp_path: Path, leave: bool) -> None:
    """Without leave nothing is unpickled; with it, not before the digest is right."""
    card = pickled(tmp_path, by_hand().state_dict())
    sprung = tmp_path / "sprung"
    (tmp_path / "net.pth").write_bytes(pickle.dumps(Trap(sprung)))
    with pytest.raises(ValueError, match=r"sha256|allow_pickle"):
        expert_of(card, device="cpu", allow_pickle=leave).load()
    assert not sprung.exists()


def test_outputs_of_every_shape_have_names() -> None:
    one = torch.ones(1, 2, dtype=torch.bfloat16)
    assert list(named(one)) == ["0"]
    assert list(named((one, one))) == ["0", "1"]
    assert list(named([{"boxes": one, "note": "no tensor"}])) == ["boxes"]
    assert numpy_of(one).dtype == np.float32
    assert numpy_of(torch.ones(2, dtype=torch.int64)).dtype == np.int64


def test_a_crash_inside_the_network_is_one_refusal(tmp_path: Path) -> None:
    class Picky(torch.nn.Module):
        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            assert bool(picture.max() < 1), "too bright"
            return picture[:, :1]

    expert = expert_of(script(tmp_path, Picky(), batch=2), device="cpu")
    dark, light = np.full((4, 6, 3), 200, np.uint8), np.full((4, 6, 3), 255, np.uint8)
    made = expert.predict([scan(dark), scan(light), scan(dark)])
    assert isinstance(made[1], Refusal)
    assert made[1].reason == "expert_failed"
    assert "too bright" in made[1].detail
    assert all(np.all(made[i][0].mask) for i in (0, 2))


def test_last_bits_do_not_depend_on_threads_or_company() -> None:
    """The nets in which batches and threads were seen to change bits: the place keeps them equal."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv3d(1, 8, 3, padding=1), torch.nn.PReLU(),
        torch.nn.Conv3d(8, 16, 3, stride=2), torch.nn.ConvTranspose3d(16, 2, 3, stride=2),
    ).eval()  # fmt: skip
    inputs = [torch.rand(1, 24, 40, 33) for _ in range(4)]

    def forward(given: Any) -> Any:
        return [one.numpy() for one in net(torch.stack(list(given)))]

    before = torch.get_num_threads()
    place = TorchPlace(Setting(device="cpu"), 4)
    alone = [place.run(forward, [one])[0] for one in inputs]
    torch.set_num_threads(2)
    together = place.run(forward, inputs)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
