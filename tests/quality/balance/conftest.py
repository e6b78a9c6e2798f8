"""Items by hand; a test names only what it is about."""

import random

import pytest

from quality.balance.item import Item


def item(id: str = "qa-1", **parts: object) -> Item:
    """One multiple-choice item of four options with the key at C."""
    values = {
        "question_type": "anatomy", "modality": "CT", "anatomy": "chest", "patient": f"of {id}",
        "split": "train", "stem": "Which part is shown?",
        "options": ("liver", "spleen", "lung", "heart"), "answer_index": 2,
    }  # fmt: skip
    values |= parts
    options, at = values["options"], values["answer_index"]
    return Item(id=id, **{"answer": options[at] if options else "12 mm"} | values)


@pytest.fixture(scope="session")
def made():
    """`made(id, **parts)`: one item."""
    return item


@pytest.fixture(scope="session")
def corpus():
    """`corpus(size, leak=0.0)`: items with random options of random words, 40 patients; a share
    `leak` of them has a key with a word that no wrong option has.
    """

    def build(size: int, leak: float = 0.0, options: int = 4, seed: int = 0) -> list[Item]:
        draw = random.Random(seed)
        words = [f"term{n}" for n in range(60)]
        items = []
        for n in range(size):
            texts = [" ".join(draw.sample(words, draw.randint(1, 3))) for _ in range(options)]
            texts = [f"{text} of case x{n}{k}" for k, text in enumerate(texts)]
            at = draw.randrange(options)
            if draw.random() < leak:
                texts[at] += " with marked enhancement"
            items.append(
                item(
                    f"qa-{seed}-{n}",
                    options=tuple(texts),
                    answer_index=at,
                    patient=f"p{draw.randrange(40)}",
                    question_type=draw.choice(["anatomy", "plane", "appearance"]),
                    modality=draw.choice(["CT", "MR", "US"]),
                    split=draw.choice(["train", "test"]),
                )
            )
        return items

    return build
