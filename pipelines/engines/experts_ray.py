"""Experts resident in Ray actors: one a GPU, asked by the workers that read, decode and commit.

A batch travels to its actor and its findings travel back; nothing of either is kept (docs/grounding.md).
Which actor answers changes nothing, since an answer is a function of its scan.
"""

import random
import time
from collections.abc import Sequence
from typing import Any

from expert_models.experts.base import Prediction, Refusal
from pipelines.engines.worker import prepare_worker
from pipelines.errors import StoppedError
from pipelines.grounding.asking import AnyScan, Door, ask_here
from pipelines.task import Task

RESTARTS = 50  # of an actor whose process died of a picture
RESTART_S = 120  # in which it must be back
TRIES = 3  # for one picture


class ExpertHost:
    """The actor: whatever expert it is asked for, loaded once and resident until the stage ends."""

    def __init__(self) -> None:
        prepare_worker()
        self._scans = 0

    def scans(self) -> int:
        """How many scans it was asked about."""
        return self._scans

    def predict(
        self, name: str, where: dict[str, Any], scans: Sequence[AnyScan]
    ) -> list[Prediction] | str:
        """The predictions; or, as text, why the expert cannot be had here."""
        self._scans += len(scans)
        try:
            return ask_here(name, where, scans)
        except StoppedError as stop:
            return str(stop)


def start_hosts(tasks: list[Task], forced: int | None) -> list[Any]:
    """Actors for the model experts of these tasks, one a GPU of the cluster; [] where none is needed.

    forced: so many without a GPU, for every expert. Raises StoppedError where the recipe asks for GPUs and
    the cluster has none: Ray would wait for ever.
    """
    import ray

    wheres = [
        step.where for task in tasks for step in task.steps if step.phase in ("ingest", "ground")
    ]
    if forced is not None:
        return _hosts(forced, gpus=0) if wheres else []
    if not any(str(where.get("device", "")).startswith("cuda") for where in wheres):
        return []
    gpus = int(ray.cluster_resources().get("GPU", 0))
    if not gpus:
        raise StoppedError(
            "the recipe has model experts on cuda and this Ray cluster has no GPU; "
            "set `grounding: {device: cpu}`, or add a GPU"
        )
    return _hosts(gpus, gpus=1)


def _hosts(count: int, gpus: int) -> list[Any]:
    import ray

    actor = ray.remote(num_cpus=0, num_gpus=gpus, max_restarts=RESTARTS)(ExpertHost)
    return [actor.remote() for _ in range(count)]


def end_hosts(hosts: list[Any]) -> None:
    """Give the GPUs back: writing models may come next."""
    import ray

    for host in hosts:
        ray.kill(host)


def door_to(hosts: list[Any], everything: bool) -> Door:
    """Ask the hosts, in turn; experts without weights in this process, unless `everything` goes there."""
    turn = random.randrange(len(hosts))  # workers do not all begin at the first

    def ask_there(name: str, where: dict[str, Any], scans: Sequence[AnyScan]) -> list[Prediction]:
        nonlocal turn
        if not everything and name not in where.get("experts", {}):
            return ask_here(name, where, scans)
        turn = (turn + 1) % len(hosts)
        return _asked(hosts[turn], name, where, scans)

    return ask_there


def _asked(
    host: Any, name: str, where: dict[str, Any], scans: Sequence[AnyScan], tries: int | None = None
) -> list[Prediction]:
    """The answers of one host. Where its process dies of a batch, halves tell which scan is to blame.

    A scan alone is tried again: the process may have died of what another worker asked.
    """
    import ray

    try:
        said: list[Prediction] | str = ray.get(host.predict.remote(name, where, list(scans)))
    except ray.exceptions.RayActorError:
        _await(host, name)
        if len(scans) > 1:
            middle = len(scans) // 2
            first = _asked(host, name, where, scans[:middle])
            return first + _asked(host, name, where, scans[middle:])
        left = (TRIES if tries is None else tries) - 1
        if left:
            return _asked(host, name, where, scans, left)
        return [Refusal("expert_failed", "the process of the expert died of this image")]
    if isinstance(said, str):
        raise StoppedError(said)
    return said


def _await(host: Any, name: str) -> None:
    """Until the host has been started again. Raises StoppedError where it will not be."""
    import ray

    until = time.monotonic() + RESTART_S
    while True:
        try:
            ray.get(host.__ray_ready__.remote())
            return
        except ray.exceptions.ActorUnavailableError as error:
            fault = error
        except ray.exceptions.RayActorError as error:
            raise StoppedError(
                f"expert {name!r}: its process died more often than it is started again ({RESTARTS} times); "
                "Ray's logs say why"
            ) from error
        if time.monotonic() > until:
            raise StoppedError(f"expert {name!r}: its actor does not come back") from fault
        time.sleep(0.2)
