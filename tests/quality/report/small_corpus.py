"""A small corpus by hand, per the contract: what the card and the report are tested on.

Drawn from the demo's phantoms, but with words of its own, so that no generator is needed.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Features, List
from datasets import Image as ImageFeature
from PIL import Image as Pillow
from pycocotools import mask as coco

from pipelines.demo import blood_smear, breast_ultrasound, fundus, skin, volumes
from pipelines.demo.truth import Phantom
from schemas.conform import plain, to_table
from schemas.conversation import Conversation, Turn
from schemas.corpus import CONFIGS
from schemas.fact import Fact, fact
from schemas.ids import content_id, digest
from schemas.image import Image
from schemas.passage import Passage
from schemas.question import Question
from schemas.region import POSITIONS, Region
from schemas.reject import REJECT, Reject
from schemas.sentence import Sentence
from schemas.verdict import Verdict

GENERATOR = {"backend": "facts", "model": "facts", "revision": "1", "prompt_sha256": None}
SOURCES = (
    {
        "name": "breast",
        "title": "Breast phantoms",
        "home": "https://example.org/a|b",
        "license": "CC0-1.0",
        "citation": "Drawn | for tests",
        "known_issues": ["no <b>spacing</b>"],
    },
    {"name": "smear", "title": "Smear phantoms", "home": None, "license": "MIT", "citation": ""},
)


def small_corpus(
    root: Path, *, hostile: str = "", volumes_too: bool = False, most: int = 8
) -> pa.Table:
    """Write `root`/corpus and return its rejects. `hostile` goes into every text of a source.

    most  images of one source, at most
    """
    rows = list(_drawn(volumes_too, most))
    if hostile:
        rows = [_poisoned(row, hostile) for row in rows]
    for config, records in _configs(rows).items():
        for split in ("train", "test"):
            chosen = [r for r in records if r["split"] == split]
            if not chosen:
                continue
            shards = [chosen[::2], chosen[1::2]] if config == "triplets" else [chosen]
            for n, shard in enumerate(shards):
                name = f"{split}-{n:05d}-of-{len(shards):05d}.parquet"
                _write(root / "corpus/data" / config / name, shard, CONFIGS[config])
    return to_table(_rejects(hostile), REJECT)


def _write(path: Path, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    """The Hub decodes a column whose Arrow field, nullability included, equals the feature."""
    features = Features.from_arrow_schema(schema)
    features["image"] = ImageFeature()
    if "more_images" in features:
        features["more_images"] = List(ImageFeature())
    place = schema.get_field_index("image")
    schema = schema.set(place, schema.field(place).with_nullable(True))
    named = {"info": {"features": features.to_dict()}}
    path.parent.mkdir(parents=True, exist_ok=True)
    table = to_table(rows, schema)
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(named)}), path)


@cache
def _drawn(volumes_too: bool, most: int) -> tuple[dict[str, Any], ...]:
    """The rows, drawn once a process; nobody changes them."""
    with TemporaryDirectory() as folder:
        return tuple(_rows(Path(folder), volumes_too, most))


def _rows(root: Path, volumes_too: bool, most: int) -> Iterator[dict[str, Any]]:
    for p in breast_ultrasound.write(root / "breast")[:most]:
        pixels = _read(root / "breast" / p.item)
        mask = p.objects[0].mask(*p.size)
        yield _row("breast", "US", "breast", p, pixels, [("mass", "lesion", mask)])
    for p in blood_smear.write(root / "smear")[: min(most, 4)]:
        cells = [(o.label, "cell", o.box) for o in p.objects]
        yield _row("smear", "GM-BF", "blood", p, _read(root / "smear" / p.item), cells)
    for p in fundus.write(root / "eye")[: min(most, 6)]:
        marks = [(o.label, "lesion", o.box) for o in p.objects]
        yield _row("eye", "OP", "retina", p, _read(root / "eye" / p.item), marks)
    for p in skin.write(root / "skin")[: min(most, 5)]:
        yield _row("skin", "DMS", "skin", p, _read(root / "skin" / p.item), [])
    if volumes_too:
        yield from _slices(root)


def _slices(root: Path) -> Iterator[dict[str, Any]]:
    import nibabel

    for p in volumes.write_chest_ct(root / "ct")[:2]:
        folder = root / "ct" / p.patient
        scan, labels, nodule = (
            np.asarray(nibabel.load(folder / f"{n}.nii.gz").dataobj).transpose(2, 1, 0)
            for n in ("ct", "labels", "nodule")
        )
        k = int(nodule.sum(axis=(1, 2)).argmax())
        shown = np.clip((scan[k] + 1350) / 1500 * 255, 0, 255).astype(np.uint8)
        marks = [(n, "organ", labels[k] == v) for v, n in volumes.CT_LABELS.items()]
        marks.append(("lung nodule", "lesion", nodule[k] == 1))
        row = _row("ct", "CT", "chest", p, shown, marks)
        row["image"] = replace(
            row["image"], spacing_mm=[2.0, 2.0], window="lung (C -600 HU, W 1500 HU)", frame=k,
            plane="axial", orientation="L\\P", flags=["synthetic phantom"],
        )  # fmt: skip
        yield row


def _read(path: Path) -> np.ndarray:
    return np.asarray(Pillow.open(path))


def _row(
    source: str, modality: str, anatomy: str, p: Phantom, pixels: np.ndarray, marks: list[tuple]
) -> dict[str, Any]:
    id = content_id("img", source, p.item)
    facts = [fact(id, "modality", value=modality), fact(id, "anatomy", value=anatomy)]
    regions = [_region(source, id, n, pixels.shape[:2], *mark) for n, mark in enumerate(marks)]
    image = _image(source, modality, anatomy, p, pixels, id, facts)
    return {"image": image, "regions": regions, **_words(image, regions, facts)}


def _image(
    source: str,
    modality: str,
    anatomy: str,
    p: Phantom,
    pixels: np.ndarray,
    id: str,
    facts: list[Fact],
) -> Image:
    stream = io.BytesIO()
    Pillow.fromarray(pixels).save(stream, "PNG")
    return Image(
        id=id, image={"bytes": stream.getvalue(), "path": f"{id}.png"},
        width=pixels.shape[1], height=pixels.shape[0], modality=modality, anatomy=anatomy,
        source=source, item=p.item, patient_key=digest(source, p.patient)[:24], study_key=None,
        frame=None, plane=None, spacing_mm=None, orientation=None, pixel_sha256=digest(p.item),
        phash="0" * 16, license="MIT" if source == "smear" else "CC0-1.0",
        split="test" if p.patient.endswith("3") else "train", facts=facts,
    )  # fmt: skip


def _region(source: str, id: str, n: int, size: tuple, label: str, kind: str, shape: Any) -> Region:
    mask = shape if isinstance(shape, np.ndarray) else None
    if mask is None:
        box, share, code = [float(v) for v in shape], 0.0, None
        share = (box[2] - box[0]) * (box[3] - box[1]) / (size[0] * size[1])
    else:
        x, y, w, h = coco.toBbox(found := coco.encode(np.asfortranarray(mask.astype(np.uint8))))
        box, share = [x, y, x + w, y + h], float(mask.mean())
        code = {"size": list(mask.shape), "counts": found["counts"].decode()}
    row, column = ((box[1] + box[3]) / 2 / size[0], (box[0] + box[2]) / 2 / size[1])
    position = POSITIONS[3 * int(row * 3) + int(column * 3)]
    return Region(
        content_id("reg", id, n), label, kind, box, code, share, position, "unknown", None, None,
        f"annotation:{source}@1", None, label, True, True,
    )  # fmt: skip


def _words(image: Image, regions: list[Region], facts: list[Fact]) -> dict[str, Any]:
    passage = Passage("p1", "glossary", "CC0-1.0", "A lesion is an area of changed tissue.", 0.5)
    sentences = [Sentence(f"The image shows the {image.anatomy}.", "anatomy", [], [facts[1].id])]
    for r in regions[:3]:
        text = f"A {r.label} lies in the {r.position} of the image."
        sentences.append(Sentence(text, "roi_position", [r.id], [facts[0].id]))
    if image.source == "breast":
        sentences.append(Sentence(passage.text, "knowledge", [], [], ["p1"]))
    options = ["ultrasonography", "fundus photography", "dermoscopy", "computed tomography"]
    asked = Question(
        content_id("qa", image.id, 1), image.id, "Which modality is this?", "modality", options,
        options[len(image.id) % 4], len(image.id) % 4, fact_ids=[facts[0].id],
    )  # fmt: skip
    yes = int(image.id[-1], 16) % 2
    several = [image.id] * 2 if image.source == "smear" else []
    polar = Question(
        content_id("qa", image.id, 2), image.id, "Is a mass present?", "finding_present",
        ["yes", "no"], ["yes", "no"][yes], yes, fact_ids=[facts[0].id], more_image_ids=several,
    )  # fmt: skip
    size = Question(
        content_id("qa", image.id, 3), image.id, "How wide is the image?", "how_large", [],
        f"{image.width} px", answer_value=float(image.width), unit="px", tolerance=2.0,
    )  # fmt: skip
    turns = [Turn("user", "What is shown?"), Turn("assistant", "A picture.", [], [facts[0].id])]
    return {
        "talks": [Conversation(content_id("talk", image.id), image.id, turns * 2)],
        "sentences": sentences, "passages": [passage] if image.source == "breast" else [],
        "questions": [asked, polar, size],
        "verdicts": [Verdict("modality", True, image.modality, "CT"), Verdict("count", True)],
    }  # fmt: skip


def _configs(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    images = [plain(row["image"]) for row in rows]
    triplets = [
        image
        | {k: plain(row[k]) for k in ("regions", "sentences", "passages", "verdicts")}
        | {"description": " ".join(s.text for s in row["sentences"]), "generator": GENERATOR}
        for image, row in zip(images, rows, strict=True)
    ]
    shared = ("image", "modality", "source", "license", "patient_key", "split")
    vqa = [
        plain(question)
        | {key: image[key] for key in shared}
        | {"more_images": [image["image"]] * len(question.more_image_ids)}
        | {"generator": GENERATOR, "verdicts": plain(row["verdicts"])}
        for image, row in zip(images, rows, strict=True)
        for question in row["questions"]
    ]
    talks = [
        plain(talk)
        | {key: image[key] for key in shared}
        | {"generator": GENERATOR, "verdicts": plain(row["verdicts"])}
        for image, row in zip(images, rows, strict=True)
        for talk in row["talks"]
        if image["source"] == "breast" and image["split"] == "train"
    ]
    return {"images": images, "triplets": triplets, "vqa": vqa, "conversations": talks}


def _poisoned(row: dict[str, Any], text: str) -> dict[str, Any]:
    """The row with `text` in every field that a source, a passage or a writer fills."""
    image = replace(
        row["image"], item=text, anatomy=text, window=text, view=text, plane=text, labels=[text],
        flags=[text], extra=[{"key": text, "value": text}], orientation=text,
    )  # fmt: skip
    return {
        "image": image,
        "regions": [
            replace(r, label=text, source_label=text, producer=text) for r in row["regions"]
        ],
        "sentences": [replace(s, text=text) for s in row["sentences"]],
        "passages": [replace(p, text=text, source=text, license=text) for p in row["passages"]],
        "questions": [
            replace(
                q,
                question=text,
                answer=text,
                options=[text, *q.options[1:]],
                rationale=text,
                unit=text,
            )
            for q in row["questions"]
        ],
        "talks": [
            replace(talk, turns=[replace(turn, text=text) for turn in talk.turns])
            for talk in row["talks"]
        ],
        "verdicts": [Verdict(text, False, text, text, text)],
    }


def _rejects(hostile: str) -> list[Reject]:
    bad, cells = hostile or "3 of 9", "JPEGImages/smear_0000.png"
    broken = hostile or "images/x.png"
    return [
        Reject("item-1", "breast", broken, "ingest", "read", "truncated", bad),
        Reject("item-2", "breast", "images/y.png", "ingest", "read", "truncated", bad),
        Reject(
            "img-9", "skin", "nevus/z.jpg", "curate", "same", "duplicate_pixels", bad, 1, "image"
        ),
        Reject("s-1", "smear", cells, "verify", "side", "side_contradicted", bad, 1, "sentence"),
        Reject("q-1", "smear", cells, "verify", "key", "key_wrong", bad, 1, "question"),
    ]
