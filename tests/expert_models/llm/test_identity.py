"""Which model answers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from expert_models.llm.errors import EndpointStopped
from expert_models.llm.identity import Identity


def test_the_first_answer_is_the_reference_whatever_the_recipe_calls_the_model(
    choose: Callable,
) -> None:
    tested = Identity(choose(model="org/model"))
    for _ in range(2):
        tested.check({"model": "alias"})
    with pytest.raises(
        EndpointStopped, match=r"'org/model': found model 'other'.*expected 'alias'"
    ):
        tested.check({"model": "other"})


@pytest.mark.parametrize("field", ["system_fingerprint", "revision"])
def test_a_changed_fingerprint_is_an_alarm_an_unstated_one_is_not(
    field: str, choose: Callable
) -> None:
    tested = Identity(choose())
    tested.check({"model": "alias"})
    tested.check({"model": "alias", field: "fp_1"})
    tested.check({"model": "alias"})
    with pytest.raises(EndpointStopped, match=f"{field} 'fp_2'"):
        tested.check({"model": "alias", field: "fp_2"})


def test_other_processes_and_later_runs_compare_with_the_same(
    tmp_path: Path, choose: Callable
) -> None:
    said = "alias \r\n ü/\ufffd"
    Identity(choose(), tmp_path).check({"model": said})
    Identity(choose(), tmp_path).check({"model": said})
    with pytest.raises(EndpointStopped, match="remove"):
        Identity(choose(), tmp_path).check({"model": "other"})
    Identity(choose(revision="2"), tmp_path).check({"model": "other"})
    Identity(choose(model="n"), tmp_path).check({"model": "other"})


def test_a_torn_note_of_the_first_answer_is_no_alarm(tmp_path: Path, choose: Callable) -> None:
    Identity(choose(), tmp_path).check({"model": "alias"})
    for path in tmp_path.glob("*/model"):
        path.write_bytes(b"")
    Identity(choose(), tmp_path).check({"model": "alias"})
