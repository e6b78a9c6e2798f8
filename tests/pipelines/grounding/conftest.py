"""A registry of the test's own experts, and an empty shard to fill."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from expert_models.experts import registry
from tests.pipelines.grounding.scene import Rows


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """`register(expert, ...)`: these are all the experts there are."""

    def put(*experts: Any) -> None:
        made = {expert.card.name: expert for expert in experts}
        monkeypatch.setattr(registry, "_known", lambda: (made, ()))
        registry.expert_named.cache_clear()

    yield put
    registry.expert_named.cache_clear()


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    return Rows(tmp_path)
