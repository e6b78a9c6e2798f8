"""The connections to a server: kept open, as many as calls may be in flight."""

from typing import TYPE_CHECKING

from expert_models.llm.choice import ModelChoice
from expert_models.llm.credentials import Address
from expert_models.llm.reach import is_local

if TYPE_CHECKING:
    import aiohttp

# Below the 5 s after which uvicorn (vLLM, transformers serve) hangs up an idle connection, so that no
# request is sent into a connection that the server is closing.
KEPT_IDLE_S = 4.0


def open_session(choice: ModelChoice, address: Address) -> "aiohttp.ClientSession":
    """A session that follows no proxy of the environment and keeps no cookies. TLS is verified."""
    import aiohttp

    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "medgrain",
    }
    if address.key:
        headers["Authorization"] = f"Bearer {address.key}"
    connector = aiohttp.TCPConnector(
        limit=choice.limits.concurrency,
        keepalive_timeout=KEPT_IDLE_S,
        resolver=_local_resolver() if choice.reach == "local" else None,
    )
    return aiohttp.ClientSession(
        connector=connector,
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
        trust_env=False,
        auto_decompress=False,
    )


def _local_resolver() -> "aiohttp.abc.AbstractResolver":
    """Names are resolved anew for every connection, after `check_reach`; the rule holds here as well."""
    import socket

    from aiohttp.abc import ResolveResult
    from aiohttp.resolver import ThreadedResolver

    class LocalOnly(ThreadedResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            found = await super().resolve(host, port, family)
            if not all(is_local(each["host"]) for each in found):
                raise OSError(f"{host} now resolves to an address that is not local")
            return found

    return LocalOnly()
