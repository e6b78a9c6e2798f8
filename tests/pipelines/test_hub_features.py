"""The shipped features are what the `datasets` library would write."""

import json

from pipelines.hub_features import ask_library, hub_features


def test_the_shipped_features_are_the_librarys_own() -> None:
    assert {config: json.loads(text) for config, text in hub_features().items()} == ask_library()
