"""Licence statements of articles as SPDX identifiers.

Source: SPDX licence list 3.27. What has no identifier there becomes a `LicenseRef-`: an article
that names Creative Commons Attribution without a version keeps that doubt, `LicenseRef-CC-BY`.
"""

import re

_URL = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<kind>by(?:-nc)?(?:-sa|-nd)?)/(?P<version>\d\.\d)"
    r"|publicdomain/(?P<domain>zero|mark)/1\.0)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"Creative Commons Attribution(?P<rest>(?:[\s,–-]*(?:Non-?\s?Commercial|Share-?\s?Alike"
    r"|No-?\s?Deriv(?:ative)?s?(?:\s+Works)?))*)",
    re.IGNORECASE,
)


def spdx(statement: str) -> str | None:
    """The licence that a URL or a sentence names, or None where it names none we know.

    >>> spdx("http://creativecommons.org/licenses/by-nc/3.0")
    'CC-BY-NC-3.0'
    """
    if found := _URL.search(statement):
        if domain := found["domain"]:
            return "CC0-1.0" if domain.lower() == "zero" else "CC-PDM-1.0"
        return f"CC-{found['kind'].upper()}-{found['version']}"
    if found := _WORDS.search(statement):
        rest = re.sub(r"[^a-z]", "", found["rest"].lower())
        parts = [
            code
            for word, code in (("commercial", "NC"), ("share", "SA"), ("deriv", "ND"))
            if word in rest
        ]
        return "-".join(["LicenseRef-CC-BY", *parts])
    return None
