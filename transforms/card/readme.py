"""The dataset card: README.md of a corpus, with the header that `datasets.load_dataset` reads.

Written from a Summary alone: no clock, no host path, nothing that a count does not carry.
Source: dataset card metadata of the Hub (huggingface/hub-docs, datasetcard.md).
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from schemas.reasons import REASONS
from transforms.card.columns import columns_table
from transforms.card.licences import hub_licence
from transforms.card.summary import NOT_REPORTED, Summary, total

TASKS = ["visual-question-answering", "image-to-text", "object-detection", "image-segmentation"]
SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"))
ABOUT = {
    "images": "one row an image, with every fact that is known of it",
    "triplets": "an image, its regions and a description, sentence by sentence",
    "vqa": "one row a question, with the image or images it is asked of",
    "conversations": "one row a conversation of several turns about one image",
    "volumes": "one row a volume or slide that images are cut from, with its regions in 3-D",
}


def write_card(summary: Summary) -> str:
    """README.md as text, ending in a newline."""
    parts = [
        [f"# {plain(summary.title)}", "", *_opening(summary)],
        ["## Loading", "", *_loading(summary)],
        ["## What is in it", "", *_contents(summary)],
        ["## Columns", "", *_columns(summary)],
        ["## How it was made", "", *_making(summary)],
        ["## Checks and rejects", "", *_rejects(summary)],
        ["## Licences and sources", "", *_sources(summary)],
        ["## Known limits", "", *_limits(summary)],
        ["## Files", "", *_files(summary)],
    ]
    return _header(summary) + "\n" + "\n\n".join("\n".join(part) for part in parts) + "\n"


def plain(text: Any) -> str:
    """Text of a source inside markdown: no HTML, no table cell broken, no link made."""
    flat = " ".join(str(text).split())
    for mark in "\\`*[]|":
        flat = flat.replace(mark, f"\\{mark}")
    return html.escape(flat, quote=False)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A markdown table; numbers stand right."""
    body = [[f"{v:,}" if isinstance(v, int) else plain(v) for v in row] for row in rows]
    numeric = [all(r[k].replace(",", "").isdigit() for r in body) for k in range(len(head))]
    rule = ["---:" if right and body else "---" for right in numeric]
    return [f"| {' | '.join(row)} |" for row in (list(head), rule, *body)]


def _header(summary: Summary) -> str:
    licences = sorted({key[0] for key in total(summary.images, 3)})
    hub = sorted({hub_licence(name) for name in licences}) or ["other"]
    values: dict[str, Any] = {
        "pretty_name": summary.title,
        "language": ["en"],
        "license": hub[0] if len(hub) == 1 else hub,
        "task_categories": TASKS,
        "tags": ["medical", "multimodal", "regions-of-interest", *_modality_tags(summary)],
        "size_categories": [size_category(max(map(summary.rows, summary.configs), default=0))],
        "annotations_creators": ["machine-generated", "expert-generated"],
        "configs": [_config(summary, name) for name in summary.configs],
    }
    if "other" in hub:
        values["license_name"] = "see-the-license-column"
        values["license_link"] = "README.md#licences-and-sources"
    return f"---\n{yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)}---\n"


def _modality_tags(summary: Summary) -> list[str]:
    return sorted({key[0].lower() for key in total(summary.images, 1)})


def size_category(rows: int) -> str:
    """The Hub's class of size."""
    return next((name for limit, name in SIZES if rows < limit), "n>1M")


def _config(summary: Summary, name: str) -> dict[str, Any]:
    files = [
        {"split": split, "path": f"data/{name}/{split}-*.parquet"}
        for split in summary.splits
        if any(f.config == name and f.split == split for f in summary.files)
    ]
    default = {"default": True} if name == "triplets" else {}
    return {"config_name": name, **default, "data_files": files}


def _opening(summary: Summary) -> list[str]:
    names = len({key[0] for key in summary.images})
    return [
        f"{summary.rows('images'):,} images from {names:,} sources, with their regions of interest,"
        f" {_words(summary)}. Every sentence"
        " and every answer names the facts, regions and passages it rests on.",
        "",
        "For research on image-text models. Not for diagnosis, and no substitute for a clinician's"
        " reading.",
        "",
        *table(
            ["config", "content", *summary.splits],
            [
                [name, ABOUT[name], *(summary.rows(name, split) for split in summary.splits)]
                for name in summary.configs
            ],
        ),
    ]


def _words(summary: Summary) -> str:
    """ "120 checked sentences, 80 questions and 5 conversations"; what there is none of is left out,
    but for questions."""
    sentences, talks = sum(summary.sentences.values()), summary.rows("conversations")
    told = f"{sentences:,} checked sentences"
    asked = f"{summary.rows('vqa'):,} questions"
    return f"{told}, {asked} and {talks:,} conversations" if talks else f"{told} and {asked}"


def _loading(summary: Summary) -> list[str]:
    example = summary.splits[0] if summary.splits else "train"
    return [
        "```python",
        "from datasets import load_dataset",
        "",
        f'rows = load_dataset("path/to/corpus", "triplets", split="{example}")',
        'rows[0]["image"]        # a decoded image',
        'rows[0]["regions"]      # boxes x0, y0, x1, y1 (half-open px) and COCO run-length masks',
        'rows[0]["description"]',
        "```",
        *_loading_volumes(summary, example),
    ]


def _loading_volumes(summary: Summary, example: str) -> list[str]:
    if not summary.volumes:
        return []
    return [
        "",
        "An image of a volume names it as `volume_id`; label volumes are NIfTI files in the row:",
        "",
        "```python",
        f'volumes = load_dataset("path/to/corpus", "volumes", split="{example}")',
        'open("labels.nii.gz", "wb").write(volumes[0]["label_volume"][0])',
        "```",
    ]


def _contents(summary: Summary) -> list[str]:
    splits = summary.splits
    by = total(summary.images, 0, 1, 2)
    pairs = sorted({key[:2] for key in by})
    images = [[*pair, *(by.get((*pair, s), 0) for s in splits)] for pair in pairs]
    labels = total(summary.regions, 0, 1, 2)
    names = sorted({key[:2] for key in labels})
    regions = [[*n, *(labels.get((*n, s), 0) for s in ("mask", "box only"))] for n in names]
    return [
        "Images:", "", *table(["source", "modality", *splits], images), "",
        "Patients (one patient is in one split only):", "",
        *table(splits, [[summary.patients.get((s,), 0) for s in splits]]), "",
        "Body parts:", "", *_counted(["anatomy"], total(summary.anatomy, 0)), "",
        "Regions:", "", *table(["label", "kind", "with mask", "box only"], regions), "",
        "Sentences:", "", *_counted(["attribute"], summary.sentences), "",
        "Questions:", "", *_counted(["type", "form"], total(summary.questions, 0, 1)),
        *_talks(summary), *_volumes(summary),
    ]  # fmt: skip


def _talks(summary: Summary) -> list[str]:
    """Conversations by length, where there are any."""
    if not summary.conversations:
        return []
    return ["", "Conversations:", "", *_counted(["turns", "modality"], summary.conversations)]


def _volumes(summary: Summary) -> list[str]:
    """Volumes and slides with their regions, where there are any."""
    if not summary.volumes:
        return []
    lines = [
        "",
        "Volumes and slides:",
        "",
        *_counted(["kind", "source", "modality"], summary.volumes),
    ]
    if summary.volume_regions:
        head = ["label", "kind", "said to be a"]
        lines += ["", "Regions in 3-D:", "", *_counted(head, summary.volume_regions)]
    return lines


def _counted(head: list[str], tally: Mapping[tuple[str, ...], int]) -> list[str]:
    return table([*head, "count"], [[*key, n] for key, n in tally.items()])


def _columns(summary: Summary) -> list[str]:
    lines = []
    for name in summary.configs:
        lines += [f"### {name}", "", *columns_table(name), ""]
    return lines[:-1]


def _making(summary: Summary) -> list[str]:
    writers = ", ".join(f"{plain(m)} {plain(r)}" for _, m, r in summary.generators)
    return [
        f"Made by medgrain {plain(summary.version) or NOT_REPORTED}, recipe `{summary.name}`. Files"
        " are read as the declaration of each source says; annotations, headers and pixels become"
        " typed facts with their origin; words are written from facts and retrieved passages"
        f" (writer: {writers or NOT_REPORTED}); gates compare the words with the facts.",
        "",
        *_counted(["passages from", "licence"], summary.passages),
    ]


def _rejects(summary: Summary) -> list[str]:
    rejected = [
        [scope, phase, REASONS.get(reason, reason), n]
        for (phase, scope, reason), n in total(summary.rejects, 0, 1, 3).items()
    ]
    verdicts = _counted(["config", "gate", "verdict"], summary.gates)
    return [
        "Verdicts on the released rows:", "", *verdicts, "",
        "What was rejected, and why:", "",
        *table(["what", "phase", "reason", "count"], sorted(rejected)),
    ]  # fmt: skip


def _sources(summary: Summary) -> list[str]:
    by = total(summary.images, 0, 3)
    lines = table(["source", "licence", "images"], [[*key, n] for key, n in by.items()])
    for source in summary.sources:
        lines += ["", f"### {plain(source.get('title') or source['name'])}", ""]
        for key in ("name", "home", "license", "citation"):
            lines.append(f"- {key}: {plain(source.get(key) or NOT_REPORTED)}")
        lines += [f"- known issue: {plain(issue)}" for issue in source.get("known_issues") or []]
    return lines


def _limits(summary: Summary) -> list[str]:
    images = summary.rows("images")
    lines = [
        "- Labels and outlines are those of the sources; their errors are in here as well.",
        "- What is not marked may still be there, unless its label is marked `complete`.",
        "- Left and right in a position speak of the image as shown; `side` speaks of the patient,"
        " and only where header or source says it.",
        "- Ethnicity, site and scanner: not reported.",
        "",
        "Not reported by the sources:",
        "",
    ]
    missing = [[what, n, f"of {images:,}"] for (what,), n in summary.missing.items()]
    return lines + table(["fact", "images without it", "images"], missing)


def _files(summary: Summary) -> list[str]:
    return table(
        ["file", "rows", "bytes", "sha256"],
        [[f.path, f.rows, f.bytes, f.sha256] for f in summary.files],
    )
