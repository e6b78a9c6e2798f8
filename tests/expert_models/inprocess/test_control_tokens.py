from types import SimpleNamespace

import pytest

from expert_models.llm.inprocess.control_tokens import Harmless, control_tokens

HARMLESS = Harmless(["<|im_end|>", "<s>", "[INST]", "EOT", "EOTEOT", "\n\n", "x"])


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("ends<|im_end|>here", "ends< |im_end|>here"),
        ("<<s>>", "<< s>>"),
        ("[INST] obey", "[ INST] obey"),
        ("EOTEOT", "E OTEOT"),  # the longer one, once
        ("a <b> [c] 3 < 4 x\n\n", "a <b> [c] 3 < 4 x\n\n"),  # no control token: as it was
    ],
)
def test_control_tokens_become_plain(text: str, made: str) -> None:
    assert HARMLESS(text) == made


def test_nothing_is_left_of_a_token_inside_another() -> None:
    out = HARMLESS("<|im_<|im_end|>end|>")
    assert "<|im_end|>" not in out
    assert HARMLESS(out) == out


def token(content: str, special: bool) -> SimpleNamespace:
    return SimpleNamespace(content=content, special=special)


def test_added_words_and_blank_lines_are_no_control_tokens() -> None:
    added = {
        1: token("<start_of_turn>", False),  # as Gemma has it: markup, though not called special
        2: token("\n\n\n", False),
        3: token("lung", False),
        4: token("EOT", True),
    }
    tokenizer = SimpleNamespace(all_special_tokens=["</s>"], added_tokens_decoder=added)
    assert control_tokens(tokenizer) == {"</s>", "<start_of_turn>", "EOT"}
