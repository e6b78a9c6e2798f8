"""A server whose certificate nobody vouches for is sent nothing."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from expert_models.llm.client import EndpointClient
from schemas.exchange import Answer


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that vouches for itself."""
    pytest.importorskip("cryptography")
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    bare = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(pem, pkcs8, bare) + made.public_bytes(pem))
    return path


@pytest.mark.parametrize("trusted", [False, True])
def test_tls_is_verified(
    trusted: bool, tmp_path: Path, serving: Callable, choose: Callable, question: Callable,
    said: Callable, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    pem = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    if trusted:  # as a site does with a certificate authority of its own
        import aiohttp.connector

        own = ssl.create_default_context(cafile=str(pem))
        monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", own)

    async def handler(body: dict, number: int) -> web.Response:
        return said()

    async def main() -> None:
        async with (
            serving(handler, context) as served,
            EndpointClient(choose(served.url, limits={"attempts": 1})) as client,
        ):
            found = await client.call(question())
            assert len(served.bodies) == trusted
            assert isinstance(found, Answer) is trusted
            if not trusted:
                assert "Certificate" in found.detail

    asyncio.run(main())
