"""All statistics of the items of a corpus, as JSON."""

from collections.abc import Sequence
from typing import Any

from quality.balance.form import form_rows, length_rows
from quality.balance.guesses import frequent_answer_rows, yes_no_rows
from quality.balance.item import Item
from quality.balance.letters import letter_rows
from quality.balance.stems import stem_rows


def measure(items: Sequence[Item]) -> dict[str, list[dict[str, Any]]]:
    """Rows by statistic; each row is told where it is made."""
    return {
        "letters": letter_rows(items),
        "form": form_rows(items),
        "lengths": length_rows(items),
        "yes_no": yes_no_rows(items),
        "frequent_answer": frequent_answer_rows(items),
        "stems": stem_rows(items),
    }
