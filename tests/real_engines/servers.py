"""Real model servers, started for a test and ended with it: `with transformers_server(folder) as url:`.

Each listens on a free port of this machine; `url` ends in /v1. The name of the model at the server is
the folder, as text. Nothing is fetched: the folder holds all there is to the model.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OFFLINE = {
    "OMP_NUM_THREADS": "1",  # tiny matrices on several threads are slow where tests share the cores
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB; without it vLLM takes 40 % of the machine's memory
}
# A random model that may write whitespace between the parts of its JSON writes little else.
HELD = '{"backend": "guidance", "disable_any_whitespace": true}'
TAIL = 3000  # characters of a log that a failure shows


@contextmanager
def transformers_server(folder: Path, *, start_s: float = 90) -> Iterator[str]:
    """`transformers serve`, of the Python that runs the tests. It holds no answer to a JSON schema."""
    program = Path(sys.executable).with_name("transformers")
    command = [str(program), "serve", str(folder), "--device", "cpu", "--host", "127.0.0.1"]
    with _served([*command, "--log-level", "warning"], start_s) as url:
        yield url


@contextmanager
def vllm_server(folder: Path, python: Path, *, start_s: float = 300) -> Iterator[str]:
    """vLLM's server in another environment, whose Python is `python`. Holds answers to JSON schemas.

    The module and not the command `vllm serve`, which the CPU build breaks by its package's name.
    """
    module = ["-m", "vllm.entrypoints.openai.api_server", "--model", str(folder)]
    command = [str(python), *module, "--host", "127.0.0.1", "--dtype", "float32"]
    small = ["--max-model-len", "2048", "--max-num-seqs", "8", "--enforce-eager"]
    with _served([*command, *small, "--structured-outputs-config", HELD], start_s) as url:
        yield url


@contextmanager
def _served(command: list[str], start_s: float) -> Iterator[str]:
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            env=os.environ | OFFLINE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # with whatever it starts itself, so that all of it can be ended
        )
        try:
            _wait_until_well(process, port, start_s, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            _end(process)


def _wait_until_well(process: subprocess.Popen, port: int, start_s: float, log) -> None:
    deadline = time.monotonic() + start_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}:\n{_tail(log)}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(f"the server was not up after {start_s:g} s:\n{_tail(log)}")


def _end(process: subprocess.Popen) -> None:
    """The server and its children: asked first, killed if they do not listen."""
    for how, patience_s in ((signal.SIGTERM, 15), (signal.SIGKILL, 15)):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            return
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue


def _tail(log) -> str:
    log.seek(0)
    return log.read().decode(errors="replace")[-TAIL:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
