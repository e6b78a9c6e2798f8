"""What a slide says of its scan: resolution, objective, scanner, stain, as numbers and as facts."""

import math
from dataclasses import dataclass

from schemas.declaration.slides import Slides
from schemas.fact import Origin, Statement
from schemas.reject import Fault

LARGEST_MPP = 100.0  # µm; no microscope slide is scanned coarser
NOMINAL = 10.0  # µm per pixel times objective power: 0.25 at 40x, 0.5 at 20x


@dataclass(frozen=True)
class Scan:
    """How the full-size level was scanned.

    mpp      (x, y) µm per pixel
    pointer  where that is stated; origin: observed in the file, declared by the source, or computed
    power    objective power, or None; vendor: the maker of the scanner, or None
    nominal  the resolution was worked out from the power
    """

    mpp: tuple[float, float]
    pointer: str
    origin: Origin
    power: float | None
    vendor: str | None
    vendor_pointer: str = "openslide.vendor"

    @property
    def nominal(self) -> bool:
        return self.origin == "computed"


def scan_of(properties: dict[str, str], declared: Slides) -> Scan:
    """The scan by the file's properties, then by the declaration. Raises Fault spacing_invalid, mpp_missing."""
    power = _number(properties.get("openslide.objective-power"))
    mpp, pointer, origin = _resolution(properties, declared, power)
    if not all(0 < value <= LARGEST_MPP for value in mpp):
        raise Fault("spacing_invalid", "µm per pixel that are not between 0 and 100")
    return Scan(mpp, pointer, origin, power, *_vendor(properties))


def _vendor(properties: dict[str, str]) -> tuple[str | None, str]:
    """Who made the scanner, and where that is stated. A plain TIFF does not say."""
    format_of = properties.get("openslide.vendor")
    if format_of == "dicom":
        return properties.get("dicom.Manufacturer"), "dicom.Manufacturer"
    return (None if format_of == "generic-tiff" else format_of), "openslide.vendor"


def _resolution(
    properties: dict[str, str], declared: Slides, power: float | None
) -> tuple[tuple[float, float], str, Origin]:
    stated = [properties.get(f"openslide.mpp-{axis}") for axis in "xy"]
    if any(stated):
        x, y = (_number(text) for text in stated)
        if x is None or y is None:
            raise Fault("spacing_invalid", "µm per pixel that are no two numbers")
        return (x, y), "openslide.mpp-x, openslide.mpp-y", "observed"
    if declared.scan_mpp is not None:
        return (declared.scan_mpp, declared.scan_mpp), "declaration slide.scan_mpp", "declared"
    if declared.mpp_from_power and power is not None and power > 0:
        nominal = NOMINAL / power
        return (nominal, nominal), "10 µm / openslide.objective-power", "computed"
    hint = "declare slide.scan_mpp, or slide.mpp_from_power where the objective power is known"
    raise Fault("mpp_missing", f"the slide states no µm per pixel; {hint}")


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def statements(scan: Scan, mpp: tuple[float, float]) -> list[Statement]:
    """Facts of one tile whose released pixels are `mpp` (x, y) µm apart."""
    facts = [
        Statement(
            "resolution",
            number=(mpp[0] + mpp[1]) / 2,
            unit="um/px",
            origin=scan.origin,
            pointer=scan.pointer,
        )
    ]
    if scan.power is not None:
        pointer = "openslide.objective-power"
        facts.append(Statement("magnification", number=scan.power, unit="1", pointer=pointer))
    if scan.vendor is not None:
        facts.append(Statement("scanner", scan.vendor, pointer=scan.vendor_pointer))
    return facts
