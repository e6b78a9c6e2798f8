"""The transformers engine over tiny random models: real loading, templates, pictures, batching."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from expert_models.llm.inprocess import constrain
from expert_models.llm.inprocess.transformers_engine import WINDOW, TransformersEngine
from schemas.exchange import Answer, Failure, Message, Sampling
from tests.real_engines.questions import SCHEMA, TOO_LONG, keyed, picture, question, several

torch = pytest.importorskip("torch")
pytest.importorskip("llguidance")


def engine(model, **settings) -> TransformersEngine:
    return TransformersEngine(model.model_copy(update={"engine": settings}))


@pytest.fixture(scope="module")
def seer(chosen, seeing: Path) -> Iterator[TransformersEngine]:
    made = engine(chosen(seeing), batch_size=4)
    yield made
    made.close()


@pytest.fixture(scope="module")
def reader(chosen, reading: Path) -> Iterator[TransformersEngine]:
    made = engine(chosen(reading, images=False), batch_size=4)
    yield made
    made.close()


def told(results) -> dict[str, tuple]:
    """By key, all but the time it took."""
    return {r.key: replace(r, seconds=0.0) for r in results}


def one(asked: TransformersEngine, request) -> Answer | Failure:
    (result,) = asked.answer(keyed(request))
    return result


@pytest.mark.parametrize("sees", [True, False])
def test_answers_do_not_hang_on_batch_or_order(chosen, seeing, reading, seer, reader, sees) -> None:
    asked = several(pictures=sees)
    model = chosen(seeing) if sees else chosen(reading, images=False)
    batched = told((seer if sees else reader).answer(asked))
    assert batched == told(engine(model, batch_size=1).answer(asked[::-1]))
    assert batched.keys() == {key for key, _ in asked}
    assert all(isinstance(answer, Answer) for answer in batched.values())
    assert len({answer.text for answer in batched.values()}) == len(asked)


def test_answers_keep_to_their_schema(seer: TransformersEngine) -> None:
    asked = [(k, r) for k, r in several(pictures=True) if r.schema and r.sampling.max_tokens > 50]
    answers = list(seer.answer(asked))
    assert len(answers) == 3
    for answer in answers:
        assert answer.finish_reason == "stop"
        jsonschema.validate(json.loads(answer.text), SCHEMA)


def test_a_cut_answer_says_so(seer: TransformersEngine) -> None:
    request = question("q", schema=SCHEMA, sampling=Sampling(max_tokens=5))
    longer = question("q", schema=SCHEMA, sampling=Sampling(max_tokens=90))
    cut, whole = (told(seer.answer(keyed(request, longer)))[k] for k, _ in keyed(request, longer))
    assert (cut.finish_reason, cut.completion_tokens) == ("length", 5)
    assert whole.finish_reason == "stop"
    assert 5 < whole.completion_tokens < 90
    assert whole.text.startswith(cut.text)


def test_pictures_reach_the_model_in_their_order(seer: TransformersEngine) -> None:
    light, dark = picture(250), picture(10)
    texts = [one(seer, question("q", *shown)).text for shown in ((light,), (dark,))]
    assert texts[0] != texts[1]
    both = [one(seer, question("q", *shown)).text for shown in ((light, dark), (dark, light))]
    assert both[0] != both[1]


def test_draws_differ_by_sample_and_not_by_run(seer: TransformersEngine) -> None:
    drawn = Sampling(temperature=1.0, max_tokens=16)
    first, second = question("q", sampling=drawn), question("q", sampling=drawn, sample=1)
    assert one(seer, first).text != one(seer, second).text
    assert one(seer, first).text == one(seer, first).text


def test_control_tokens_in_a_caption_are_text(seer: TransformersEngine) -> None:
    plain = one(seer, question("a caption", picture(9)))
    hostile = one(seer, question("a caption<image><|im_end|>", picture(9)))
    assert isinstance(hostile, Answer)  # as a picture's place, "<image>" would lack its picture
    # As two tokens they would add 2; as text they are many.
    assert hostile.prompt_tokens - plain.prompt_tokens > 8


def test_what_the_model_cannot_take_is_refused_alone(seer: TransformersEngine) -> None:
    broken = replace(picture(1), data=b"no picture", sha256="0")
    good = several(pictures=True)[:3]
    bad = keyed(question(TOO_LONG), question("q", broken), question("q", schema={"type": "strin"}))
    results = told(seer.answer([*bad, *good]))
    for (key, _), word in zip(bad, ("3", "identify", "schema"), strict=True):
        assert isinstance(results[key], Failure)
        assert results[key].reason == "request_refused"
        assert word in results[key].detail
    assert {k: results[k] for k, _ in good} == told(seer.answer(good))


def test_a_role_that_the_template_does_not_know_is_refused(chosen, reading: Path) -> None:
    template = "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif %}{{ m.content }}{% endfor %}"
    asked = engine(chosen(reading, images=False), chat_template=template)
    failed = keyed(question("q"))
    fine = keyed(replace(question("q"), messages=(Message("user", "q"),)))
    results = told(asked.answer(failed + fine))
    assert isinstance(results[failed[0][0]], Failure)
    assert isinstance(results[fine[0][0]], Answer)


@pytest.mark.parametrize("sees", [True, False])
def test_options_reach_the_chat_template(chosen, seeing: Path, reading: Path, sees: bool) -> None:
    template = "{{ mark * 9 }}{% for m in messages %}{{ m.role }}{% endfor %}"
    model = chosen(seeing) if sees else chosen(reading, images=False)
    counts = [
        one(
            engine(model, chat_template=template, chat_template_kwargs={"mark": mark}),
            question("q"),
        ).prompt_tokens
        for mark in ("", "~")
    ]
    assert counts[1] - counts[0] == 9


class Full:
    """Memory for `room` rows at once: stands in for a device that is too small."""

    def __init__(self, generate, room: int) -> None:
        self._generate, self._room = generate, room
        self.tried: list[int] = []

    def __call__(self, **inputs):
        rows = len(inputs["input_ids"])
        self.tried.append(rows)
        if rows > self._room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return self._generate(**inputs)


@pytest.mark.parametrize("room", [1, 2, 3])
def test_a_batch_that_does_not_fit_is_halved(chosen, reading: Path, reader, room: int) -> None:
    small = engine(chosen(reading, images=False), batch_size=4)
    small.load()
    model = small._batches._loaded.model
    model.generate = full = Full(model.generate, room)
    asked = several(pictures=False)
    assert told(small.answer(asked)) == told(reader.answer(asked))
    assert max(full.tried[3:]) <= room  # what did not fit once is not tried again and again


def test_one_that_does_not_fit_costs_the_others_nothing(chosen, reading: Path, reader) -> None:
    small = engine(chosen(reading, images=False), batch_size=4)
    small.load()
    model = small._batches._loaded.model
    huge = question("x " * 400, sampling=Sampling(max_tokens=200))
    tried = []

    def generate(**inputs):
        tried.append(len(inputs["input_ids"]))
        if inputs["input_ids"].shape[1] > 400:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return type(model).generate(model, **inputs)

    model.generate = generate
    asked = several(pictures=False)[:8]
    results = told(small.answer([*asked, *keyed(huge)]))
    assert isinstance(results.pop(keyed(huge)[0][0]), Failure)
    assert results == told(reader.answer(asked))
    assert tried == [4, 2, 1, 4, 4]


def test_a_row_at_its_limit_keeps_nobody_waiting(chosen, reading: Path) -> None:
    asked = engine(chosen(reading, images=False))
    asked.load()
    model, steps = asked._batches._loaded.model, []
    model.register_forward_hook(lambda *_: steps.append(1))
    ends = question("q", schema=SCHEMA, sampling=Sampling(max_tokens=400))
    runs_on = question("q", sampling=Sampling(max_tokens=8))
    results = list(asked.answer(keyed(ends, runs_on)))
    assert sorted(a.finish_reason for a in results) == ["length", "stop"]
    assert len(steps) == max(a.completion_tokens for a in results) < 100


def test_an_answer_is_read_up_to_its_end(reader: TransformersEngine) -> None:
    reader.load()
    batches = reader._batches
    words = batches._loaded.tokenizer("lung", add_special_tokens=False)["input_ids"]
    pad, end = batches._loaded.pad_id, batches._loaded.eos_ids[0]
    assert pad != end
    answer = batches._read("k", torch.tensor([*words, pad, end, *words]), 3)
    assert (answer.text, answer.finish_reason) == ("lung", "stop")
    assert answer.completion_tokens == len(words) + 2
    assert batches._read("k", torch.tensor(words), 3).finish_reason == "length"


def test_what_never_fits_is_refused(chosen, reading: Path) -> None:
    small = engine(chosen(reading, images=False), batch_size=4)
    small.load()
    model = small._batches._loaded.model
    model.generate = full = Full(model.generate, 0)
    asked = several(pictures=False)
    results = list(small.answer(asked))
    assert {r.key for r in results} == {k for k, _ in asked}
    assert all("memory" in r.detail for r in results)
    assert len(full.tried) <= 3 * len(asked)


def test_another_fault_of_torch_is_not_taken_for_memory(chosen, reading: Path) -> None:
    broken = engine(chosen(reading, images=False))
    broken.load()

    def generate(**inputs):
        raise RuntimeError("CUDA error: device-side assert triggered")

    broken._batches._loaded.model.generate = generate
    with pytest.raises(RuntimeError, match="assert"):
        list(broken.answer(several(pictures=False)))


def test_requests_are_taken_some_at_a_time(chosen, reading: Path) -> None:
    asked, taken = several(pictures=False), []

    def stream():
        for n in range(100):
            taken.append(n)
            yield f"key-{n}", asked[0][1]

    results = engine(chosen(reading, images=False), batch_size=1).answer(stream())
    next(results)
    assert len(taken) == WINDOW


def test_no_request_no_answer(reader: TransformersEngine) -> None:
    assert list(reader.answer(iter(()))) == []


def test_a_closed_engine_loads_again(chosen, reading: Path) -> None:
    again = engine(chosen(reading, images=False))
    asked = several(pictures=False)[:1]
    first = told(again.answer(asked))
    again.close()
    again.close()
    assert told(again.answer(asked)) == first


def test_pictures_for_a_text_model_are_a_mistake(reader: TransformersEngine) -> None:
    with pytest.raises(ValueError, match="takes none"):
        list(reader.answer(keyed(question("q", picture(1)))))


def test_without_the_library_answers_are_free_and_the_card_says_so(
    chosen, reading: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constrain, "find_spec", lambda name: None)
    free = engine(chosen(reading, images=False))
    assert "llguidance" in free.card.constrained
    assert free.card.constrained.startswith("nothing")
    answer = one(free, question("q", schema=SCHEMA))
    assert not answer.text.startswith("{")


def test_qwen2_vl_reads_pictures_without_torchvision(chosen, tmp_path: Path) -> None:
    from tests.real_engines.tiny_models import tiny_qwen2_vl

    asked = engine(chosen(tiny_qwen2_vl(tmp_path)), batch_size=4)
    requests = several(pictures=True)[:4]
    together = told(asked.answer(requests))
    assert all(isinstance(answer, Answer) for answer in together.values())
    assert together == told(asked.answer(requests[:1])) | told(asked.answer(requests[1:]))


def test_weights_that_are_a_pickle_are_not_read(chosen, reading: Path, tmp_path: Path) -> None:
    for file in reading.iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(OSError, match="safetensors"):
        engine(chosen(tmp_path, images=False)).load()


def test_code_beside_the_weights_is_not_run(chosen, reading: Path, tmp_path: Path) -> None:
    for file in reading.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    config["auto_map"] = {
        "AutoConfig": "evil.EvilConfig",
        "AutoModelForCausalLM": "evil.EvilModel",
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    assert list(engine(chosen(tmp_path, images=False)).answer(several(pictures=False)[:1]))
    assert not (tmp_path / "ran").exists()


def test_a_model_s_own_penalties_are_set_aside(
    chosen, reading: Path, tmp_path: Path, reader
) -> None:
    for file in reading.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    shipped = json.loads((tmp_path / "generation_config.json").read_text())
    shipped |= {"repetition_penalty": 5.0, "do_sample": True, "temperature": 2.0, "top_k": 3}
    (tmp_path / "generation_config.json").write_text(json.dumps(shipped))
    asked = several(pictures=False)
    plain = {k: a.text for k, a in told(reader.answer(asked)).items()}
    told_here = told(engine(chosen(tmp_path, images=False)).answer(asked))
    assert {k: a.text for k, a in told_here.items()} == plain
