"""Requests that wait come back as they were: nothing of a request may change its key on the way."""

import hashlib
from pathlib import Path

from pipelines.models.failures import add_failures, clear_waiting, read_failures
from pipelines.models.requests import read_waiting, waiting_folder, write_waiting
from schemas.exchange import Failure, Message, Request, Sampling, SentImage, request_key


def image(data: bytes) -> SentImage:
    return SentImage(data, hashlib.sha256(data).hexdigest(), 7, 5, "image/jpeg")


def request(text: str, *images: SentImage, sample: int = 0) -> Request:
    messages = (Message("system", "be brief"), Message("user", text, images))
    schema = {"type": "object", "properties": {"é": {"enum": ["F1", "F2"]}}}
    return Request(
        "item", "img-1", messages, schema, Sampling(0.7, 0.9, 33, 5), sample, prompt_sha256="ab"
    )


def test_a_waiting_request_comes_back_equal_and_under_its_key(tmp_path: Path) -> None:
    first, second = image(b"\x00one"), image(b"two")
    asked = [request("zwei Bilder", second, first), request("none", sample=3)]
    keyed = [("writer", request_key("m", "1", r), r) for r in asked]
    assert write_waiting(tmp_path, "shard-0", keyed) == 2
    found = list(read_waiting(waiting_folder(tmp_path) / "shard-0.parquet"))
    assert found == keyed
    assert [request_key("m", "1", r) for _, _, r in found] == [key for _, key, _ in keyed]


def test_what_a_shard_waits_for_replaces_what_it_waited_for(tmp_path: Path) -> None:
    write_waiting(tmp_path, "s", [("writer", "k1", request("a"))])
    write_waiting(tmp_path, "s", [("judge", "k2", request("b"))])
    assert [(m, k) for m, k, _ in read_waiting(waiting_folder(tmp_path) / "s.parquet")] == [
        ("judge", "k2")
    ]


def test_failures_are_kept_by_model_for_one_build(tmp_path: Path) -> None:
    failure = Failure("k1", "request_refused", "too long\n", raw="…")
    add_failures(tmp_path, "writer", [failure])
    assert read_failures(tmp_path, "writer") == {"k1": failure}
    assert read_failures(tmp_path, "judge") == {}
    clear_waiting(tmp_path)
    assert read_failures(tmp_path, "writer") == {}
