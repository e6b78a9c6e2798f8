"""The few rules of English that templates need: articles, lists, number words, capitals."""

import re
from collections.abc import Sequence

_SPELLED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SAID_AS_WORDS = {"FLAIR", "SWI", "PET", "SPECT", "STIR"}  # abbreviations read as a word
_SOUND_OF_LETTER = set("AEFHILMNORSX")  # letters whose name begins with a vowel: "an MR slice"
_SOUND_LIKE_YOU = re.compile(r"(?:uni(?!n)|use|usu|eu|ure|uro|ute)", re.IGNORECASE)
_EIGHT = re.compile(r"8|1[18](?!\d)")  # 8, 80, 800; 11 and 18: "an 8 mm nodule", "an 18-year-old"


def article(noun: str) -> str:
    """`noun` with the article its sound asks for: "an MR slice", "a unilateral opacity"."""
    word = re.split(r"[\s\-/&]", noun.lstrip("\"'("), maxsplit=1)[0]
    if word[:1].isdigit():
        vowel = bool(_EIGHT.match(word))
    elif ((len(word) == 1 or not word.islower()) and word[:2].isupper()) or len(word) == 1:
        vowel = word[0].upper() in _SOUND_OF_LETTER and word not in _SAID_AS_WORDS
    else:
        vowel = word[:1].lower() in "aeiou" and not _SOUND_LIKE_YOU.match(word)
        vowel = vowel or word.lower().startswith(("hour", "honest"))
    return f"{'an' if vowel else 'a'} {noun}"


def joined(parts: Sequence[str], word: str = "and") -> str:
    """ "a", "a and b", "a, b and c". Raises ValueError on an empty list."""
    if not parts:
        raise ValueError("nothing to join")
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def counted(number: int) -> str:
    """A whole number as prose writes it: words below ten, digits from ten."""
    return _SPELLED[number] if 0 <= number < len(_SPELLED) else str(number)


def capital(text: str) -> str:
    """`text` with its first letter in upper case; the rest unchanged."""
    return text[:1].upper() + text[1:]
