"""Conversations and questions on several images: from verified words to a loaded corpus.

No model is asked: the words are put into the verified shards of a built corpus, and the build goes on
from there, as it does after any change upstream.
"""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.build import build
from pipelines.check_release import check_release
from pipelines.check_words import check_conversations, check_further_images, paths
from pipelines.commit import commit, read_record
from pipelines.engines.inline import InlineEngine
from pipelines.phases.rows import VERIFIED
from pipelines.progress import Progress
from schemas.conform import to_table
from schemas.corpus import CONVERSATIONS, VQA
from schemas.ids import content_id

HELD = {"gate": "turns", "passed": True, "measured": "2", "limit": None, "reason": None}


def talk(row: dict, fact: str) -> dict:
    """A conversation of two turns that rests on a fact of its image."""
    turns = [
        {"role": "user", "text": "What is shown?", "region_ids": [], "fact_ids": [], "passage_ids": []},
        {"role": "assistant", "text": "A picture.", "region_ids": [], "fact_ids": [fact], "passage_ids": []},
    ]  # fmt: skip
    return {"id": content_id("talk", row["id"]), "image_id": row["id"], "turns": turns}


def put_words(out: Path, splits: set[str]) -> dict[str, list[str]]:
    """A conversation for every image of `splits`; the first question of an image is asked of others
    of its shard and split as well. Returns further image ids by question.
    """
    several: dict[str, list[str]] = {}
    folder = out / "run" / "verify"
    for path in sorted((folder / "commits").glob("*.json")):
        done = read_record(folder, path.stem)
        rows = pq.read_table(folder / done.file("verified")).to_pylist()
        others = {name: pq.read_table(folder / done.file(name)) for name in tables_of(done)}
        images = pq.read_table(
            out / "run/ingest/data" / f"{path.stem}.images.parquet",
            columns=["id", "facts"],
        ).to_pylist()
        known = {image["id"]: image for image in images}
        for row in rows:
            mates = [r["id"] for r in reversed(rows) if r["split"] == row["split"]][:3]
            for question in row["questions"][:1]:
                further = [id for id in mates if id != row["id"]]
                question["more_image_ids"] = several[question["id"]] = further
            if row["split"] in splits:
                row["conversations"] = [talk(row, known[row["id"]]["facts"][0]["id"])]
                row["conversation_verdicts"] = [[HELD]]
        tables = {**others, "verified": to_table(rows, VERIFIED)}
        commit(folder, done.shard, done.key, tables, done.counts)
    return {id: mates for id, mates in several.items() if mates}


def tables_of(done) -> list[str]:
    names = [entry.path.split(".")[-2] for entry in done.files]
    return [name for name in names if name != "verified"]


@pytest.fixture(scope="module")
def talking(built: Path, small_order, tmp_path_factory: pytest.TempPathFactory):
    """OUT with conversations in train only, and the further images of its questions."""
    out = tmp_path_factory.mktemp("talking")
    shutil.copytree(built, out, dirs_exist_ok=True)
    several = put_words(out, {"train"})
    build(small_order(out), InlineEngine(1), Progress(out, quiet=True))
    return out, several


def rows_of(out: Path, config: str) -> list[dict]:
    return table_of(out / "corpus", config).to_pylist()


def test_every_promise_holds(talking) -> None:
    assert check_release(talking[0]) == []


def test_a_config_or_split_without_rows_is_not_released(built: Path, talking) -> None:
    assert not (built / "corpus/data/conversations").exists()
    assert "conversations" not in (built / "corpus/README.md").read_text("utf-8")
    files = [p.name for p in (talking[0] / "corpus/data/conversations").iterdir()]
    assert files == ["train-00000-of-00001.parquet"]
    card = (talking[0] / "corpus/README.md").read_text("utf-8")
    assert card.count("data/conversations/train-*.parquet") == 1
    assert "data/conversations/test" not in card


def test_datasets_decodes_images_and_lists_of_images(talking, tmp_path: Path) -> None:
    from datasets import load_dataset

    out, several = talking
    sizes = {row["id"]: (row["width"], row["height"]) for row in rows_of(out, "images")}
    talks = load_dataset(str(out / "corpus"), "conversations", cache_dir=str(tmp_path))
    assert list(talks) == ["train"]
    first = talks["train"][0]
    assert first["image"].size == sizes[first["image_id"]]
    assert [turn["role"] for turn in first["turns"]] == ["user", "assistant"]
    asked = load_dataset(str(out / "corpus"), "vqa", cache_dir=str(tmp_path))
    found = [row for split in asked.values() for row in split if row["more_image_ids"]]
    assert {row["id"]: row["more_image_ids"] for row in found} == several
    assert len(found) > 5
    for row in found:
        assert [p.size for p in row["more_images"]] == [sizes[i] for i in row["more_image_ids"]]


def test_the_books_and_the_card_count_conversations(talking) -> None:
    from pipelines.accounts import accounts

    out, _ = talking
    released = len(rows_of(out, "conversations"))
    lines = {(line.phase, line.what): line for line in accounts(out)}
    assert lines["balance", "conversations"].kept == released > 10
    assert f"and {released} conversations." in (out / "corpus/README.md").read_text("utf-8")


def test_verified_answers_are_released_with_their_options_in_another_order(talking) -> None:
    out, _ = talking
    judged = {}
    for path in sorted((out / "run/verify/data").glob("*.verified.parquet")):
        for row in pq.read_table(path).to_pylist():
            judged |= {q["id"]: q for q in row["questions"]}
    moved = 0
    for row in rows_of(out, "vqa"):
        question = judged.pop(row["id"])
        assert sorted(row["options"]) == sorted(question["options"])
        assert row["answer"] == question["answer"]
        if row["options"]:
            assert row["options"][row["answer_index"]] == row["answer"]
            moved += row["options"] != question["options"]
            others = [o for o in question["options"] if o != row["answer"]]
            assert [o for o in row["options"] if o != row["answer"]] == others
    assert judged == {}
    assert moved > 20


def test_quotas_reach_the_release_and_the_rejects(talking, small_order, tmp_path: Path) -> None:
    out, _ = talking
    shutil.copytree(out, tmp_path, dirs_exist_ok=True)
    order = small_order(tmp_path)
    quotas = {"question_type": {"conversation": 4, "modality": 6}}
    choice = {"quotas": quotas, "options_only": "off"}
    recipe = type(order.recipe).model_validate(order.recipe.model_dump() | {"balance": choice})
    order = type(order)(recipe, order.recipe_folder, order.out, order.data_root)
    build(order, InlineEngine(1), Progress(tmp_path, quiet=True))
    assert check_release(tmp_path) == []
    assert len(rows_of(tmp_path, "conversations")) == 4
    kinds = [row["question_type"] for row in rows_of(tmp_path, "vqa")]
    assert kinds.count("modality") == 6
    rejects = pq.read_table(tmp_path / "run/rejects/balance.parquet").to_pylist()
    assert {r["reason"] for r in rejects} == {"quota_full"}
    assert {r["scope"] for r in rejects} == {"question", "conversation"}


def test_verify_finds_pictures_of_other_images(talking, tmp_path: Path) -> None:
    corpus = talking[0] / "corpus"
    assert list(check_further_images(table_of(corpus, "vqa"), corpus)) == []
    shutil.copytree(corpus / "data" / "images", tmp_path / "data" / "images")
    rows = rows_of(talking[0], "vqa")
    row = next(row for row in rows if len(row["more_images"]) > 1)
    row["more_images"].reverse()
    (tmp_path / "data" / "vqa").mkdir()
    table = pa.Table.from_pylist(rows, VQA)
    pq.write_table(table, tmp_path / "data" / "vqa" / "train-00000-of-00001.parquet")
    found = list(check_further_images(table, tmp_path))
    assert found == [(f"vqa {row['id']}", "more_images are not those of more_image_ids")]


def table_of(corpus: Path, config: str) -> pa.Table:
    return pa.concat_tables([pq.read_table(p) for p in paths(corpus, config)])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row["turns"].pop(), "roles are user; expected user and assistant in turn"),
        (lambda row: row["turns"].reverse(), "roles are assistant, user; expected user and"),
        (lambda row: row["turns"].clear(), "roles are none"),
        (lambda row: row["turns"][1].update(fact_ids=["fact-0"]), "turn 2 names fact-0"),
        (lambda row: row["turns"][1].update(region_ids=["reg-0"]), "turn 2 names reg-0"),
        (lambda row: row["turns"][0].update(text=" "), "turn 1 says nothing"),
        (lambda row: row.update(image_id="img-0"), "image img-0 is not in the corpus"),
    ],
    ids=["odd", "reversed", "empty", "fact", "region", "silent", "image"],
)
def test_verify_finds_a_broken_conversation(talking, change, said: str) -> None:
    rows = rows_of(talking[0], "conversations")
    change(rows[3])
    found = list(
        check_conversations(pa.Table.from_pylist(rows, CONVERSATIONS), talking[0] / "corpus")
    )
    assert [place for place, _ in found] == [f"conversations {rows[3]['id']}"]
    assert found[0][1].startswith(said)
