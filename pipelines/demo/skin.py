"""Dermoscopy-like phantoms: one folder per class, and a table with age and sex.

Layout: <class>/lesion_<id>.jpg and patients.csv (semicolons, Latin-1, ids with leading zeros,
one column that nobody maps). No mask: the class is told, its place is not.
"""

from pathlib import Path

import numpy as np

from pipelines.demo.shapes import blob, soften, texture, to_uint8
from pipelines.demo.truth import Phantom, drawn

SIZE = (176, 208)
COUNT = 14


def write(root: Path) -> list[Phantom]:
    """Write COUNT images, a third of them melanoma-like, and the table."""
    made = [_write_one(root, number) for number in range(COUNT)]
    rows = ["lesion;age;sex;caméra"]
    rows += [
        f"{p.patient};{p.facts['age']:.0f};{str(p.facts['sex'])[0].upper()};phantom" for p in made
    ]
    (root / "patients.csv").write_text("\r\n".join(rows) + "\r\n", encoding="latin-1", newline="")
    return made


def _write_one(root: Path, number: int) -> Phantom:
    import cv2

    rng = np.random.default_rng([14, number])
    kind = "melanoma" if number % 3 == 1 else "nevus"
    lesion_id = f"{number + 7:04d}"
    path = root / kind / f"lesion_{lesion_id}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    photograph, mask = _photograph(rng, kind)
    picture = cv2.cvtColor(photograph, cv2.COLOR_RGB2BGR)
    path.write_bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    facts: dict[str, str | float] = {
        "class": kind,
        "age": float(25 + (number * 7) % 50),
        "sex": ("female", "male")[number % 2],
    }
    lesion = drawn("lesion", mask, annotated=False)
    return Phantom(f"{kind}/{path.name}", lesion_id, [SIZE[1], SIZE[0]], [lesion], facts)


def _photograph(rng: np.random.Generator, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Skin with hairs, and the lesion's mask; a nevus is even and round, a melanoma uneven in
    outline and colour."""
    image = np.empty((*SIZE, 3), np.float32)
    image[:] = (226, 178, 156)
    image += texture(rng, SIZE, 1.5)[..., None] * 4 + texture(rng, SIZE, 25)[..., None] * 5
    rough = 0.17 if kind == "melanoma" else 0.03
    center, radii = rng.uniform((75, 85), (100, 123)), rng.uniform((38, 42), (52, 60))
    mask = blob(SIZE, tuple(center), tuple(radii), rough=rough, rng=rng)
    alpha = soften(mask, 2.0)[..., None]
    brown = np.array((134, 84, 62), np.float32) + texture(rng, SIZE, 2)[..., None] * 6
    if kind == "melanoma":
        patches = soften(texture(rng, SIZE, 10) > 0.5, 2)[..., None]
        brown = brown * (1 - patches) + np.array((62, 48, 60), np.float32) * patches
    image = image * (1 - alpha) + brown * alpha
    for _ in range(4):
        _hair(image, rng)
    return to_uint8(soften(image, 0.6)), mask


def _hair(image: np.ndarray, rng: np.random.Generator) -> None:
    import cv2

    ends = rng.integers((0, 0), (SIZE[1], SIZE[0]), (3, 2)).astype(np.float32)
    t = np.linspace(0, 1, 40, dtype=np.float32)[:, None]
    curve = (1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * ends[1] + t**2 * ends[2]
    cv2.polylines(image, [np.rint(curve).astype(np.int32)], False, (70, 50, 44), 1, cv2.LINE_AA)
