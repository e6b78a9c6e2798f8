"""Experts as commands name them: one of the registry, or the card file of a model."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import MedgrainError, UsageError

if TYPE_CHECKING:
    from expert_models.experts.base import AnyExpert, ExpertCard

CARD_FILES = (".yaml", ".yml")


def card_of(name: str) -> "ExpertCard":
    """The card of an expert; weights are not touched.

    Raises UsageError on a name that is not known or a faulty card, MedgrainError on a broken plug-in.
    """
    if not _is_file(name):
        from expert_models.experts.registry import broken, cards

        found = {card.name: card for card in cards()}.get(name)
        if found is not None:
            return found
        for one in broken():
            if one.name == name:
                raise MedgrainError(f"{one}; mend or update that package, or take it out")
        raise unknown([name])
    from expert_models.experts.models.card import load_card

    try:
        return load_card(Path(name)).expert_card
    except ValueError as error:
        raise UsageError(str(error)) from error


def loaded(names: list[str], *, device: str, tell: Callable[[str], None]) -> "list[AnyExpert]":
    """The named experts, ready; without names all that load, and a line to `tell` on those that do not.

    Raises UsageError on a name that is not known or a faulty card, MedgrainError where one does not load.
    """
    from expert_models.experts import registry

    plain = [name for name in names if not _is_file(name)]
    lost = {one.name for one in registry.broken()}
    strange = [name for name in plain if name not in registry.names() and name not in lost]
    if strange:
        raise unknown(strange)
    experts = []
    for name in dict.fromkeys(names or registry.names()):
        try:
            experts.append(_model(name, device) if _is_file(name) else registry.expert_named(name))
        except registry.ExpertUnavailable as error:
            if names:
                raise MedgrainError(str(error)) from error
            tell(f"left out: {error}")
    return experts


def unknown(names: list[str]) -> UsageError:
    """No expert is called so."""
    from expert_models.experts.registry import names as known

    wanted = ", ".join(repr(name) for name in names)
    return UsageError(
        f"no expert is called {wanted}; there are: {', '.join(known()) or 'none'}; "
        "a model is named by its card file (.yaml)"
    )


def _is_file(name: str) -> bool:
    return Path(name).suffix in CARD_FILES


def _model(path: str, device: str) -> "AnyExpert":
    """The model of a card file, loaded."""
    from expert_models.experts.models.card import expert_of, load_card

    try:
        expert = expert_of(load_card(Path(path)), device=device)
    except ValueError as error:
        raise UsageError(str(error)) from error
    try:
        expert.load()
    except (ImportError, OSError, ValueError, RuntimeError) as error:
        raise MedgrainError(f"expert of {path} does not load: {error}") from error
    return expert
