"""A model's text as a row holds it."""

from transforms.prompting.fence import clean


def plain(text: str) -> str:
    """On one line, without marks that nobody sees, nothing cut off."""
    return clean(text, len(text) + 1)
