"""Prompts: where files are found, what their digest covers, and what a template cannot do."""

from pathlib import Path

import pytest

from transforms.prompting.prompt import load_prompt

PACKAGE = "transforms.prompting"
HEADER = "{#- version: 3 -#}\n"


def write(folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        (folder / f"{name}.j2").write_text(source, "utf-8")
    return folder


def test_a_user_file_wins_and_partials_are_found(tmp_path: Path) -> None:
    folder = write(tmp_path, mine=HEADER + 'Hi {{ who }}.\n{% include "_rejected.j2" %}')
    prompt = load_prompt(PACKAGE, "mine", folder)
    text = prompt.render(who="<b>", marker="m", rejected=[])
    assert prompt.version == "3"
    assert text.startswith("Hi <b>.")  # no HTML escaping
    assert sorted(prompt.sources) == ["_rejected.j2", "mine.j2"]


def test_the_digest_covers_what_is_included(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, rule in ((one, "Be brief."), (two, "Be long.")):
        folder.mkdir()
        write(folder, mine=HEADER + '{% include "_rule.j2" %}', _rule='{% include "_deep.j2" %}')
        write(folder, _deep=rule)
    first, second = load_prompt(PACKAGE, "mine", one), load_prompt(PACKAGE, "mine", two)
    assert first.sources["mine.j2"] == second.sources["mine.j2"]
    assert first.sha256 != second.sha256
    assert len(first.sha256) == 64


@pytest.mark.parametrize(
    "body",
    [
        "{{ missing }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ rows.append(1) }}",  # data of a prompt cannot be changed by it
        "{% include name %}",
        '{% include "_nowhere.j2" %}',
        "{% if %}",
        "{{ cycler.__init__.__globals__ }}",
    ],
)
def test_what_a_template_cannot_do(tmp_path: Path, body: str) -> None:
    with pytest.raises(ValueError, match="prompt"):
        load_prompt(PACKAGE, "bad", write(tmp_path, bad=HEADER + body)).render(rows=[], name="x")


@pytest.mark.parametrize("name", ["../secret", "_sheet/x", "A", "x.y"])
def test_names_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        load_prompt(PACKAGE, name, tmp_path)


def test_a_file_without_header_or_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="header"):
        load_prompt(PACKAGE, "bare", write(tmp_path, bare="text"))
    with pytest.raises(ValueError, match="in none of"):
        load_prompt(PACKAGE, "absent", tmp_path)
