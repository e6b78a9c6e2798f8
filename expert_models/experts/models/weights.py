"""Weights of a card on this machine: found, fetched, and held to their digest before anything reads them.

    python -m expert_models.experts.models.weights PATH [FILE ...]

prints the digest for a card's `weights_sha256`.
"""

import atexit
import shutil
import sys
import tempfile
from pathlib import Path

from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.weights_digest import digest_of, visible_files
from expert_models.experts.models.weights_pickle import is_pickle


class WeightsDiffer(ValueError):
    """The weights are not those that the card names. `reason` is a code of schemas.reasons."""

    reason = "weights_differ"


def located(card: ModelCard, setting: Setting) -> Path:
    """The file or folder of a card's weights, digest checked. Nothing in it has been deserialised.

    Of a folder with `files` only those are in the folder that is returned.

    Raises OSError where they cannot be had, WeightsDiffer where the digest is another, ValueError for
    pickles that the setting does not allow.
    """
    path = _found(card, setting)
    if not card.weights_sha256:
        raise WeightsDiffer(f"{card.name}: weights without a digest; add `weights_sha256`")
    whole = path / card.files[0] if path.is_dir() and len(card.files) == 1 else path
    found = digest_of(path, card.files)
    if found != card.weights_sha256:
        raise WeightsDiffer(
            f"{card.name}: weights {whole.name} have sha256 {found}; the card names "
            f"{card.weights_sha256}; get the weights of the card, or mend the card"
        )
    if whole.is_dir() and card.files:
        whole = _only(whole, card.files)
    _refuse_pickles(card, whole, setting.allow_pickle)
    return whole


def _found(card: ModelCard, setting: Setting) -> Path:
    """Where the weights lie; fetched from the Hub where the card pins a commit."""
    if setting.weights is not None and Path(setting.weights).exists():
        return Path(setting.weights)
    name = setting.weights or card.weights
    if name is None:
        raise FileNotFoundError(f"{card.name}: neither card nor recipe names weights")
    if card.revision is not None and len(Path(name).parts) == 2 and not Path(name).is_absolute():
        return _fetched(card, name, card.revision)
    path = Path(name) if setting.weights is not None else card.folder / name
    if not path.exists():
        hint = "a path that is there; or a Hub id, with `revision` in the card"
        raise FileNotFoundError(f"{card.name}: found no weights at {path}; expected {hint}")
    return path


def _fetched(card: ModelCard, name: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        folder = snapshot_download(name, revision=revision, allow_patterns=list(card.files) or None)
    except HFValidationError as error:
        raise ValueError(f"{card.name}: {name!r} is no Hub id: {error}") from error
    except (OSError, HfHubHTTPError) as error:  # offline, absent, gated: all subclasses of OSError
        raise OSError(
            f"{card.name}: {name}@{revision} could not be had from the Hub "
            f"({type(error).__name__}); go online once, set HF_HOME to a cache that holds it, or name a "
            "local copy as the expert's `weights`"
        ) from error
    return Path(folder)


def _only(folder: Path, files: tuple[str, ...]) -> Path:
    """A folder of these files alone, so that no loader reads one beside them that has no digest."""
    if set(visible_files(folder)) == set(files):
        return folder
    view = Path(tempfile.mkdtemp(prefix="medgrain-weights-"))
    atexit.register(shutil.rmtree, view, ignore_errors=True)
    for name in files:
        (view / name).parent.mkdir(parents=True, exist_ok=True)
        (view / name).symlink_to((folder / name).resolve())
    return view


def _refuse_pickles(card: ModelCard, path: Path, allowed: bool) -> None:
    files = [path] if path.is_file() else [path / name for name in visible_files(path)]
    pickles = [file for file in files if is_pickle(file)]
    if pickles and not allowed:
        raise ValueError(
            f"{card.name}: {pickles[0].name} is a pickle, which can run code of its author; expected "
            "safetensors, ONNX or TorchScript; name other `files` in the card, or set `allow_pickle`"
        )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m expert_models.experts.models.weights PATH [FILE ...]")
    print(digest_of(Path(sys.argv[1]), sys.argv[2:]))
