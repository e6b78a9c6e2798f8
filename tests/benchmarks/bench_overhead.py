"""What a build costs over a bare loop: same decode, encode, hash and Parquet write, side by side.

    python tests/benchmarks/bench_overhead.py [--images 2000] [--engines inline,ray,beam] [--repeats 3]

Draws a dataset of 512 x 512 grey pictures with one mask each, then runs, in turn and each in processes of its
own: the bare loop in one process, the bare loop in two, and `medgrain build` on every engine at two workers.
Prints medians of seconds, the ratio to the bare loop of one process and of two, and the peak memory (PSS) of the
process tree. No claim is made from a single run.
"""

import argparse
import hashlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
SIDE = 512
RECIPE = """
name: overhead
sources: [{use: source.yaml, root: data}]
knowledge: {glossary: true}
"""
SOURCE = """
name: drawn-ultrasound
version: "1"
title: Drawn pictures for a benchmark
home: https://example.org/drawn
license: CC0-1.0
citation: none
folder: "."
modality: US
anatomy: breast
split_of_origin: none stated
known_issues: []
images: [{glob: "images/*.png"}]
annotations:
  - {reader: mask, file: "masks/{stem}.png", threshold: 128, label: benign breast lesion}
"""


def draw(folder: Path, count: int) -> None:
    """Speckle over a gradient with one dark ellipse; masks are the ellipses."""
    rng = np.random.default_rng(1)
    for name in ("images", "masks"):
        (folder / "data" / name).mkdir(parents=True)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    for n in range(count):
        cx, cy = rng.uniform(120, 390, 2)
        a, b = rng.uniform(25, 90, 2)
        mask = ((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 < 1
        speckle = cv2.GaussianBlur(rng.rayleigh(30, (SIDE, SIDE)).astype(np.float32), (0, 0), 1.5)
        scene = (speckle * 2 + y * 0.1) * np.where(mask, 0.35, 1.0)
        cv2.imwrite(
            str(folder / "data" / "images" / f"{n:05d}.png"),
            np.clip(scene, 0, 255).astype(np.uint8),
        )
        cv2.imwrite(str(folder / "data" / "masks" / f"{n:05d}.png"), mask.astype(np.uint8) * 255)
    (folder / "source.yaml").write_text(SOURCE)
    (folder / "recipe.yaml").write_text(RECIPE)


def bare_rows(names: list[str]) -> list[dict[str, object]]:
    """Decode picture and mask, box and area, PNG, digest, perceptual hash: nothing else."""
    import imagehash
    from PIL import Image

    cv2.setNumThreads(1)
    rows = []
    for name in names:
        pixels = cv2.imdecode(np.fromfile(name, np.uint8), cv2.IMREAD_UNCHANGED)
        mask = (
            cv2.imdecode(
                np.fromfile(name.replace("/images/", "/masks/"), np.uint8), cv2.IMREAD_UNCHANGED
            )
            > 0
        )
        left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
        png = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes()
        small = cv2.resize(pixels, (64, 64), interpolation=cv2.INTER_AREA)
        rows.append({
            "id": hashlib.sha256(pixels.tobytes()).hexdigest(), "image": {"bytes": png, "path": name},
            "phash": str(imagehash.phash(Image.fromarray(small))), "area": float(mask.mean()),
            "box": [left, top, left + width, top + height],
        })  # fmt: skip
    return rows


def bare_shard(task: tuple[list[str], str]) -> None:
    """One shard of the bare loop: rows to one Parquet file."""
    names, path = task
    pq.write_table(pa.Table.from_pylist(bare_rows(names)), path, compression="NONE")


def bare(folder: Path, out: Path, workers: int) -> None:
    """The bare loop, in this process or in a pool."""
    names = sorted(str(p) for p in (folder / "data" / "images").iterdir())
    out.mkdir(parents=True)
    tasks = [(names[i : i + 64], str(out / f"{i:05d}.parquet")) for i in range(0, len(names), 64)]
    if workers == 1:
        for task in tasks:
            bare_shard(task)
        return
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(bare_shard, tasks))


class PeakMemory(threading.Thread):
    """Peak of the summed PSS of a process and all that it started, sampled every 0.2 s."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(pid)
        self._stopped = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self._stopped.wait(0.2):
            total = 0
            try:
                tree = [self._root, *self._root.children(recursive=True)]
            except psutil.Error:
                return
            for process in tree:
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, total)

    def stop(self) -> int:
        self._stopped.set()
        self.join()
        return self.peak


def timed(command: list[str]) -> tuple[float, int]:
    """Wall seconds and peak bytes of one command."""
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    memory = PeakMemory(process.pid)
    memory.start()
    code = process.wait()
    seconds, peak = time.monotonic() - started, memory.stop()
    if code:
        raise SystemExit(f"{' '.join(command)}: exit {code}")
    return seconds, peak


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--engines", default="inline,ray,beam")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--bare", nargs=3, metavar=("FOLDER", "OUT", "WORKERS"), help=argparse.SUPPRESS
    )
    given = parser.parse_args()
    if given.bare:
        bare(Path(given.bare[0]), Path(given.bare[1]), int(given.bare[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder, given.images)
        runs: dict[str, list[str]] = {
            f"bare loop, {w} process(es)": [sys.executable, __file__, "--bare", name, "OUT", str(w)]
            for w in (1, 2)
        }
        for engine in given.engines.split(","):
            runs[f"medgrain, {engine}, 2 workers"] = [
                sys.executable, "-m", "pipelines.cli", "build", str(folder / "recipe.yaml"),
                "--out", "OUT", "--engine", engine, "--workers", "2", "--quiet",
            ]  # fmt: skip
        report(given.images, given.repeats, folder, runs)


def report(images: int, repeats: int, folder: Path, runs: dict[str, list[str]]) -> None:
    """Run everything in turn, `repeats` times, and print one line a run."""
    figures: dict[str, list[tuple[float, int]]] = {label: [] for label in runs}
    for _ in range(repeats):
        for label, command in runs.items():
            out = folder / "out"
            shutil.rmtree(out, ignore_errors=True)
            figures[label].append(timed([str(out) if part == "OUT" else part for part in command]))
    one, two = (statistics.median(s for s, _ in found) for found in list(figures.values())[:2])
    print(f"{images} pictures of {SIDE} x {SIDE}, median of {repeats}")
    print(
        f"{'run':<30} {'seconds':>8} {'ms/image':>9} {'ratio to 1':>11} {'ratio to 2':>11} {'peak MB':>8}"
    )
    for label, found in figures.items():
        seconds = statistics.median(s for s, _ in found)
        peak = statistics.median(p for _, p in found)
        print(
            f"{label:<30} {seconds:8.1f} {1000 * seconds / images:9.2f} {seconds / one:11.2f} "
            f"{seconds / two:11.2f} {peak / 1e6:8.0f}"
        )


if __name__ == "__main__":
    main()
