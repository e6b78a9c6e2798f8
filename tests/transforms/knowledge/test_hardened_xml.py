"""Hostile XML: nothing is read but the document, nothing grows, and the fault quotes no content."""

import socket
from pathlib import Path

import pytest

from schemas.reject import Fault
from transforms.knowledge.hardened_xml import parse_xml, text_of

LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
)


def document(folder: Path, text: str) -> Path:
    path = folder / "hostile.xml"
    path.write_text(text, "utf-8")
    return path


def test_billion_laughs(tmp_path: Path) -> None:
    path = document(tmp_path, f"<!DOCTYPE article [{LAUGHS}]><article><p>&l9;</p></article>")
    with pytest.raises(Fault) as caught:
        parse_xml(path)
    assert caught.value.reason == "xml_unsafe"


def test_external_entity_of_a_local_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret-of-this-host")
    path = document(
        tmp_path,
        f'<!DOCTYPE article [<!ENTITY x SYSTEM "{secret.as_uri()}">]><article><p>&x;</p></article>',
    )
    with pytest.raises(Fault) as caught:
        parse_xml(path)
    assert caught.value.reason == "xml_unsafe"
    assert "secret" not in str(caught.value)


def test_parameter_entity_that_builds_another(tmp_path: Path) -> None:
    (tmp_path / "evil.dtd").write_text('<!ENTITY x "from-outside">')
    path = document(
        tmp_path,
        '<!DOCTYPE article [<!ENTITY % p SYSTEM "evil.dtd"> %p;]><article><p>&x;</p></article>',
    )
    with pytest.raises(Fault) as caught:
        parse_xml(path)
    assert caught.value.reason == "xml_unsafe"


def test_external_dtd_is_not_fetched(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)
        port = server.getsockname()[1]
        path = document(
            tmp_path,
            f'<!DOCTYPE article SYSTEM "http://127.0.0.1:{port}/a.dtd"><article><p>text</p></article>',
        )
        assert text_of(parse_xml(path)) == "text"  # a DOCTYPE alone is what every JATS file has
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    "text",
    [
        "<article><p>" + "x" * 11_000_000 + "</p></article>",  # one node over libxml2's 10 MB
        "<a>" * 3000 + "</a>" * 3000,
    ],
    ids=["huge node", "deep nesting"],
)
def test_beyond_the_limits_of_the_parser(tmp_path: Path, text: str) -> None:
    with pytest.raises(Fault) as caught:
        parse_xml(document(tmp_path, text))
    assert caught.value.reason == "too_large"


def test_size_cap_is_looked_at_before_the_content(tmp_path: Path) -> None:
    path = document(tmp_path, "<article>" + " " * 2000 + "</article>")
    with pytest.raises(Fault, match="at most 1000"):
        parse_xml(path, max_bytes=1000)


@pytest.mark.parametrize("text", ["", "no xml", "<a><b></a>", "<a>\x00</a>"])
def test_not_well_formed(tmp_path: Path, text: str) -> None:
    with pytest.raises(Fault) as caught:
        parse_xml(document(tmp_path, text))
    assert caught.value.reason == "not_this_format"


def test_text_leaves_out_named_children_but_keeps_what_follows_them(tmp_path: Path) -> None:
    root = parse_xml(
        document(tmp_path, "<p>A <b>bold</b> word<fig>caption</fig> stays.<!-- no --></p>")
    )
    assert text_of(root, without={"fig"}) == "A bold word stays."
