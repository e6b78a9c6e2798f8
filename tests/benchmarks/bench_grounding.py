"""What the stage `ground` costs over a bare loop of the same predictions on the same pictures.

    python tests/benchmarks/bench_grounding.py [--experts us-breast-mass,fundus-vessels,he-nuclei]
        [--seconds 20] [--repeats 5]

Draws as many 512 x 512 pictures as the expert looks at in about `--seconds`, ingests and curates them, then
times in turn, in one process, the expert loaded and warm: (1) `predict` on decoded pictures, one at a time,
(2) the same with reading and decoding the PNG that ingest wrote, (3) the stage: every ground task of the
build, which besides measures each finding, relates them, counts, and commits. Prints medians of wall and CPU
seconds, and of the ratio of each round's stage to its own loops; CPU seconds tell of a busy machine less than
wall seconds do. No claim is made from a single run. Other figures: bench_grounding_models.py
(images a second of networks, on CPU or GPU) and bench_grounding_memory.py.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from expert_models.experts.base import Expert, Scan  # noqa: E402
from expert_models.experts.registry import expert_named  # noqa: E402
from pipelines.catalogue import resolve  # noqa: E402
from pipelines.grounding.routes import resolve_grounding  # noqa: E402
from pipelines.grounding.scans import decoded  # noqa: E402
from pipelines.plan import curate_task, ground_task, ingest_task, plan_shards  # noqa: E402
from pipelines.recipe import load_recipe  # noqa: E402
from pipelines.run_task import run_task  # noqa: E402
from pipelines.task import Task, folder_of  # noqa: E402
from tests.benchmarks.grounding_data import PICTURES, pictures  # noqa: E402


@dataclass(frozen=True)
class Prepared:
    """A build that stands before its stage `ground`."""

    out: Path
    tasks: list[Task]
    modality: str
    anatomy: str


def prepared(folder: Path, expert: str, count: int) -> Prepared:
    """Draw, list, ingest, curate."""
    pictures(folder, expert, count)
    recipe = load_recipe(folder / "recipe.yaml")
    sources = resolve(recipe, recipe_folder=folder, data_root=None)
    assert recipe.grounding is not None
    grounding = resolve_grounding(recipe.grounding, folder)
    out = folder / "out"
    shards = list(plan_shards(recipe, sources))
    for shard in shards:
        run_task(ingest_task(recipe, out, shard, grounding))
    run_task(curate_task(recipe, out, shards))
    tasks = [ground_task(recipe, out, shard, grounding) for shard in shards]
    return Prepared(out, tasks, *PICTURES[expert][1:])


def pngs(build: Prepared) -> Iterator[bytes]:
    """The PNG of every picture, file by file, a few rows at a time."""
    for path in sorted((build.out / "run" / "ingest").rglob("*.images.parquet")):
        for batch in pq.ParquetFile(path).iter_batches(batch_size=16, columns=["image"]):
            yield from batch["image"].field("bytes").to_pylist()


def scan(build: Prepared, picture: np.ndarray) -> Scan:
    return Scan("", picture, build.modality, build.anatomy)


def predict_only(build: Prepared, expert: Expert, scans: list[Scan]) -> None:
    for one in scans:
        expert.predict([one])


def decode_and_predict(build: Prepared, expert: Expert, scans: list[Scan]) -> None:
    for png in pngs(build):
        expert.predict([scan(build, decoded(png))])


def stage(build: Prepared, expert: Expert, scans: list[Scan]) -> None:
    shutil.rmtree(folder_of(build.out, "ground"), ignore_errors=True)
    for task in build.tasks:
        run_task(task)


RUNS = {"predict": predict_only, "decode, predict": decode_and_predict, "stage": stage}


def measure(name: str, seconds: float, repeats: int) -> None:
    expert = expert_named(name)
    expert.load()
    draw, modality, anatomy = PICTURES[name]
    picture = draw(np.random.default_rng(0))
    shown = Scan("", picture if picture.ndim == 2 else picture[..., ::-1], modality, anatomy)
    expert.predict([shown])
    started = time.perf_counter()
    expert.predict([shown])
    count = max(8, min(512, round(seconds / (time.perf_counter() - started))))
    with tempfile.TemporaryDirectory() as folder:
        build = prepared(Path(folder), name, count)
        scans = [scan(build, decoded(png)) for png in pngs(build)]
        taken: dict[str, list[tuple[float, float]]] = {run: [] for run in RUNS}
        stage(build, expert, scans)  # warm: imports, threads
        for round_ in range(repeats):
            order = list(RUNS) if round_ % 2 == 0 else list(RUNS)[::-1]
            for run in order:
                taken[run].append(timed(RUNS[run], build, expert, scans))
        regions = sum(pq.read_metadata(p).num_rows for p in _grounded(build))
        assert regions == len(scans), "a picture is missing from the stage"
    report(name, len(scans), taken)


def _grounded(build: Prepared) -> list[Path]:
    return sorted(folder_of(build.out, "ground").rglob("*.grounded.parquet"))


def timed(
    run: Callable[[Prepared, Expert, list[Scan]], None],
    build: Prepared, expert: Expert, scans: list[Scan],
) -> tuple[float, float]:  # fmt: skip
    """(wall, CPU of all threads), seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    run(build, expert, scans)
    return time.perf_counter() - wall, time.process_time() - cpu


def report(name: str, count: int, taken: dict[str, list[tuple[float, float]]]) -> None:
    rounds = len(taken["stage"])
    print(f"{name}: {count} pictures, {rounds} rounds, load {psutil.getloadavg()[0]:.1f}")
    print(f"  {'':<16}{'wall ms':>9}{'CPU ms':>9}{'to predict':>12}{'CPU':>6}{'to both':>9}{'CPU':>6}{'spread':>8}")  # fmt: skip
    for run, found in taken.items():
        wall, cpu = (1000 * statistics.median(f[i] for f in found) / count for i in (0, 1))
        ratios = [
            statistics.median(s[i] / p[i] for s, p in zip(found, taken[loop], strict=True))
            for loop in ("predict", "decode, predict")
            for i in (0, 1)
        ]
        spread = max(f[0] for f in found) / min(f[0] for f in found)
        print(
            f"  {run:<16}{wall:9.1f}{cpu:9.1f}{ratios[0]:12.2f}{ratios[1]:6.2f}{ratios[2]:9.2f}"
            f"{ratios[3]:6.2f}{spread:8.2f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--experts", default=",".join(PICTURES))
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    for name in given.experts.split(","):
        measure(name, given.seconds, given.repeats)


if __name__ == "__main__":
    main()
