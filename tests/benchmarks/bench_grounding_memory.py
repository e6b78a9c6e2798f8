"""Peak memory of a build whose experts look at volumes or slides, over 1 and 10 times as many of them.

    python tests/benchmarks/bench_grounding_memory.py [--what volumes,slides,size] [--count 4] [--times 10]

Each build is a process of its own, inline on one worker: `volumes` are CT volumes of 60 x 224 x 256 before
`ct-body-3d`, four a work shard; `slides` pyramidal TIFFs of 4,096 px, two a shard, eight tiles each before
`he-nuclei`; `size` one slide of 4,096 px against one of three times the side, nine times the pixels. Prints the peak
of the summed PSS of the process tree, sampled every 0.2 s. Memory tells nothing of a busy machine.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.bench_overhead import timed  # noqa: E402
from tests.benchmarks.grounding_data import slides, volumes  # noqa: E402


def peak_of(draw: Callable[[Path], None]) -> tuple[float, int]:
    """(seconds, peak bytes) of a build of what `draw` puts into a folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder)
        return timed([
            sys.executable, "-m", "pipelines.cli", "build", str(folder / "recipe.yaml"), "--out",
            str(folder / "out"), "--engine", "inline", "--workers", "1", "--quiet",
        ])  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--what", default="volumes,slides,size")
    parser.add_argument("--count", type=int, default=4)
    parser.add_argument("--times", type=int, default=10)
    given = parser.parse_args()
    few, many = given.count, given.count * given.times
    runs: dict[str, list[tuple[str, Callable[[Path], None]]]] = {
        "volumes": [(f"{n} volumes", lambda f, n=n: volumes(f, n)) for n in (few, many)],
        "slides": [(f"{n} slides", lambda f, n=n: slides(f, n)) for n in (few, many)],
        "size": [(f"a slide of {s} px", lambda f, s=s: slides(f, 1, s)) for s in (4096, 12288)],
    }
    for what in given.what.split(","):
        first = 0
        for label, draw in runs[what]:
            seconds, peak = peak_of(draw)
            first = first or peak
            print(
                f"{label:<22} {peak / 1e6:8.0f} MB   {peak / first:5.2f} of the first   {seconds:7.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
