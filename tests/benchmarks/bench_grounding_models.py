"""Pictures a second of a network behind the expert door, against a bare loop of the same model.

    python tests/benchmarks/bench_grounding_models.py [--models tiny,sam-base] [--device cpu|cuda]
        [--precision float32|bfloat16|float16] [--pictures 8] [--repeats 3]

Models have random weights, written to a temporary folder and loaded as any checkpoint is: `tiny`, a SAM of one
layer at 64 px, which times our own code and little else, and `sam-base`, SAM with ViT-B at 1024 px (94 M weights),
which takes as long as a trained one. Each picture is 512 x 512 with one box, which the model turns into a mask.

door       `pipelines.grounding.asking.ask_here`, as the stage asks: card, digest, checks, batches, decode ahead
bare loop  transformers' own image processor, model and post-processing, a picture at a time, in the same process;
           on a CPU with all threads of torch, and with one, which is what the door gives each picture so that
           its answer is the same bits everywhere (it runs as many pictures side by side as there are cores)
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from expert_models.experts.base import Scan  # noqa: E402
from expert_models.experts.models.weights_digest import digest_of  # noqa: E402
from pipelines.grounding.asking import ask_here, resident  # noqa: E402
from tests.benchmarks.grounding_data import SIDE, section  # noqa: E402

BOX = (100.0, 120.0, 300.0, 340.0)
TINY = {
    "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 64, "patch_size": 8,
    "output_channels": 16, "global_attn_indexes": [0], "window_size": 0, "mlp_ratio": 2.0, "num_pos_feats": 8,
}  # fmt: skip
PARTS = {
    "prompt_encoder_config": {
        "hidden_size": 16, "image_size": 64, "patch_size": 8, "mask_input_channels": 4,
    },
    "mask_decoder_config": {
        "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "mlp_dim": 32,
        "iou_head_depth": 2, "iou_head_hidden_dim": 16, "attention_downsample_rate": 2,
    },
}  # fmt: skip


def write_model(folder: Path, name: str) -> None:
    """A SAM of random weights: the default configuration is that of ViT-B."""
    import torch
    from transformers import SamConfig, SamModel
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    torch.manual_seed(1)
    config = SamConfig() if name == "sam-base" else SamConfig(vision_config=TINY, **PARTS)
    SamModel(config).save_pretrained(folder)
    side = config.vision_config.image_size
    size = {"longest_edge": side}
    SamImageProcessorPil(size=size, pad_size={"height": side, "width": side}).save_pretrained(
        folder
    )


def write_card(folder: Path, name: str, batch: int) -> Path:
    card = {
        "name": name, "version": "1", "kind": "segmenter", "labels": ["nucleus"], "refines": True,
        "modalities": ["GM-BF"], "method": "SAM of random weights", "source": "a benchmark",
        "license_code": "Apache-2.0", "license_weights": "CC0-1.0", "backend": "transformers-sam",
        "weights": str(folder), "weights_sha256": digest_of(folder), "batch": batch,
    }  # fmt: skip
    path = folder.parent / f"{name}.yaml"  # beside: the digest is of the folder
    path.write_text(yaml.safe_dump(card))
    return path


def bare_loop(folder: Path, device: str, precision: str) -> Callable[[Scan], np.ndarray]:
    """What the model's own documentation does for one picture and one box."""
    import torch
    from transformers import SamModel
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    model = SamModel.from_pretrained(folder).to(device).eval()
    processor = SamImageProcessorPil.from_pretrained(folder)
    kind = getattr(torch, precision)

    def look(scan: Scan) -> np.ndarray:
        made = processor(
            images=scan.display, return_tensors="pt", input_data_format="channels_last"
        )
        rows, _ = made["reshaped_input_sizes"][0].tolist()
        boxes = torch.tensor([[BOX]]) * (rows / scan.display.shape[0])
        with (
            torch.inference_mode(),
            torch.autocast(device.split(":")[0], kind, kind != torch.float32),
        ):
            said = model(
                pixel_values=made["pixel_values"].to(device), input_boxes=boxes.to(device),
                multimask_output=False,
            )  # fmt: skip
        whole = processor.post_process_masks(
            [said.pred_masks[0].float().cpu()],
            [scan.display.shape[:2]],
            made["reshaped_input_sizes"],
        )
        return np.asarray(whole[0][0, 0].numpy())

    return look


def scans_of(count: int) -> list[Scan]:
    draw = [section(np.random.default_rng([3, n]))[..., ::-1] for n in range(count)]
    return [
        Scan(str(n), np.ascontiguousarray(one), "GM-BF", "tissue section", prompts=(BOX,))
        for n, one in enumerate(draw)
    ]


def measure(name: str, given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name
        write_model(folder, name)
        card = write_card(folder, name, given.batch)
        where: dict[str, Any] = {
            "experts": {name: {"card": str(card), "weights": None, "allow_pickle": False}},
            "device": given.device, "precision": given.precision,
        }  # fmt: skip
        scans = scans_of(given.pictures)
        resident(name, where)
        look = bare_loop(folder, given.device, given.precision)
        masks = [one[0].mask for one in ask_here(name, where, scans[:2])]  # warm, both
        same = [float((look(s) == m).mean()) for s, m in zip(scans[:2], masks, strict=True)]
        runs: dict[str, Callable[[], Any]] = {
            "bare loop": lambda: [look(scan) for scan in scans],
            "door": lambda: ask_here(name, where, scans),
        }
        if given.device == "cpu":
            runs["bare, 1 thread"] = lambda: in_one_thread(runs["bare loop"])
        taken: dict[str, list[tuple[float, float]]] = {run: [] for run in runs}
        for round_ in range(given.repeats):
            for run in list(runs) if round_ % 2 == 0 else list(runs)[::-1]:
                wall, cpu = time.perf_counter(), time.process_time()
                runs[run]()
                taken[run].append((time.perf_counter() - wall, time.process_time() - cpu))
        report(name, given, taken, min(same))


def in_one_thread(run: Callable[[], Any]) -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        run()
    finally:
        torch.set_num_threads(before)


def report(
    name: str, given: argparse.Namespace, taken: dict[str, list[tuple[float, float]]], same: float
) -> None:
    print(
        f"{name} on {given.device}, {given.precision}: {given.pictures} pictures of {SIDE} px, {given.repeats} "
        f"rounds, load {psutil.getloadavg()[0]:.1f}; pixels of masks that agree: {same:.4%} at least"
    )
    for run, found in taken.items():
        wall, cpu = (statistics.median(f[i] for f in found) for i in (0, 1))
        one = taken.get("bare, 1 thread", taken["bare loop"])
        ratio = [
            statistics.median(a[i] / b[i] for a, b in zip(found, loop, strict=True))
            for loop, i in ((taken["bare loop"], 0), (one, 0), (one, 1))
        ]
        print(
            f"  {run:<15}{given.pictures / wall:8.2f} pictures/s   {1000 * cpu / given.pictures:9.1f} CPU ms a "
            f"picture   wall to bare {ratio[0]:5.2f}, to one thread {ratio[1]:5.2f}   CPU to one thread {ratio[2]:5.2f}",
            flush=True,
        )
    if given.device.startswith("cuda"):
        import torch

        print(f"  peak of the device: {torch.cuda.max_memory_allocated() / 1e9:.1f} GB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", default="tiny,sam-base")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--batch", type=int, default=4, help="most pictures of one pass, on a GPU")
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    for name in given.models.split(","):
        measure(name, given)


if __name__ == "__main__":
    main()
