"""A wrong recipe is refused at once, with every fault in one message."""

from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.recipe import load_recipe


def write(folder: Path, text: str) -> Path:
    path = folder / "r.yaml"
    path.write_text(text)
    return path


def test_names_are_short_for_sources(tmp_path: Path) -> None:
    recipe = load_recipe(write(tmp_path, "name: r\nsources: [busbra, {use: own.yaml, root: data}]"))
    assert [(s.use, s.root) for s in recipe.sources] == [("busbra", None), ("own.yaml", "data")]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = (
        "name: Bad Name\nsources: []\nimages: {smallest_side: 0}\ncolour: red\nsplits: {train: 0.9}"
    )
    with pytest.raises(UsageError) as caught:
        load_recipe(write(tmp_path, text))
    message = str(caught.value)
    for part in ("name", "sources", "images > smallest_side", "colour", "is 1.1, expected 1"):
        assert part in message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", ""])
def test_what_is_no_recipe(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"r\.yaml"):
        load_recipe(write(tmp_path, text))


def test_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give the path"):
        load_recipe(tmp_path / "none.yaml")


def test_an_unknown_window_is_named_with_those_that_are_known(tmp_path: Path) -> None:
    text = "name: r\nsources: [{use: a, cut: {windows: [lung, kidney]}}]"
    with pytest.raises(UsageError, match=r"kidney.*soft tissue"):
        load_recipe(write(tmp_path, text))


def test_a_key_that_stands_twice_is_told_with_its_line(tmp_path: Path) -> None:
    text = "name: r\nsources: [a]\nlicenses: [MIT]\nlicenses: [CC0-1.0]\n"
    with pytest.raises(UsageError, match=r"line 4.*licenses"):
        load_recipe(write(tmp_path, text))


def test_an_alias_bomb_is_refused(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)
    ]
    with pytest.raises(UsageError, match="alias"):
        load_recipe(write(tmp_path, "\n".join(rows)))


def test_numbers_are_read_as_numbers(tmp_path: Path) -> None:
    text = "name: r\nsources: [{use: a, limit: 3, cut: {step_mm: 2.5, percentiles: [1, 99]}}]"
    source = load_recipe(write(tmp_path, text)).sources[0]
    assert (source.limit, source.cut.step_mm, source.cut.percentiles) == (3, 2.5, (1.0, 99.0))
