"""Where requests go and with which key. The key is sent and never shown."""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from expert_models.llm.choice import ModelChoice
from expert_models.llm.errors import EndpointStopped

_NEXT = {
    401: "check the key in {key}",
    402: "check the account of the key in {key}",
    403: "check what the key in {key} may use",
    404: "check `url` (it ends in /v1) and `model`; GET {models} lists what is served",
    407: "a proxy stands between; medgrain uses none, so name the server itself in `url`",
}
_ANY = "check `url`: it must be the final address of an OpenAI-compatible server, ending in /v1"


@dataclass(frozen=True)
class Address:
    """url: of chat completions. shown: the same for messages, without its query."""

    url: str = field(repr=False)
    shown: str
    key: str = field(default="", repr=False)

    def without_key(self, text: str) -> str:
        """Some servers repeat the key in their errors."""
        return text.replace(self.key, "[key]") if self.key else text

    def refusal(self, choice: ModelChoice, status: int, found: str) -> str:
        """The message for a reply that every call would get."""
        next_step = _NEXT.get(status, _ANY).format(
            key=f"${choice.key_env}" if choice.key_env else "`key_env` (none is stated)",
            models=self.shown.replace("/chat/completions", "/models"),
        )
        return self.without_key(
            f"{self.shown}, model {choice.model!r}: found {found}, expected an answer. Nothing more is "
            f"asked: {next_step}, then run the same command again to resume."
        )


def address_of(choice: ModelChoice) -> Address:
    """Raises ValueError on a url that cannot be called, EndpointStopped where the key is not set."""
    if choice.url is None:
        raise ValueError(f"model {choice.model!r} has no url; its backend is {choice.backend}")
    parts = urlsplit(choice.url)
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ValueError(
            "url: expected scheme://host[:port]/v1; a key belongs into the variable named by key_env"
        )
    path = parts.path.rstrip("/") + "/chat/completions"
    return Address(
        url=urlunsplit((parts.scheme, parts.netloc, path, parts.query, "")),
        shown=urlunsplit((parts.scheme, parts.netloc, path, "", "")),
        key=_key(choice),
    )


def _key(choice: ModelChoice) -> str:
    if choice.key_env is None:
        return ""
    key = os.environ.get(choice.key_env, "").strip()
    if not key:
        raise EndpointStopped(
            f"model {choice.model!r}: the environment variable {choice.key_env}, named by `key_env`, is "
            f"not set. Set it to the API key, also where workers run; nothing has been asked yet."
        )
    if not (key.isascii() and key.isprintable()):
        raise EndpointStopped(
            f"model {choice.model!r}: the variable {choice.key_env} holds characters that no HTTP "
            f"header can carry. Set it to the bare API key; nothing has been asked yet."
        )
    return key
