"""Facts into questions: `ask(sheet, limit=...)`; one module a type, stems in `phrases/*.yaml`."""

from transforms.questions.ask import ask

__all__ = ["ask"]
