import json
from pathlib import Path

import pytest

from expert_models.llm.inprocess import constrain
from tests.real_engines.questions import SCHEMA

torch = pytest.importorskip("torch")
pytest.importorskip("llguidance")


@pytest.fixture(scope="module")
def tokenizer(reading: Path):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(reading)


@pytest.fixture(scope="module")
def grammars(tokenizer) -> constrain.Grammars:
    return constrain.Grammars(tokenizer, [tokenizer.eos_token_id])


def written(held: constrain.Held, vocabulary: int, steps: int) -> list[list[int]]:
    """What a model would write that likes low ids best: two rows, greedy."""
    ids = torch.zeros(2, 3, dtype=torch.long)
    scores = -torch.arange(vocabulary, dtype=torch.float32).repeat(2, 1)
    for _ in range(steps):
        picks = held(ids, scores).argmax(-1, keepdim=True)
        ids = torch.cat([ids, picks], 1)
    return ids[:, 3:].tolist()


def test_each_row_keeps_to_its_own_schema(tokenizer, grammars) -> None:
    other = {"type": "object", "properties": {"n": {"enum": [1, 22]}}, "required": ["n"]}
    other["additionalProperties"] = False
    matchers = [grammars.matcher(SCHEMA), grammars.matcher(other)]
    rows = written(constrain.Held(matchers, 3), len(tokenizer) + 13, 60)
    first, second = (tokenizer.decode(row, skip_special_tokens=True) for row in rows)
    assert json.loads(first)["verdict"] in ("supported", "contradicted", "undecided")
    assert json.loads(second) in ({"n": 1}, {"n": 22})
    assert all(tokenizer.eos_token_id in row for row in rows)


def test_a_row_without_a_schema_is_free(tokenizer, grammars) -> None:
    rows = written(constrain.Held([None, grammars.matcher(SCHEMA)], 3), len(tokenizer), 4)
    assert rows[0] == [0, 0, 0, 0]
    assert rows[1] != [0, 0, 0, 0]


def test_ids_beyond_the_tokenizer_are_not_allowed(tokenizer, grammars) -> None:
    held = constrain.Held([grammars.matcher(SCHEMA)], 0)
    scores = torch.zeros(1, len(tokenizer) + 500)  # models round their vocabularies up
    out = held(torch.zeros(1, 0, dtype=torch.long), scores)
    assert torch.isinf(out[0, len(tokenizer) :]).all()
    assert torch.isfinite(out[0]).any()


def test_a_matcher_is_fresh_each_time(grammars) -> None:
    used = grammars.matcher(SCHEMA)
    used.consume_token(grammars._tokens.tokenize_str('{"')[0])
    assert used.compute_bitmask() != grammars.matcher(SCHEMA).compute_bitmask()


def test_a_schema_that_is_none_is_refused(grammars) -> None:
    with pytest.raises(ValueError, match="schema"):
        grammars.matcher({"type": "strin"})


def test_the_card_says_what_holds_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert constrain.constraint_named("json_schema").startswith("llguidance ")
    assert constrain.constraint_named("none").startswith("nothing")
    monkeypatch.setattr(constrain, "find_spec", lambda name: None)
    assert constrain.constraint_named("json_schema").startswith("nothing")
