"""Quotations go back to the letters of their passage, and only they."""

import pytest

from expert_models.writer.quotes import as_stored
from schemas.passage import Passage

STORED = "Cysts hold ﬂuid… and are  common.\nThey measure 5 µm to 2 cm. A third sentence."
PASSAGE = Passage("p", "s", "CC0-1.0", STORED)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (
            'Background on cysts: "Cysts hold fluid... and are common."',
            'Background on cysts: "Cysts hold ﬂuid… and are common."',
        ),
        ('So: "They measure 5 μm to 2 cm."', 'So: "They measure 5 µm to 2 cm."'),
        ('So: “They measure 5 μm to 2 cm. A third sentence.”',
         'So: “They measure 5 µm to 2 cm. A third sentence.”'),
        ('So: "They measure 6 μm to 2 cm."', 'So: "They measure 6 μm to 2 cm."'),  # not what it says
        ('So: "measure 5 μm to 2 cm."', 'So: "measure 5 μm to 2 cm."'),  # not from its start
        ("They measure 5 μm to 2 cm.", "They measure 5 μm to 2 cm."),  # no quotation
    ],
)  # fmt: skip
def test_only_whole_sentences_of_the_passage_are_put_back(text: str, mended: str) -> None:
    assert as_stored(text, [PASSAGE]) == mended
    assert as_stored(text, []) == text
