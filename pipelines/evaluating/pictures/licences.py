"""Which pictures may be shown in these docs: licences that let them be passed on with a word of thanks."""

import re

SHOWABLE = re.compile(r"CC0-1\.0|CC-BY-\d\.\d|MIT|Apache-2\.0|BSD-\d-Clause")
"""No non-commercial and no share-alike terms: they would bind those who pass on the docs."""

IN_DOUBT = ("kvasir-seg",)
"""Sources whose own note asks to confirm the licence before anything is passed on."""


def may_be_shown(source: str, license: str) -> bool:
    """By the licence of the picture, and by what is known of its source."""
    return source not in IN_DOUBT and SHOWABLE.fullmatch(license) is not None
