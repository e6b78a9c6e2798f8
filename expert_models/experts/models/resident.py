"""How an expert runs on this machine: device, precision, threads. The one place that knows them.

Equal bytes on a CPU: a pass over four inputs, or in two threads, sums in another order than one over a
single input in one thread, and changes last bits (measured: a 3-D U-Net by 4e-6, a 2-D one by 3e-7), which
can flip a pixel at a threshold. So on a CPU each input is a pass of its own, in one thread, and as many
passes run side by side as there are cores. On a GPU inputs share a pass; kernels are chosen without search
and without TF32, but a batch of another size may still change last bits there.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Setting:
    """What a recipe says of one expert on one machine.

    weights       path or Hub id instead of the card's; None: as the card says
    device        auto | cpu | cuda | cuda:N
    precision     float32 | bfloat16 | float16, of a GPU; on a CPU everything is float32
    allow_pickle  weights may be a pickle, which can run code of its author
    """

    weights: str | None = None
    device: str = "auto"
    precision: str = "float32"
    allow_pickle: bool = False

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            expected = ", ".join(PRECISIONS)
            raise ValueError(f"precision: found {self.precision!r}; expected one of {expected}")


def cores() -> int:
    """Cores that this process may use; an engine that gives a worker one core says so in OMP_NUM_THREADS."""
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(ours, int(told))) if told.isdigit() else ours


class TorchPlace:
    """A torch device and how passes run there. Made in `load`: it imports torch.

    Raises ValueError where the device is not there.
    """

    def __init__(self, setting: Setting, batch: int) -> None:
        import torch

        from expert_models.llm.inprocess.weights import device_of

        self.device = device_of(setting.device)
        if self.device.startswith("cuda") and not torch.cuda.is_available():
            raise ValueError(
                f"device: found {self.device!r} on a machine without a GPU that torch can use; "
                "expected auto or cpu"
            )
        self.on_cpu = self.device == "cpu"
        self.precision = "float32" if self.on_cpu else setting.precision
        self.width = min(batch, cores()) if self.on_cpu else batch
        self._pool = ThreadPoolExecutor(self.width, "passes", _one_thread) if self.on_cpu else None

    def run(
        self, forward: Callable[[Sequence[Given]], Sequence[Made]], inputs: Sequence[Given]
    ) -> list[Made]:
        """`forward(inputs)` as this device does it best; each output a function of its input alone.

        forward gets one input at a time on a CPU, all of them on a GPU, without gradients and in the
        precision of the setting; its inputs are of one shape. It moves them to `device` itself.
        """
        if self._pool is None:
            with self._precise():
                return list(forward(inputs))

        def alone(one: Given) -> Made:
            import torch

            with torch.inference_mode():
                return forward([one])[0]

        with _threads(1):
            return side_by_side(self._pool, alone, inputs)

    @contextmanager
    def _precise(self) -> Iterator[None]:
        """On a GPU: no search for kernels, no TF32, and autocast where the setting is not float32."""
        import torch

        lower = getattr(torch, self.precision)
        with (
            torch.inference_mode(),
            torch.backends.cudnn.flags(
                enabled=True, benchmark=False, deterministic=True, allow_tf32=False
            ),
            torch.autocast(
                self.device.split(":")[0], dtype=lower, enabled=self.precision != "float32"
            ),
        ):
            yield


def side_by_side(
    pool: ThreadPoolExecutor, work: Callable[[Given], Made], items: Sequence[Given]
) -> list[Made]:
    """`work` of each item, in the pool. Where one raises, the others end first: a second try has their room."""
    futures = [pool.submit(work, item) for item in items]
    wait(futures)
    return [future.result() for future in futures]


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """torch and its BLAS in so many threads; afterwards as before, for the other models of the process."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def numpy_of(output: Any) -> Any:
    """A tensor on any device as float32 on the host (bfloat16 has no numpy type)."""
    import torch

    kept = output.float() if output.is_floating_point() else output
    return kept.to(
        "cpu", dtype=kept.dtype if kept.dtype != torch.float64 else torch.float32
    ).numpy()
