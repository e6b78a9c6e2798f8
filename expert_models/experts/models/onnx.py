"""ONNX networks in ONNX Runtime, on a CPU or a CUDA device. `import onnx` is not needed to run them."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from expert_models.experts.base import Expert, VolumeExpert
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.resident import Setting, cores, side_by_side
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_shaped import ShapedNetwork, one_by_one
from expert_models.experts.models.weights import WeightsDiffer, located
from expert_models.experts.models.weights_digest import bytes_digest

TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}


def expert(card: ModelCard, setting: Setting) -> Expert | VolumeExpert:
    """The expert of a card with `backend: onnx`."""
    made: Expert | VolumeExpert = ModelExpert(card, ShapedNetwork(card, setting, OnnxSession))
    return made


class OnnxSession:
    """One session: on a CPU one thread a pass and passes side by side, on a GPU a batch a pass.

    Precision is that of the file: an ONNX graph has its types written in it, and a model for half precision
    is a file of its own. Raises ValueError where card and graph differ.
    """

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        import onnxruntime

        assert card.input is not None  # ShapedNetwork has seen to it
        self.device = onnx_device(setting.device, onnxruntime.get_available_providers())
        on_cpu = self.device == "cpu"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1 if on_cpu else 0
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            _graph(card, setting), options, providers=_providers(self.device)
        )
        self._input = _input(card, self._session.get_inputs())
        self._type = TYPES[self._input.type]
        self._outputs = [output.name for output in self._session.get_outputs()]
        fixed = self._input.shape[0]
        most = min(card.batch, fixed) if isinstance(fixed, int) else card.batch
        self.width = min(card.batch, cores()) if on_cpu else most
        self._pool = ThreadPoolExecutor(self.width, "passes") if on_cpu else None

    def run(self, inputs: Sequence[np.ndarray]) -> Sequence[Mapping[str, np.ndarray]]:
        """Each input alone on a CPU: what it is batched with would change its last bits."""
        if self._pool is None:
            return one_by_one(self._pass(np.stack(inputs)), len(inputs))
        return side_by_side(self._pool, lambda one: self._pass(one[None]), inputs)

    def _pass(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        made = self._session.run(self._outputs, {self._input.name: batch.astype(self._type)})
        return dict(zip(self._outputs, made, strict=True))


def onnx_device(device: str, providers: Sequence[str]) -> str:
    """`cpu` or `cuda[:N]`. Raises ValueError where this ONNX Runtime has no CUDA."""
    gpu = "CUDAExecutionProvider" in providers
    if device == "auto":
        return "cuda" if gpu else "cpu"
    if device.split(":")[0] not in ("cpu", "cuda") or (device.startswith("cuda") and not gpu):
        raise ValueError(
            f"device: found {device!r}, and ONNX Runtime with {', '.join(providers)}; expected auto, cpu, "
            "or cuda with onnxruntime-gpu installed in place of onnxruntime"
        )
    return device


def _providers(device: str) -> list[Any]:
    """Execution providers in the order of preference; TF32 off, kernels chosen without search."""
    if device == "cpu":
        return ["CPUExecutionProvider"]
    number = device.partition(":")[2] or "0"
    cuda = {"device_id": number, "use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}
    return [("CUDAExecutionProvider", cuda), "CPUExecutionProvider"]


def _graph(card: ModelCard, setting: Setting) -> bytes | str:
    """The verified bytes of a file; or, where the weights lie beside the graph, its path in the folder."""
    path = located(card, setting)
    if path.is_file():
        graph = path.read_bytes()
        if bytes_digest(graph) != card.weights_sha256:  # what is loaded is what was checked
            raise WeightsDiffer(f"{card.name}: {path.name} changed while it was read; run again")
        return graph
    graphs = sorted(path.glob("*.onnx"))
    if len(graphs) != 1:
        raise ValueError(
            f"weights: found {len(graphs)} files *.onnx in {path.name}; expected one; name `files` in the card"
        )
    return str(Path(graphs[0]))


def _input(card: ModelCard, inputs: Sequence[Any]) -> Any:
    """The graph's input that the card means, of the card's rank, channels and size."""
    assert card.input is not None  # ShapedNetwork has seen to it
    named = [one for one in inputs if card.input.name in (None, one.name)]
    if len(named) != 1 or len(inputs) != 1:
        names = ", ".join(one.name for one in inputs)
        raise ValueError(
            f"input > name: found inputs {names} in the graph; expected {card.input.name or 'one'} alone"
        )
    one = named[0]
    if one.type not in TYPES:
        raise ValueError(f"input: found {one.type}; expected one of {', '.join(TYPES)}")
    expected: list[int | None] = [card.input.channel_count]
    sides = list(card.input.size or (None,) * card.dimensions)
    last = card.input.layout == "channels-last"
    expected = [*sides, *expected] if last else [*expected, *sides]
    found = list(one.shape)
    wrong = len(found) != len(expected) + 1 or any(
        isinstance(f, int) and e is not None and f != e
        for f, e in zip(found[1:], expected, strict=False)
    )
    if wrong:
        raise ValueError(
            f"input: found shape {found} of {one.name!r} in the graph; expected [N, "
            f"{', '.join('any' if e is None else str(e) for e in expected)}] from the card; mend "
            "`channels`, `size`, `layout` or `dimensions`"
        )
    return one
