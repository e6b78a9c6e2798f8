"""Numbers as people read them. Rounding is for words; keys of questions keep the full value."""

from math import floor, log10

from schemas.fact import Fact
from schemas.image import Image

MICROSCOPIC_MM = 0.01  # a pixel below this shows cells: lengths are told in micrometers


def number(value: float) -> str:
    """Whole from ten, one decimal below, two significant digits below one."""
    size = abs(value)
    if size >= 9.95:
        return str(round(value))
    if size >= 0.995 or size == 0:
        return f"{value:.1f}"
    return f"{value:.{1 - floor(log10(size))}f}"


def is_microscopic(image: Image) -> bool:
    """Pixels finer than MICROSCOPIC_MM: nobody speaks of a nucleus of 0.008 mm."""
    return image.spacing_mm is not None and max(image.spacing_mm) < MICROSCOPIC_MM


def length(value: float, unit: str, image: Image | None = None) -> str:
    """ "8.1 mm", "12 mm", "83 px", on a microscopic image "8.1 µm": pixels are whole, the rest as
    `number`."""
    if unit == "px":
        return f"{round(value)} px"
    if unit == "mm" and image is not None and is_microscopic(image):
        return f"{number(1000 * value)} µm"
    return f"{number(value)} {unit}"


def size(major: Fact, minor: Fact, image: Image | None = None) -> str:
    """ "12 x 8.1 mm" from the two axes. Raises ValueError when their units differ."""
    if major.unit != minor.unit or major.number is None or minor.number is None:
        raise ValueError(f"axes in {major.unit} and {minor.unit} make no size")
    unit = major.unit or ""
    return f"{length(major.number, unit, image).split()[0]} x {length(minor.number, unit, image)}"


def share(fraction: float) -> str:
    """A fraction as a percentage: "4.2%", "23%", "0.04%"."""
    return f"{number(100 * fraction)}%"


def volume(value: float) -> str:
    """ "152 mL", "4.2 mL"."""
    return f"{number(value)} mL"


def attenuation(value: float) -> str:
    """ "45 HU", "-870 HU"; whole, and never "-0"."""
    return f"{round(value)} HU"


def power(value: float) -> str:
    """ "20x", the power of an objective."""
    return f"{value:g}x"
