"""Who may see the data, and whether an endpoint is where the recipe says."""

import socket
from collections.abc import Callable

import pytest

from expert_models.llm import reach
from expert_models.llm.choice import ModelChoice
from expert_models.llm.reach import ReachRefused, allows, check_reach, is_local


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("0.0.0.0", True), ("10.1.2.3", True),
        ("172.16.0.1", True), ("172.31.255.255", True), ("172.32.0.1", False), ("172.15.0.1", False),
        ("192.168.1.1", True), ("192.169.1.1", False), ("169.254.1.1", True), ("100.64.0.1", True),
        ("100.128.0.1", False), ("8.8.8.8", False), ("::1", True), ("fe80::1%eth0", True),
        ("fd00::1", True), ("2001:4860:4860::8888", False), ("::ffff:127.0.0.1", True),
        ("::ffff:8.8.8.8", False), ("64:ff9b::808:808", False), ("2002:0808:0808::1", False),
        ("192.0.2.1", False), ("224.0.0.1", False),
    ],
)  # fmt: skip
def test_local_addresses(address: str, local: bool) -> None:
    assert is_local(address) is local


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that knows four names; literals resolve to themselves."""
    known = {
        "gpu.lab": ["10.0.0.7"],
        "split.lab": ["10.0.0.7", "8.8.8.8"],
        "api.example.com": ["8.8.8.8"],
        "0x7f.1": ["127.0.0.1"],
    }

    def resolve(host: str, port: object, **_: object) -> list[tuple]:
        if host not in known and not host.replace(".", "").replace(":", "").isalnum():
            raise socket.gaierror
        if host == "nowhere.lab":
            raise socket.gaierror
        return [(0, 0, 0, "", (address, 0)) for address in known.get(host, [host])]

    monkeypatch.setattr(reach.socket, "getaddrinfo", resolve)


@pytest.mark.parametrize(
    ("url", "stated"),
    [
        ("http://127.0.0.1:8000/v1", "local"),
        ("http://[::1]:8000/v1", "local"),
        ("https://gpu.lab/v1", "local"),
        ("http://0x7f.1/v1", "local"),
        ("http://gpu.lab/v1", "contracted"),
        ("https://api.example.com/v1", "contracted"),
        ("https://nowhere.lab/v1", "public"),  # over https it is theirs to be found or not
    ],
)
@pytest.mark.usefixtures("names")
def test_endpoints_that_are_what_the_recipe_says(url: str, stated: str, choose: Callable) -> None:
    check_reach(choose(url, reach=stated))


@pytest.mark.parametrize(
    ("url", "stated", "said"),
    [
        (
            "https://api.example.com/v1",
            "local",
            "'api.example.com' has an address outside.*reach: public",
        ),
        ("https://split.lab/v1", "local", "'split.lab' has an address outside"),
        ("https://8.8.8.8/v1", "local", "'8.8.8.8' has an address outside"),
        ("https://[::ffff:8.8.8.8]/v1", "local", "'::ffff:8.8.8.8' has an address outside"),
        ("https://nowhere.lab/v1", "local", "'nowhere.lab' resolves to no address"),
        ("http://api.example.com/v1", "contracted", "expected https.*write https://"),
        ("http://split.lab/v1", "public", "expected https"),
    ],
)
@pytest.mark.usefixtures("names")
def test_endpoints_that_are_not(url: str, stated: str, said: str, choose: Callable) -> None:
    with pytest.raises(ReachRefused, match=said):
        check_reach(choose(url, reach=stated))


@pytest.mark.parametrize(
    ("widest", "stated", "allowed"),
    [
        (None, "local", False),
        ("local", "local", True), ("local", "contracted", False), ("local", "public", False),
        ("contracted", "local", True), ("contracted", "contracted", True), ("contracted", "public", False),
        ("public", "public", True),
    ],
)  # fmt: skip
def test_terms_bind_endpoints(
    widest: str | None, stated: str, allowed: bool, choose: Callable
) -> None:
    assert allows(widest, choose(reach=stated)) is allowed


def test_a_model_in_this_process_is_local_whatever_is_stated() -> None:
    here = ModelChoice(backend="transformers", model="m", family="f", reach="public")
    assert allows("local", here)
    assert not allows(None, here), "no terms, no model"
    check_reach(here)


def test_an_unknown_reach_is_a_mistake_not_a_denial(choose: Callable) -> None:
    with pytest.raises(ValueError, match="'everybody'"):
        allows("everybody", choose())
