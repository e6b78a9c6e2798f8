"""TorchScript files: how one is told from a pickle, and what one may not do without leave.

Its code is not Python, but it can write and read any file of the machine, also while it is loaded
(`aten::save`, `aten::from_file`), and its zip may unpack to more than there is memory.
"""

import re
import zipfile
from pathlib import Path

FILE_WORDS = re.compile(rb"\b(?:save|from_file|load_tensor|read_file|write_file)\b")
"""Names of the operators of torch and torchvision that take the name of a file."""
MOST_UNPACKED = 4  # times its own size; torch.save stores tensors as they are, only code is packed
SLACK_BYTES = 64 << 20


def is_torchscript(path: Path) -> bool:
    """A zip of one folder with compiled code beside its constants; what torch.save writes has no code."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        parts = [name.partition("/") for name in archive.namelist()]
    inside = {name for _, _, name in parts}
    one_folder = len({folder for folder, _, _ in parts}) == 1
    return one_folder and "constants.pkl" in inside and any(n.startswith("code/") for n in inside)


def expect_harmless(path: Path) -> None:
    """Raises ValueError where TorchScript would unpack beyond measure, or its code names files."""
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED * size + SLACK_BYTES:
            raise ValueError(
                f"weights: found {path.name}, {size} bytes that unpack to {unpacked}; expected what "
                "torch.jit.save writes; save it again"
            )
        for entry in archive.infolist():
            word = (
                FILE_WORDS.search(archive.read(entry)) if entry.filename.endswith(".py") else None
            )
            if word is not None:
                raise ValueError(
                    f"weights: found `{word[0].decode()}` in the code of {path.name}, by which a network "
                    "reads or writes files; expected none; read that code, then set `allow_pickle` in "
                    "the recipe"
                )
