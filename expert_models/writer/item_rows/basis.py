"""The ids an answer names: they exist, and those that the key rests on are among them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from expert_models.writer.item_rows.faults import Found
from schemas.fact import Fact
from schemas.passage import Passage
from schemas.region import Region
from transforms.prompting.aliases import Aliases


@dataclass(frozen=True)
class Basis:
    """Ids of what a text rests on, in order: the settled ones first, then those the model added."""

    facts: list[str]
    regions: list[str]
    passages: list[str]


def basis_of(
    part: Mapping[str, Any],
    aliases: Aliases,
    *,
    facts: Iterable[Fact],
    regions: Iterable[Region] = (),
    passages: Iterable[Passage] = (),
) -> tuple[Basis, Found]:
    """The ids of one text, and what is wrong with them. `part` has "facts", "regions", "passages".

    facts, regions, passages: the settled ones. Where nothing is said of a region, no region is taken
    over: an item on the whole image names none.
    """
    named = {key: aliases.resolve(part[key]) for key in ("facts", "regions", "passages")}
    unknown = [a for _, strange in named.values() for a in strange]
    found: Found = [("id_unknown", f"{', '.join(unknown[:4])}: no such id")] if unknown else []
    held = [r.id for r in regions]
    added = named["regions"][0] if held else []
    basis = Basis(
        _joined([f.id for f in facts], _of(aliases.facts, named["facts"][0])),
        _joined(held, _of(aliases.regions, added)),
        _joined([], _of(aliases.passages, named["passages"][0])),
    )
    wanted = [p.id for p in passages]
    return basis, found + _absent(aliases, wanted, basis.passages)


def names_one(part: Mapping[str, Any], aliases: Aliases, facts: Iterable[Fact]) -> Found:
    """A fault where an answer names none of the facts its key rests on."""
    wanted = [f.id for f in facts]
    named, _ = aliases.resolve(part["facts"])
    if not wanted or set(wanted) & set(named):
        return []
    return [("rests_on_nothing", f"it must rest on {', '.join(aliases.all_of(wanted))}")]


def _absent(aliases: Aliases, wanted: list[str], named: list[str]) -> Found:
    missing = [i for i in wanted if i not in named]
    if not missing:
        return []
    return [("rests_on_nothing", f"it must rest on {', '.join(aliases.all_of(missing))}")]


def _of(known: Mapping[str, str], ids: Iterable[str]) -> list[str]:
    """A passage listed among the facts is no fact."""
    held = set(known.values())
    return [i for i in ids if i in held]


def _joined(first: list[str], more: list[str]) -> list[str]:
    return list(dict.fromkeys([*first, *more]))
