"""F20: 400 is not tried again; 401, 403, 404 stop the run at once; a redirect leads nowhere."""

from pathlib import Path

import pytest

from expert_models.llm.errors import EndpointStopped
from schemas.exchange import Failure
from tests.expert_models.faults.setting import asked, chosen, is_whole, script, status
from tests.fakes.script import Fault, Rule, Script
from tests.fakes.server import serving

TOO_LONG = '{"error": {"message": "maximum context length is 4096 tokens", "code": "context_length_exceeded"}}'


@pytest.mark.parametrize("code", [400, 413, 422])
def test_a_refused_request_costs_one_row(code: int) -> None:
    fault = Fault("status", status=code, body=TOO_LONG)
    rules = Script(model="echo", rules=(Rule(fault, contains="Question 2:"),))
    with serving(rules) as server:
        found = asked(chosen(server.url), count=6)
        assert server.requests == 6  # asked once
    assert [is_whole(f) for f in found] == [n != 2 for n in range(6)]
    assert isinstance(found[2], Failure)
    assert (found[2].reason, found[2].attempts) == ("request_refused", 1)
    assert "context_length_exceeded" in found[2].detail
    assert "maximum context length" in found[2].raw


def test_many_refused_requests_are_no_outage() -> None:
    """A server that refuses is well: the breaker stays closed, every row has its own reject."""
    with serving(script(status(400))) as server:
        found = asked(chosen(server.url, breaker_failures=3, breaker_pauses=1), count=30)
    assert all(isinstance(f, Failure) and f.reason == "request_refused" for f in found)


@pytest.mark.parametrize("code", [401, 403, 404])
def test_what_every_call_would_meet_stops_the_run(code: int) -> None:
    with serving(script(status(code))) as server:
        found = asked(chosen(server.url, concurrency=4), count=50)
        requests = server.requests
    assert all(isinstance(f, EndpointStopped) for f in found)
    assert requests <= 4  # those in flight at the time
    assert str(code) in str(found[0])


def test_the_key_is_sent_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_KEY", "sk-very-secret")
    body = '{"error": {"message": "Incorrect API key provided: sk-very-secret", "code": "bad_key"}}'
    for code, kind in ((401, EndpointStopped), (400, Failure)):
        with serving(script(Fault("status", status=code, body=body))) as server:
            choice = chosen(server.url).model_copy(update={"key_env": "FAKE_KEY"})
            [found] = asked(choice)
        assert isinstance(found, kind)
        assert "sk-very-secret" not in str(found) + repr(found)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(code: int, tmp_path: Path) -> None:
    """I8: data goes where the recipe says, whatever a server would like."""
    with serving(script()) as elsewhere:
        target = f"{elsewhere.url}/chat/completions"
        with serving(script(status(code, Location=target))) as server:
            [found] = asked(chosen(server.url))
        assert elsewhere.requests == 0
    assert isinstance(found, EndpointStopped)
