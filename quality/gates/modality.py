"""A modality, sequence, window or stain that the text names is that of the image."""

from quality.gates.case import Case
from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "modality"
KINDS = ("sequence", "window", "stain")


def judge(case: Case) -> Verdict:
    """Modality, sequence, window and stain against the image's own; a broader modality is true too."""
    world, claims = case.world, case.reading.claims
    wrong = [
        c.value
        for c in claims
        if c.kind == "modality" and (c.value in world.modalities) == c.negated
    ]
    for kind in KINDS:
        known = {v.casefold().replace("-", " ") for v in world.image_words(kind)}
        wrong += [
            c.value
            for c in claims
            if c.kind == kind and (c.value.casefold().replace("-", " ") in known) == c.negated
        ]
    read = ", ".join(c.value for c in claims if c.kind in ("modality", *KINDS))
    limit = ", ".join(sorted(world.modalities))
    return judged(GATE, wrong, "modality_contradicted", measured=read, limit=limit)
