"""Facts into sentences: `describe(sheet, passages)`; phrasings lie in `phrases/*.yaml`."""

from transforms.words.describe import describe

__all__ = ["describe"]
