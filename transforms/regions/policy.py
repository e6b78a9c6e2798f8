"""What is done with a region of each kind: split or kept whole, and which words are measured.

Words that sound like a diagnosis (irregular outline, heterogeneous) are measured on lesions only:
an organ of which vessels make the section uneven is not a "heterogeneous liver".
"""

from dataclasses import dataclass

from schemas.vocabulary import findings

MOST_COMPARED = 12  # regions between which pair relations are told: at most 66 pairs an image


@dataclass(frozen=True)
class Policy:
    """How a kind of region is treated.

    split    a class mask (no instances) falls into connected components, one region each
    words    kinds of appearance facts that are measured
    counted  "how many" has a meaning
    sized    a longest diameter has a meaning: a catheter's is not its length
    """

    split: bool
    words: frozenset[str] = frozenset()
    counted: bool = False
    sized: bool = True


_TONE = frozenset({"brightness", "attenuation"})

POLICIES = {
    "lesion": Policy(True, _TONE | {"homogeneity", "outline", "shape"}, counted=True),
    "cell": Policy(True, _TONE | {"shape"}, counted=True),
    "artifact": Policy(True),
    # One region with all its parts: a vessel tree would shatter into hundreds, a liver cut by a
    # slice would become "two livers".
    "organ": Policy(False, _TONE),
    "structure": Policy(False, _TONE),
    "tissue": Policy(False, _TONE),
    "device": Policy(False, sized=False),
    "unknown": Policy(False, _TONE),
}

_LOCALISED = {"sign": "lesion", "disease": "lesion"}  # drawn on the image, they are a lesion


@dataclass(frozen=True)
class Named:
    """What a source's word stands for. `name` is the source's own word where `mapped` is False."""

    name: str
    kind: str
    mapped: bool
    side: str | None = None


def name_of(label: str, label_map: dict[str, str]) -> Named:
    """The finding that a source's label means: by the declaration's map, else by the vocabulary.

    A map entry that no vocabulary term carries is kept as the name, unmapped.
    """
    word = label_map.get(label, label)
    term = findings().get(word) or findings().find(word)
    if term is None:
        return Named(word, "unknown", mapped=False)
    return Named(term.name, _LOCALISED.get(term.kind, term.kind), mapped=True, side=term.side)
