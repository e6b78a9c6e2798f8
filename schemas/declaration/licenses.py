"""The licences a declaration may name: SPDX ids met in the catalogue of public medical datasets."""

import re

LICENSES = {
    "CC0-1.0": "Creative Commons Zero v1.0",
    "CC-BY-2.0": "Creative Commons Attribution 2.0",
    "CC-BY-3.0": "Creative Commons Attribution 3.0",
    "CC-BY-4.0": "Creative Commons Attribution 4.0",
    "CC-BY-SA-3.0": "Creative Commons Attribution-ShareAlike 3.0",
    "CC-BY-SA-4.0": "Creative Commons Attribution-ShareAlike 4.0",
    "CC-BY-NC-2.0": "Creative Commons Attribution-NonCommercial 2.0",
    "CC-BY-NC-3.0": "Creative Commons Attribution-NonCommercial 3.0",
    "CC-BY-NC-4.0": "Creative Commons Attribution-NonCommercial 4.0",
    "CC-BY-NC-SA-2.0": "Creative Commons Attribution-NonCommercial-ShareAlike 2.0",
    "CC-BY-NC-SA-3.0": "Creative Commons Attribution-NonCommercial-ShareAlike 3.0",
    "CC-BY-NC-SA-4.0": "Creative Commons Attribution-NonCommercial-ShareAlike 4.0",
    "CC-BY-ND-4.0": "Creative Commons Attribution-NoDerivatives 4.0",
    "CC-BY-NC-ND-3.0": "Creative Commons Attribution-NonCommercial-NoDerivatives 3.0",
    "CC-BY-NC-ND-4.0": "Creative Commons Attribution-NonCommercial-NoDerivatives 4.0",
    "ODC-By-1.0": "Open Data Commons Attribution v1.0",
    "ODbL-1.0": "Open Data Commons Open Database v1.0",
    "PDDL-1.0": "Open Data Commons Public Domain Dedication and License v1.0",
    "CDLA-Permissive-1.0": "Community Data License Agreement Permissive 1.0",
    "CDLA-Permissive-2.0": "Community Data License Agreement Permissive 2.0",
    "CDLA-Sharing-1.0": "Community Data License Agreement Sharing 1.0",
    "O-UDA-1.0": "Open Use of Data Agreement v1.0",
    "MIT": "MIT License",
    "Apache-2.0": "Apache License 2.0",
    "BSD-2-Clause": "BSD 2-Clause License",
    "BSD-3-Clause": "BSD 3-Clause License",
    "GPL-2.0-only": "GNU General Public License v2.0 only",
    "GPL-3.0-only": "GNU General Public License v3.0 only",
    "GPL-3.0-or-later": "GNU General Public License v3.0 or later",
    "LGPL-3.0-only": "GNU Lesser General Public License v3.0 only",
    "MPL-2.0": "Mozilla Public License 2.0",
    "Unlicense": "The Unlicense",
    "ISC": "ISC License",
}
"""SPDX id to full name (https://spdx.org/licenses/, list 3.27)."""

_OTHER = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


def license_fault(name: str) -> str | None:
    """What is wrong with a licence id, or None. `LicenseRef-<name>` stands for terms SPDX lacks."""
    if name in LICENSES or _OTHER.fullmatch(name):
        return None
    from schemas.declaration.errors import closest

    return (
        f"licence {name!r} is not on the list{closest(name, LICENSES)} "
        "Write an SPDX id, or LicenseRef-<name> for terms that have none"
    )
