from dataclasses import replace
from pathlib import Path

import pytest

from expert_models.llm.inprocess.chat import chat_of, picture_of, template_of
from expert_models.llm.inprocess.control_tokens import Harmless
from tests.real_engines.questions import picture, question

PLAIN = Harmless(())


def test_pictures_stand_before_the_text_in_their_order() -> None:
    request = question("Which?", picture(250), picture(10, 30, 20))
    system, user = chat_of(request, PLAIN, sees=True)
    assert system == {"role": "system", "content": [{"type": "text", "text": "Answer as JSON."}]}
    first, second, text = user["content"]
    assert text == {"type": "text", "text": "Which?"}
    assert (first["image"].size, second["image"].size) == ((64, 48), (30, 20))
    assert first["image"].getpixel((20, 15)) == (250, 250, 250)


def test_a_text_model_gets_a_bare_string_without_control_tokens() -> None:
    chat = chat_of(question("a <s>"), Harmless(["<s>"]), sees=False)
    assert [m["content"] for m in chat] == ["Answer as JSON.", "a < s>"]


def test_a_picture_cut_short_is_no_picture() -> None:
    whole = picture(1)
    with pytest.raises(OSError, match=r"truncated|identify"):
        picture_of(replace(whole, data=whole.data[:-40]))


def test_a_template_is_given_as_text_or_file(tmp_path: Path) -> None:
    file = tmp_path / "chat.jinja"
    file.write_text("{{ messages }}")
    assert template_of(str(file)) == "{{ messages }}" == template_of("{{ messages }}")
    assert template_of(None) is None
