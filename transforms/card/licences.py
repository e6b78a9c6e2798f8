"""Licence ids in the three spellings that readers of a release want."""

import re

_HUB = {
    "ODC-By-1.0": "odc-by",
    "ODbL-1.0": "odbl",
    "PDDL-1.0": "pddl",
    "GPL-2.0-only": "gpl-2.0",
    "GPL-3.0-only": "gpl-3.0",
    "GPL-3.0-or-later": "gpl-3.0",
}
_SAME = re.compile(
    r"(cc0-1\.0|cc-by(-nc)?(-sa|-nd)?-[234]\.0|mit|apache-2\.0|bsd-[23]-clause|isc|unlicense"
    r"|cdla-(permissive|sharing)-[12]\.0|mpl-2\.0)"
)


def hub_licence(spdx: str) -> str:
    """The Hub's id of a licence, "other" where it has none.

    Source: the list of licences in the Hub's repository documentation.
    """
    lower = spdx.lower()
    return _HUB.get(spdx) or (lower if _SAME.fullmatch(lower) else "other")


def licence_url(spdx: str) -> str:
    """Where the text of an SPDX licence stands; of terms without SPDX id, the id itself."""
    if spdx.startswith("LicenseRef-"):
        return spdx
    return f"https://spdx.org/licenses/{spdx}.html"
