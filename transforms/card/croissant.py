"""croissant.json: the corpus for machines, in the Croissant 1.0 vocabulary.

Source: Croissant format specification 1.0 (mlcommons.org/croissant/1.0).
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from schemas.corpus import CONFIGS
from schemas.image import PICTURE
from transforms.card.licences import licence_url
from transforms.card.meanings import MEANINGS, row_type
from transforms.card.readme import ABOUT
from transforms.card.summary import NOT_REPORTED, Summary, total

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def write_croissant(summary: Summary) -> str:
    """croissant.json as text. Paths are relative to the file's own folder."""
    document = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": summary.name,
        "alternateName": summary.title,
        "description": "Medical images with regions, checked descriptions and questions. "
        + " ".join(f"{name}: {ABOUT[name]}." for name in summary.configs),
        "version": "1.0.0",
        "license": [licence_url(name) for (name,) in total(summary.images, 3)],
        "url": "./README.md",
        "citeAs": "; ".join(str(s.get("citation") or NOT_REPORTED) for s in summary.sources),
        "isBasedOn": [_source(dict(s)) for s in summary.sources],
        "isLiveDataset": False,
        "distribution": [*_files(summary), *map(_file_set, summary.configs)],
        "recordSet": [_record_set(name) for name in summary.configs],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _source(source: dict[str, Any]) -> dict[str, Any]:
    told = {
        "@type": "sc:Dataset",
        "name": source.get("title") or source["name"],
        "identifier": source["name"],
        "url": source.get("home"),
        "license": licence_url(source["license"]) if source.get("license") else None,
    }
    return {key: value for key, value in told.items() if value}


def _files(summary: Summary) -> Iterator[dict[str, Any]]:
    for file in summary.files:
        yield {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "contentSize": f"{file.bytes} B",
            "encodingFormat": "application/x-parquet",
            "sha256": file.sha256,
        }


def _file_set(config: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{config}-files",
        "name": f"{config}-files",
        "description": f"all shards of {config}, every split",
        "encodingFormat": "application/x-parquet",
        "includes": f"data/{config}/*.parquet",
    }


def _record_set(config: str) -> dict[str, Any]:
    fields = [_field(config, field, field.name) for field in CONFIGS[config]]
    return {
        "@type": "cr:RecordSet",
        "@id": config,
        "name": config,
        "description": ABOUT[config],
        "key": {"@id": f"{config}/id"},
        "field": fields,
    }


def _field(config: str, field: pa.Field, column: str, inner: str = "") -> dict[str, Any]:
    """A column, or with `inner` a part of one, as a Croissant field with its subfields."""
    place = f"{column}/{inner}" if inner else column
    kind, repeated = field.type, False
    while pa.types.is_list(kind):
        kind, repeated = kind.value_type, True
    told: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{config}/{place}",
        "name": f"{config}/{place}",
        "description": _meaning(config, column, field.name),
    }
    if repeated:
        told["repeated"] = True
    extract: dict[str, Any] = {
        "fileSet": {"@id": f"{config}-files"},
        "extract": {"column": column},
    }
    if kind.equals(PICTURE):
        return told | {"dataType": "sc:ImageObject", "source": extract | _path("bytes")}
    if pa.types.is_struct(kind):
        parts = [_field(config, part, column, _join(inner, part.name)) for part in kind]
        return told | {"source": extract | _path(inner), "subField": parts}
    return told | {"dataType": _data_type(kind), "source": extract | _path(inner)}


def _join(inner: str, name: str) -> str:
    return f"{inner}/{name}" if inner else name


def _path(inner: str) -> dict[str, Any]:
    return {"transform": {"jsonPath": inner.replace("/", ".")}} if inner else {}


def _meaning(config: str, column: str, name: str) -> str:
    kinds = (config, "images", "triplets") if column == name else (row_type(config, column) or "",)
    return next(MEANINGS[kind][name] for kind in kinds if name in MEANINGS.get(kind, {}))


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(kind) else "sc:Text"
