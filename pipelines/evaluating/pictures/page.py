"""The page that shows good and bad cases of every expert: montages, whose pictures they are, what goes wrong."""

from collections.abc import Callable, Sequence
from pathlib import Path

from expert_models.experts.base import AnyExpert, ExpertCard
from pipelines.evaluating.pictures.case import Case, chosen
from pipelines.evaluating.pictures.gather import gather
from pipelines.evaluating.pictures.montage import montage, save

PAGE = "README.md"
REMARKS = "remarks.yaml"

HEAD = """# Good and bad cases

Written by `medgrain experts pictures --data-root ../shared/data --out docs/experts`; remarks are in `remarks.yaml`
and were written by looking. Orange: the expert. Cyan: the annotation, where there is one. Three good cases come
first, then three bad ones.

How they are chosen: where at least six cases are annotated, the best and the worst agreement of the half that no
constant was chosen on, each of another patient. Else the expert's own quality or score (where it gives none, the
share marked) ranks those without an annotation, and a high rank need not be right. Fewer than six cases are filled
up with phantoms, drawn scans that say what a method does and not how well. Shown are only pictures under CC0, CC BY,
MIT, Apache or BSD terms; volumes are shown with the lengths of their files, which a build may withhold.
"""


def write_pictures(
    experts: Sequence[AnyExpert],
    data_root: Path,
    out: Path,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Montages of the experts into `out`, and the page. Sections of experts not named stay as they are."""
    out.mkdir(parents=True, exist_ok=True)
    page = out / PAGE
    sections = _sections(page.read_text("utf-8")) if page.is_file() else {}
    remarks = _remarks(out / REMARKS)
    cases = gather(experts, data_root, tell)
    for expert in experts:
        card = expert.card
        good, bad = chosen(cases[card.name])
        if good or bad:
            save(montage(good, bad, card.dimensions == 3), out / f"{card.name}.jpg")
        sections[card.name] = section(card, good, bad, remarks.get(card.name, ""))
    text = "\n".join([HEAD, *(sections[name] for name in sorted(sections))])
    page.write_text(text.rstrip() + "\n", "utf-8")


def section(card: ExpertCard, good: list[Case], bad: list[Case], remark: str) -> str:
    """One expert: montage, cases, whose they are, what goes wrong."""
    lines = [f"## {card.name}", "", f"Finds {', '.join(card.labels)}. {card.source}.", ""]
    if good or bad:
        lines += [f"![good and bad cases of {card.name}]({card.name}.jpg)", ""]
    else:
        lines += ["No picture that may be shown suits it.", ""]
    for name, cases in (("Good", good), ("Bad", bad)):
        if cases:
            lines.append(f"- {name}: {'; '.join(_told(case) for case in cases)}.")
    credits = list(dict.fromkeys(case.credit for case in [*good, *bad]))
    lines += [f"- Pictures: {credit.rstrip('.')}." for credit in credits]
    if remark:
        lines += ["", " ".join(remark.split())]
    return "\n".join([*lines, ""])


def _told(case: Case) -> str:
    value = "nothing found" if case.value is None else f"{case.measure} {case.value:.2f}"
    return f"{case.place} ({value})"


def _sections(text: str) -> dict[str, str]:
    parts = text.split("\n## ")[1:]
    return {part.partition("\n")[0]: "## " + part.rstrip() + "\n" for part in parts}


def _remarks(path: Path) -> dict[str, str]:
    """What was seen on the montages, by name of the expert."""
    import yaml

    if not path.is_file():
        return {}
    return {str(k): str(v) for k, v in (yaml.safe_load(path.read_text("utf-8")) or {}).items()}
