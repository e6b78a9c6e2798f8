"""Who sees what is sent: whether an endpoint is where the recipe says it is, and may have the data."""

import ipaddress
import socket
from urllib.parse import urlsplit

from expert_models.llm.choice import REACHES, ModelChoice
from expert_models.llm.errors import EndpointStopped

LOCAL_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "127.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
        "169.254.0.0/16", "100.64.0.0/10", "::1/128", "::/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
"""Loopback, "this host", private (RFC 1918), link-local, shared (RFC 6598), unique local (RFC 4193)."""


class ReachRefused(EndpointStopped):
    """The recipe says that an endpoint is nearer than it is."""


def allows(widest: str | None, choice: ModelChoice) -> bool:
    """Whether data whose terms reach up to `widest` may be sent to this model. None: to no model.

    Raises ValueError on a word that is not one of REACHES.
    """
    if widest is None:
        return False
    if widest not in REACHES:
        raise ValueError(f"reach {widest!r}: expected one of {', '.join(REACHES)}")
    return REACHES.index(choice.seen_by) <= REACHES.index(widest)


def check_reach(choice: ModelChoice) -> None:
    """Raises ReachRefused, before anything is sent, where the url belies the recipe.

    `reach: local` needs a host whose every address is local. Whatever leaves the local network must
    go by https. A model in this process is always where it should be.
    """
    if choice.url is None:
        return
    parts = urlsplit(choice.url)
    host = parts.hostname or ""
    if choice.reach != "local" and parts.scheme == "https":
        return
    addresses = _addresses(host)
    if addresses and all(is_local(address) for address in addresses):
        return
    found = (
        "resolves to no address" if not addresses else "has an address outside the local network"
    )
    if choice.reach == "local":
        step = "state `reach: contracted` or `reach: public`, or name a host of your own"
        raise ReachRefused(_message(choice, host, found, "a local host (`reach: local`)", step))
    step = "write https:// in `url`"
    raise ReachRefused(_message(choice, host, found, "https for what leaves this network", step))


def is_local(address: str) -> bool:
    """Whether an IP address in text form lies in a local network."""
    found = ipaddress.ip_address(address.split("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped  # ::ffff:8.8.8.8 is the public 8.8.8.8
    return any(found in network for network in LOCAL_NETWORKS)


def _addresses(host: str) -> list[str]:
    """All addresses of a name or literal; none where it does not resolve."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return sorted({str(entry[4][0]) for entry in found})


def _message(choice: ModelChoice, host: str, found: str, expected: str, step: str) -> str:
    return (
        f"model {choice.model!r}: host {host!r} {found}; expected {expected}. Nothing has been sent. "
        f"Next: {step}."
    )
