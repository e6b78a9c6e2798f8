"""medgrain trace."""

from typing import Annotated, Any

import typer

from pipelines.commands.output import JsonFlag, print_json
from pipelines.commands.verify import Out


def trace(
    out: Out,
    id: Annotated[
        str, typer.Argument(help="Id of an image, region, fact, question, volume or reject.")
    ],
    json: JsonFlag = False,
) -> None:
    """Every step, fact, passage and verdict behind a row.

    Example: medgrain trace out/demo img-0123456789abcdef01234567
    """
    from pipelines.trace import trace as run_trace

    found = run_trace(out, id)
    if json:
        print_json(found)
        return
    for reject in found["rejects"]:
        typer.echo(
            f"rejected in {reject['phase']} by {reject['gate']}: {reject['reason']}: {reject['detail']}"
        )
    if "ingest" in found:
        _print_image(found["ingest"])
    if found.get("volume"):
        _print_volume(found["volume"])
    if "ground" in found:
        typer.echo("ground")
    for fact in found.get("ground", {}).get("facts", []):
        typer.echo(f"  {_fact(fact)}")
    for name in ("describe", "verify"):
        if name in found:
            _print_words(name, found[name])


def _print_image(row: dict[str, Any]) -> None:
    typer.echo(
        f"ingest    {row['source']} / {row['item']}  shard {row['shard']}  key {row['key'][:12]}"
    )
    typer.echo(
        f"          {row['modality']} {row['width']} x {row['height']}  licence {row['license']}"
    )
    for step in row["steps"]:
        typer.echo(f"  step    {step['step']} {step['parameters']}")
    for flag in row["flags"]:
        typer.echo(f"  flag    {flag}")


def _print_volume(row: dict[str, Any]) -> None:
    size = " x ".join(str(n) for n in row["shape"])
    typer.echo(
        f"{row['kind']:<9} {row['id']}  {row['source']} / {row['item']} {row['part']}".rstrip()
    )
    typer.echo(
        f"          {row['modality']} {size}  {len(row['images'])} images  key {row['key'][:12]}"
    )
    for region in row["regions"]:
        ml = "" if region["volume_ml"] is None else f"  {region['volume_ml']:g} mL"
        said = " candidate" if region["candidate"] else ""
        typer.echo(
            f"  {region['id']}  {region['anatomy_path']}{said}{ml}  slices {region['slices']}"
            f"  [{region['producer']}]"
        )


def _fact(fact: dict[str, Any]) -> str:
    value = (
        fact["value"]
        if fact["number"] is None
        else f"{fact['value'] or ''} {fact['number']:g} {fact['unit'] or ''}"
    )
    polarity = "" if fact["polarity"] == "present" else "NOT "
    other = f" -> {fact['object']}" if fact["object"] else ""
    return f"{fact['id']}  {fact['subject']}  {fact['kind']}: {polarity}{(value or '').strip()}{other}  [{fact['origin']}: {fact['pointer']}]"


def _print_words(name: str, row: dict[str, Any]) -> None:
    typer.echo(f"{name:<9} shard {row['shard']}  key {row['key'][:12]}")
    for sentence in row["sentences"]:
        rests = ", ".join([*sentence["fact_ids"], *sentence["passage_ids"]])
        typer.echo(f"  {sentence['attribute']:<15} {sentence['text']}\n{'':18}rests on {rests}")
    for question in row["questions"]:
        typer.echo(
            f"  {question['question_type']:<15} {question['question']} -> {question['answer']}  ({question['id']})"
        )
    for conversation in row.get("conversations", []):
        typer.echo(f"  conversation    ({conversation['id']})")
        for turn in conversation["turns"]:
            typer.echo(f"    {turn['role']}: {turn['text']}")
    for draft in row.get("attempts", []):
        typer.echo(f"  refused draft {draft['attempt']}  {draft['reason']}: {draft['text']}")
    for exchange in row.get("exchanges", []):
        typer.echo(
            f"  asked {exchange['model']} for {exchange['purpose']}: {exchange['outcome']}, "
            f"{exchange['prompt_tokens']} + {exchange['completion_tokens']} tokens, prompt "
            f"{exchange['prompt_sha256'][:12]}, key {exchange['key'][:12]}"
        )
    for verdict in row.get("verdicts", []):
        typer.echo(
            f"  gate {verdict['gate']:<20} {'passed' if verdict['passed'] else 'FAILED'}  {verdict['measured'] or ''}"
        )
