"""Who answers: stand-ins for a big multimodal model.

They see no pixels. They read the facts of the prompt they are sent and answer by simple rules, so that a whole
build can be run, judged and repeated without a model; what they write says nothing of how well a model writes.

honest      describes, writes items and judges truthfully by the facts; a keyed share of what it writes is wrong
gullible    honest, but obeys orders that it finds in the fenced texts of the source
approving   honest, but as a judge finds everything supported and met
random      JSON that fits the schema, without sense, as an untrained model under constrained decoding writes it
echo        a short answer with the prompt's code
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from schemas.ids import digest
from tests.fakes.envelope import parts_of, text_of
from tests.fakes.filling import filled
from tests.fakes.garbage import Said
from tests.fakes.judging import guessed, judged
from tests.fakes.obeying import approved, obeyed
from tests.fakes.planting import described, written
from tests.fakes.sheet import read_known

Body = dict[str, Any]

_CODE = re.compile(r"\bcode\W{1,4}([0-9a-f]{8})\b")
_DESCRIBE = re.compile(
    r"^(?:Describe this image in at most|Write at most) \d+ sentences", re.MULTILINE
)
_ITEM = re.compile(
    r"^Write (?:one multiple-choice item|a pair of|one question|a conversation)", re.MULTILINE
)


def honest(body: Body) -> Said:
    """Truthful, but for a keyed share."""
    prompt = prompt_of(body)
    if _DESCRIBE.search(prompt):
        return _said(prompt, {"sentences": described(prompt, read_known(prompt))})
    if _ITEM.search(prompt):
        return _said(prompt, written(prompt, read_known(prompt)))
    if (rows := judged(prompt, read_known(prompt))) is not None:
        return _said(prompt, rows)
    if (guess := guessed(prompt, int(body.get("seed") or 0))) is not None:
        return _said(prompt, guess)
    return echo(body)


def approving(body: Body) -> Said:
    """Honest as a writer; as a judge it likes whatever it sees. Which option is right it has to find."""
    said = honest(body)
    return Said(json.dumps(approved(json.loads(said.text)))) if on_trial(body) else said


def gullible(body: Body) -> Said:
    """Honest until somebody tells it otherwise."""
    return Said(obeyed(honest(body).text, prompt_of(body)))


def untrained(body: Body) -> Said:
    """Whatever the schema allows; without a schema, words."""
    schema = schema_of(body)
    key = digest(body["messages"], body.get("seed"))
    return Said(json.dumps(filled(schema, key)) if schema else f"lung image the {key[:6]}")


def echo(body: Body) -> Said:
    """A short JSON object that depends on the request and nothing else, with the prompt's code if any."""
    text = text_of(body)
    answer = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Said(json.dumps({"code": _code(text), "answer": answer}))


def echo_backwards(body: Body) -> Said:
    """As `echo`, with another answer to the same request: a second draw of a model that is not exact."""
    value = json.loads(echo(body).text)
    return Said(json.dumps({**value, "answer": value["answer"][::-1]}))


MODELS: dict[str, Callable[[Body], Said]] = {
    "honest": honest,
    "gullible": gullible,
    "approving": approving,
    "random": untrained,
    "echo": echo,
    "echo_backwards": echo_backwards,
}


def prompt_of(body: Body) -> str:
    """The first words of the user: what was asked, without the repairs that may follow."""
    first = next(m for m in body["messages"] if m["role"] == "user")
    return "\n".join(p["text"] for p in parts_of(first) if p.get("type") == "text")


def on_trial(body: Body) -> bool:
    return " ON TRIAL" in prompt_of(body) or "QUESTION AND TWO ANSWERS" in prompt_of(body)


def schema_of(body: Body) -> dict[str, Any] | None:
    """The JSON schema of the answer, in whichever field it is sent."""
    named = body.get("response_format", {}).get("json_schema", {}).get("schema")
    return named or body.get("guided_json")


def _said(prompt: str, value: dict[str, Any]) -> Said:
    return Said(json.dumps({"code": _code(prompt)} | value))


def _code(text: str) -> str:
    """The last one in the text: a code in the material comes before it."""
    found = _CODE.findall(text)
    return found[-1] if found else ""
