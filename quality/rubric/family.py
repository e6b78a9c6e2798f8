"""Writer and verifier should not be of one family: models favour their own words."""

import re

_MARKS = re.compile(r"[^a-z0-9]+")
_VERSION = re.compile(r"[\d.]+(?:vl|v|b|m)?$")


def same_family(writer: str, judge: str) -> bool:
    """Are two family names of a recipe the same lineage ("Qwen", "qwen2.5-VL")?

    Self-preference of model judges: Panickssery et al. 2024, arXiv 2404.13076; 2410.21819.
    Raises ValueError on a name without a letter.
    """
    return _lineage(writer) == _lineage(judge)


def _lineage(name: str) -> str:
    """The first word of a name, without what only tells version, size or sight."""
    first = next((w for w in _MARKS.split(name.lower()) if re.search("[a-z]", w)), None)
    if first is None:
        raise ValueError(f"family {name!r} has no letter")
    return _VERSION.sub("", first).removesuffix("vl") or first
