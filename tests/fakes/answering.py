"""Stands in for a model that answers questions from the facts of the prompt: options one by one, or openly."""

import re

from tests.fakes.sheet import Known, Sheet, Thing
from tests.fakes.weighing import Weighed, absent, named, same_word, weigh

_SYNONYMS = {
    "radiograph": ("projection radiography", "x-ray", "mammography"),
    "MRI": ("magnetic resonance imaging",),
    "ultrasound": ("ultrasonography",),
    "dermoscopic": ("dermoscopy",),
    "fundus photograph": ("fundus photography",),
    "endoscop": ("endoscopy", "colonoscopy"),
    "histolog": ("slide microscopy", "histology"),
    "a photograph": ("clinical photography",),
}
_CORNERS = re.compile(r"corners \((\d+), (\d+)\) and \((\d+), (\d+)\)")
_ASKED = (
    (r"many pixels|longest diameter|how long", r"^longest diameter (.+)$"),
    (r"short axis", r"^short axis (.+)$"),
    (r"how many|number of", r"^number of .+: (?:at least )?(\S+)$"),
    (
        r"side of the patient|patient's side",
        r"^(?:on the patient's|the organ shown is the patient's) (left|right)",
    ),
    (r"projection|which view", r"^the view is the (.+?)(?: projection)?$"),
    (r"plane", r"^the plane is (.+)$"),
    (r"sequence", r"^the sequence is (.+)$"),
    (r"stain", r"^the stain is (.+)$"),
    (r"where|part of the image", r"^lies in the (.+) of the image$"),
    (r"share|how much of the image", r"^covers (.+) of the image$"),
    (r"attenuation", r"^mean attenuation (.+)$"),
    (r"volume", r"^volume in the scan (.+)$"),
    (r"body part|part of the body", r"^the picture shows (?:the )?(.+)$"),
)
_KIND = re.compile(
    r"(?:Is|Was) this (?:image |picture )?(?:an? )?(.+?)(?: image)?\?$", re.IGNORECASE
)
_POLAR = re.compile(r"^(?:Can|Is|Are|Does|Do|Has|Have|Was|Were) ", re.IGNORECASE)


def is_right(stem: str, option: str, known: Known) -> Weighed:
    """Whether the facts carry an option as an answer; its verdict is "supported" where they do."""
    if option.lower() in ("yes", "no"):
        found = proposed(stem, known)
        wanted = "supported" if option.lower() == "yes" else "contradicted"
        return Weighed("supported" if found.verdict == wanted else "contradicted", found.refs)
    if " in the first" in option:
        return _of_several(option, known)
    return _of_one(stem, option, known)


def proposed(stem: str, known: Known) -> Weighed:
    """A yes/no question taken as a statement."""
    for alias, term in absent(known):
        if any(same_word(term, words) for words in _runs(stem, len(term.split()))):
            return Weighed("contradicted", [alias])
    if kind := _KIND.match(stem):
        facts = [f for s in known.sheets for f in s.facts if f.text.startswith("this is ")]
        says = any(kind[1] in f.text or _says_of_image(f.text, kind[1]) for f in facts)
        return Weighed("supported" if says else "contradicted", [f.alias for f in facts[:1]])
    things = _meant(stem, known)
    if things and re.search(r"\b(?:be found|be seen|present|show|contain)\b", stem):
        return Weighed("supported", [t.said for t in things[:1]])
    narrowed = Known(
        [Sheet(known.sheets[0].facts, things)] if things else known.sheets, known.passages
    )
    text = re.sub(
        r"the immediate surroundings", "its immediate surroundings", _CORNERS.sub("", stem)
    )
    return weigh(_POLAR.sub("", text).rstrip("?"), narrowed)


def openly(stem: str, known: Known) -> tuple[str, list[str]]:
    """An answer in a few words, and the names it rests on."""
    for asked, told in _ASKED:
        if re.search(asked, stem, re.IGNORECASE) and (found := _told(stem, told, known)):
            return found
    things = _meant(stem, known)
    if things and _CORNERS.search(stem):
        return things[0].noun, [things[0].said]
    findings = [f for s in known.sheets for f in s.facts if "place unknown: " in f.text]
    if findings:
        return re.sub(r"^an? ", "", findings[0].text.split("unknown: ")[1]), [findings[0].alias]
    return "cannot be told", []


def _told(stem: str, pattern: str, known: Known) -> tuple[str, list[str]] | None:
    things = _meant(stem, known)
    lines = [f for t in things for f in t.facts] + [f for s in known.sheets for f in s.facts]
    if counted := re.search(
        r"many (?!pixels)([a-z -]+?) (?:can|are|does|do|is)\b|number of ([a-z -]+?) (?:in|seen)",
        stem,
    ):
        lines = [f for f in lines if _counts(f.text, counted[1] or counted[2])]
    for fact in lines:
        if found := re.search(pattern, fact.text):
            return found[1], [fact.alias]
    return None


def _counts(fact: str, of: str) -> bool:
    found = re.match(r"number of (.+?):", fact)
    return found is not None and same_word(found[1], of)


def _runs(stem: str, count: int) -> list[str]:
    """All runs of so many words."""
    words = re.findall(r"[\w-]+", stem)
    return [" ".join(words[n : n + count]) for n in range(len(words) - count + 1)]


def _meant(stem: str, known: Known) -> list[Thing]:
    """Things that the stem points at: by the corners of a box where it tells them, else by name."""
    corners = _CORNERS.search(stem)
    things = named(stem, known)
    if corners is None:
        return things
    box = [int(n) for n in corners.groups()]
    every = [t for s in known.sheets for t in s.things]
    boxed = [
        t for t in every if t.box and all(abs(a - b) <= 3 for a, b in zip(t.box, box, strict=True))
    ]
    return boxed or things


def _of_one(stem: str, option: str, known: Known) -> Weighed:
    things = _meant(stem, known)
    parts = [re.sub(r"^an? ", "", part) for part in re.split(r" and | with ", option)]
    if things and not _asks_what(stem):
        lines = [f for t in things for f in t.facts]
        met = [next((f for f in lines if _says(f.text, part)), None) for part in parts]
        refs = [f.alias for f in met if f is not None]
        return Weighed("supported" if all(met) else "contradicted", refs[:3])
    if things and _CORNERS.search(stem):
        right = next((t for t in things if _is_called(t, option)), None)
        return Weighed("supported", [right.said]) if right else Weighed("contradicted", [])
    whole = [f for s in known.sheets for f in s.facts]
    fact = next((f for f in whole if _says_of_image(f.text, option)), None)
    if fact is not None:
        return Weighed("supported", [fact.alias])
    thing = next((t for s in known.sheets for t in s.things if _is_called(t, option)), None)
    return Weighed("supported", [thing.said]) if thing else Weighed("contradicted", [])


def _is_called(thing: Thing, words: str) -> bool:
    return same_word(thing.noun, words) or thing.noun.endswith(f" of {words.lower()}")


def _asks_what(stem: str) -> bool:
    return (
        re.search(
            r"\b(?:which|what) (?:structure|finding|device|lesion|abnormality|organ|diagnosis)",
            stem,
            re.IGNORECASE,
        )
        is not None
    )


def _says(fact: str, option: str) -> bool:
    if fact.startswith("lies in the "):
        return fact == f"lies in the {option} of the image"
    return re.search(rf"(?:^|\s){re.escape(option)}(?:\s|$)", fact) is not None


def _says_of_image(fact: str, option: str) -> bool:
    if _says(fact.replace("(", "").replace(")", ""), option.replace("(", "").replace(")", "")):
        return not fact.startswith(("reported absent", "there are no", "no ", "number of"))
    return any(part in fact and option.lower() in words for part, words in _SYNONYMS.items())


def _of_several(option: str, known: Known) -> Weighed:
    """ "center in the first and upper right in the second": each part against its own image."""
    parts = re.findall(r"(.+?) in the (?:first|second|third)(?: image)?(?:, | and |$)", option)
    refs = []
    for part, sheet in zip(parts, known.sheets, strict=False):
        lines = [f for t in sheet.things for f in t.facts] + sheet.facts
        fact = next((f for f in lines if _says(f.text, part) or _says_of_image(f.text, part)), None)
        if fact is None:
            return Weighed("contradicted", refs[:3])
        refs.append(fact.alias)
    return Weighed("supported", refs[:3])
