"""A small base: passages on three subjects, enough for an index with real vectors."""

import pytest

from transforms.knowledge.entry import Entry, entry
from transforms.knowledge.index import Index

SUBJECTS = {
    "kidney": ["filters blood", "makes urine", "lies beside the spine", "has a renal pelvis"],
    "melanoma": [
        "arises from melanocytes",
        "is a skin cancer",
        "may spread to lymph nodes",
        "grows",
    ],
    "pneumonia": [
        "inflames the lung",
        "is caused by bacteria",
        "shows on a chest radiograph",
        "fever",
    ],
}


def small_base() -> list[Entry]:
    return [
        entry(
            "demo",
            "CC0-1.0",
            f"{name} {n}",
            f"The {name} {fact}.",
            concept=name,
            defines=n == 0,
        )
        for name, facts in SUBJECTS.items()
        for n, fact in enumerate(facts)
    ]


@pytest.fixture(scope="session")
def index() -> Index:
    return Index.build(small_base())
