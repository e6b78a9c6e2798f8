"""Apache Beam: the DirectRunner by default; other runners through MEDGRAIN_BEAM_OPTIONS."""

import logging
import os
import shlex

from pipelines.engines.worker import prepare_worker
from pipelines.run_task import run_task
from pipelines.task import Task


class BeamEngine:
    """Each task is one element; Reshuffle spreads elements over workers.

    MEDGRAIN_BEAM_OPTIONS holds pipeline options as on a command line, such as
    "--runner=FlinkRunner --flink_master=host:8081"; it replaces the DirectRunner's.
    """

    name = "beam"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, tasks: list[Task]) -> None:
        if not tasks:
            return
        logging.getLogger("apache_beam").setLevel(logging.ERROR)
        import apache_beam as beam
        from apache_beam.options.pipeline_options import PipelineOptions

        with beam.Pipeline(options=PipelineOptions(self._options())) as pipeline:
            (
                pipeline
                | "Tasks" >> beam.Create(tasks, reshuffle=False)
                | "Spread" >> beam.Reshuffle()
                | "Run" >> beam.Map(_run_one)
            )

    def _options(self) -> list[str]:
        given = os.environ.get("MEDGRAIN_BEAM_OPTIONS")
        if given:
            return shlex.split(given)
        mode = "in_memory" if self.workers == 1 else "multi_processing"
        return [
            "--runner=DirectRunner",
            f"--direct_running_mode={mode}",
            f"--direct_num_workers={self.workers}",
            "--default_sdk_harness_log_level=ERROR",
        ]

    def close(self) -> None:
        """Nothing outlives a pipeline."""


def _run_one(task: Task) -> str:
    prepare_worker()
    return run_task(task)
