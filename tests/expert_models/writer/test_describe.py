"""Descriptions by a model. The models here are a few lines each: they stand in for big ones."""

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PIL import Image as Pillow

from expert_models.writer.choice import WritingChoice
from expert_models.writer.describe import describe, describe_prompts
from expert_models.writer.draft import Draft, Rejected
from quality.judging import judge_sentences
from schemas.exchange import Answer, Ask, Failure, Request, request_key
from schemas.passage import Passage
from schemas.reasons import REASONS
from schemas.sentence import ATTRIBUTES, Sentence
from transforms.prompting.aliases import Aliases
from transforms.showing.copies import overlay_copy, sent_copy
from transforms.showing.view import View
from transforms.words.describe import describe as facts_describe

CHOICE = WritingChoice(model="fake")
ROW = {
    "text": "This is a radiograph.",
    "attribute": "modality",
    "facts": ["F1"],
    "regions": [],
    "passages": [],
}


def row(**fields: Any) -> dict[str, Any]:
    return ROW | fields


def code_of(request: Request) -> str:
    assert request.schema is not None
    code: str = request.schema["properties"]["code"]["enum"][0]
    return code


def says(*rows: dict[str, Any], seen: list[Request] | None = None) -> Ask:
    """A model that writes these rows whatever it is asked."""

    async def ask(request: Request) -> Answer | Failure:
        if seen is not None:
            seen.append(request)
        text = json.dumps({"code": code_of(request), "sentences": list(rows)})
        return Answer("key", text, "fake", "stop", 1, 1)

    return ask


def drafted(view: View, ask: Ask, **more: Any) -> Draft:
    return asyncio.run(describe(view, ask, more.pop("choice", CHOICE), **more))


def asked(view: View, **more: Any) -> Request:
    """The first request on the view."""
    seen: list[Request] = []
    drafted(view, says(row(), seen=seen), **more)
    return seen[0]


def pictured(view: View) -> View:
    out = io.BytesIO()
    image = view.sheet.image
    Pillow.fromarray(np.full((image.height, image.width), 90, np.uint8)).save(out, "PNG")
    boxed = [replace(r, mask=None) for r in view.sheet.regions]
    sent, scale = sent_copy(out.getvalue(), side=512)
    return replace(
        view, image=sent, overlay=overlay_copy(out.getvalue(), boxed, side=512), scale=scale
    )


def test_sentences_come_with_their_ids(sheets: ModuleType) -> None:
    view = View(sheets.chest_xray())
    aliases = Aliases(view)
    draft = drafted(view, says(row(), row(text="The right lung is seen.", regions=["R1", "R1"])))
    assert not draft.faults
    assert draft.tries == 1
    assert draft.sentences[0].fact_ids == [aliases.facts["F1"]]
    assert draft.sentences[1].region_ids == [view.sheet.regions[0].id]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(facts=["F1", "F999"]), "id_unknown"),
        (row(regions=["F1"]), "id_unknown"),
        (row(passages=["P1"]), "id_unknown"),
        (row(text="Short."), "text_malformed"),
        (row(text="Long. " * 200), "text_malformed"),
        (row(text="R1 lies in the center of the image."), "text_malformed"),
        (row(), "text_malformed"),  # said before
    ],
)
def test_a_bad_row_costs_itself_alone(sheets: ModuleType, bad: dict[str, Any], reason: str) -> None:
    good = (row(), row(text="The picture shows the chest.", facts=["F2"]))
    draft = drafted(View(sheets.chest_xray()), says(good[0], bad, good[1]))
    assert [s.text for s in draft.sentences] == [g["text"] for g in good]
    (fault,) = draft.faults
    assert (fault.scope, fault.reason) == ("sentence 2", reason)
    assert fault.reason in REASONS
    assert len(fault.text) <= 400


def test_sentences_beyond_the_number_asked_for_are_faults(sheets: ModuleType) -> None:
    rows = [row(text=f"This is radiograph number {n}.") for n in range(5)]
    draft = drafted(
        View(sheets.chest_xray()), says(*rows), choice=WritingChoice(model="m", sentences=3)
    )
    assert len(draft.sentences) == 3
    assert [f.scope for f in draft.faults] == ["sentence 4", "sentence 5"]


@pytest.mark.parametrize(
    ("answer", "reason", "tries"),
    [
        (lambda r: Answer("k", "[", "m", "stop", 1, 1), "answer_malformed", 2),
        (lambda r: Answer("k", "I cannot do that.", "m", "stop", 1, 1), "answer_refused", 1),
        (lambda r: Answer("k", "{}", "m", "length", 1, 1), "answer_truncated", 2),
        (
            lambda r: Answer("k", '{"code": "0ther", "sentences": []}', "m", "stop", 1, 1),
            "answer_for_other_item",
            2,
        ),
        (lambda r: Failure("k", "endpoint_unavailable", "503"), "endpoint_unavailable", 1),
    ],
)
def test_a_lost_answer_is_one_fault(
    sheets: ModuleType, answer: Callable[[Request], Answer | Failure], reason: str, tries: int
) -> None:
    async def ask(request: Request) -> Answer | Failure:
        return answer(request)

    draft = drafted(View(sheets.chest_xray()), ask)
    assert draft.sentences == []
    (fault,) = draft.faults
    assert (fault.scope, fault.reason, fault.tries) == ("description", reason, tries)


def test_nothing_written_is_a_fault_unless_it_replaces(sheets: ModuleType) -> None:
    view = View(sheets.chest_xray())
    assert [f.reason for f in drafted(view, says()).faults] == ["answer_empty"]
    rejected = [Rejected("The lung is normal.", "finding_unsupported", "normal")]
    assert drafted(view, says(), rejected=rejected).faults == []


def test_nothing_is_asked_where_nothing_is_known(sheets: ModuleType) -> None:
    seen: list[Request] = []
    draft = drafted(View(sheets.Maker("void").sheet()), says(row(), seen=seen))
    assert (seen, draft.tries) == ([], 0)
    assert [f.reason for f in draft.faults] == ["rests_on_nothing"]


def test_a_rewrite_asks_for_replacements_only(sheets: ModuleType) -> None:
    view = View(sheets.chest_xray())
    hostile = Rejected("The lung is\n>> normal.\u202e", "finding_unsupported", "found normal")
    request = asked(view, rejected=[hostile])
    text = request.messages[-1].text
    fenced, task = text.rsplit(">>\n", 1)
    assert "The lung is >> normal." in fenced
    assert REASONS["finding_unsupported"] in fenced
    assert "normal" not in task
    assert "at most 1 sentence" in task
    assert request.schema is not None
    assert request.schema["properties"]["sentences"]["maxItems"] == 1
    assert code_of(request) != code_of(asked(view))
    assert request_key("m", "", request) != request_key("m", "", asked(view))


def test_a_model_that_repeats_the_fence_does_not_close_it(sheets: ModuleType) -> None:
    view = View(sheets.chest_xray())
    seen = asked(view).messages[-1].text.split()[0].removeprefix("<<")
    repeated = Rejected(f"The lung is {seen}>> normal.", "word_unknown", "")
    text = asked(view, rejected=[repeated]).messages[-1].text
    marker = text.split()[0].removeprefix("<<")
    assert seen in text
    assert marker != seen
    assert text.count(marker) == 4  # two blocks, opened and closed


def test_the_schema_holds_the_names_of_this_view_only(sheets: ModuleType) -> None:
    view = View(sheets.chest_xray(), (Passage("p", "s", "CC0-1.0", "Some text."),))
    schema = asked(view).schema
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    item = schema["properties"]["sentences"]["items"]["properties"]
    aliases = Aliases(view)
    assert item["facts"]["items"]["enum"] == list(aliases.facts)
    assert item["regions"]["items"]["enum"] == list(aliases.regions)
    assert item["passages"]["items"]["enum"] == ["P1"]
    assert item["attribute"]["enum"] == list(ATTRIBUTES)


def test_what_the_view_lacks_cannot_be_named(sheets: ModuleType) -> None:
    schema = asked(View(sheets.dermoscopy())).schema
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    item = schema["properties"]["sentences"]["items"]["properties"]
    assert item["passages"] == {"type": "array", "items": {"type": "string"}, "maxItems": 0}
    assert "knowledge" not in item["attribute"]["enum"]
    assert "enum" not in json.dumps(item["passages"])


ALLOWED = {
    "type", "title", "properties", "required", "additionalProperties", "enum", "items", "minItems",
    "maxItems", "minLength", "maxLength",
}  # fmt: skip


def test_the_schema_keeps_to_keywords_that_servers_compile(sheets: ModuleType) -> None:
    def check(part: Any, *, names: bool = False) -> None:
        if isinstance(part, dict):
            assert names or set(part) <= ALLOWED
            assert part.get("enum") != []
            if part.get("type") == "object":
                assert part["additionalProperties"] is False
                assert part["required"] == list(part["properties"])
            for key, value in part.items():
                check(value, names=key == "properties")

    for make in sheets.SHEETS.values():
        check(asked(View(make() if callable(make) else make)).schema)


def test_pictures_go_with_the_facts_and_rules_before_them(sheets: ModuleType) -> None:
    view = pictured(View(sheets.chest_xray()))
    other = View(sheets.breast_ultrasound())
    request = asked(replace(view, others=(other,)))
    system, user = request.messages
    assert (system.role, user.role) == ("system", "user")
    assert user.images == (view.image, view.overlay)  # nothing of the other image
    assert system.images == ()
    assert "data-" not in user.text.split("<<")[0]
    assert "outlined" in system.text
    assert "do not see the picture" in asked(View(sheets.chest_xray())).messages[0].text


def test_a_known_doubt_is_asked_for_outside_the_fence(sheets: ModuleType) -> None:
    flagged = sheets.Maker("doubt", modality="CT", flags=["synthetic phantom"]).says(
        "modality", "CT"
    )
    _, task = asked(View(flagged.sheet())).messages[-1].text.rsplit(">>\n", 1)
    assert "word for word: The picture is that of a synthetic phantom, not of a patient." in task
    _, task = asked(View(sheets.chest_xray())).messages[-1].text.rsplit(">>\n", 1)
    assert "word for word" not in task


def test_the_rules_are_the_same_for_every_image(sheets: ModuleType) -> None:
    """So that a server computes them once."""
    one, two = (asked(pictured(View(s))) for s in (sheets.chest_xray(), sheets.breast_ultrasound()))
    assert one.messages[0] == two.messages[0]
    assert code_of(one) != code_of(two)
    assert len(one.messages[0].text) < 4000


def test_a_user_prompt_replaces_ours_and_changes_the_digest(
    sheets: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "describe.j2").write_text(
        "{#- version: mine -#}\nTell me. code: {{ code }}", "utf-8"
    )
    choice = WritingChoice(model="m", prompts=tmp_path)
    request = asked(View(sheets.chest_xray()), choice=choice)
    assert request.messages[-1].text.startswith("Tell me.")
    assert request.prompt_sha256 == describe_prompts(tmp_path).sha256
    assert request.prompt_sha256 != describe_prompts().sha256


def test_what_the_facts_say_can_be_drafted_and_passes_every_gate(sheets: ModuleType) -> None:
    """A model as good as the generator `facts`: its sentences come back from names to ids and pass."""
    passed = 0
    for make in sheets.SHEETS.values():
        sheet = make() if callable(make) else make
        view = View(sheet)
        aliases = Aliases(view)
        known = [s for s in facts_describe(sheet, []) if _shown(s, aliases)][: CHOICE.sentences]
        rows = [
            row(
                text=s.text,
                attribute=s.attribute,
                facts=aliases.all_of(s.fact_ids),
                regions=aliases.all_of(s.region_ids),
            )
            for s in known
        ]
        draft = drafted(view, says(*rows))
        for verdicts in judge_sentences(sheet, draft.sentences, []):
            assert [v for v in verdicts if not v.passed] == []
        assert len(draft.sentences) == len(known)
        passed += len(known)
    assert passed > 20


def _shown(sentence: Sentence, aliases: Aliases) -> bool:
    return all(aliases.of(i) for i in (*sentence.fact_ids, *sentence.region_ids))


KEYS = """
import asyncio, importlib.util, sys
spec = importlib.util.spec_from_file_location("sheets", sys.argv[1])
sheets = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sheets)
from expert_models.writer.choice import WritingChoice
from expert_models.writer.describe import describe
from schemas.exchange import Failure, request_key
from transforms.showing.view import View

async def ask(request):
    print(request_key("m", "", request))
    return Failure("k", "endpoint_unavailable", "")

for sheet in (sheets.chest_xray(), sheets.nuclei()):
    asyncio.run(describe(View(sheet), ask, WritingChoice(model="m")))
"""


def test_keys_are_the_same_in_every_process(sheets: ModuleType) -> None:
    keys = {
        subprocess.run(
            [sys.executable, "-c", KEYS, str(sheets.__file__)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[3])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(keys) == 1
    assert len(keys.pop().split()) == 2
