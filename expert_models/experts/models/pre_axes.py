"""Axes of a volume: from foot to head, front to back, right to left (SPL) to those of a network, and back."""

from dataclasses import dataclass

import numpy as np

OURS = "SPL"
PAIRS = ("SI", "PA", "LR")


@dataclass(frozen=True)
class Turned:
    """order: which of our axes comes at each place; flipped: which of these then run the other way."""

    order: tuple[int, ...]
    flipped: tuple[int, ...]

    def forth(self, values: np.ndarray) -> np.ndarray:
        """A view of a volume of ours with the network's axes."""
        return np.flip(values.transpose(self.order), self.flipped)

    def back(self, values: np.ndarray) -> np.ndarray:
        """The inverse of `forth`."""
        return np.flip(values, self.flipped).transpose(np.argsort(self.order))

    def lengths(self, of_ours: tuple[float, ...]) -> tuple[float, ...]:
        """Spacings of our axes in the network's order."""
        return tuple(of_ours[i] for i in self.order)


def turned(axes: str | None) -> Turned:
    """The turn to axes such as RAS: the letters say where each axis points to."""
    wanted = axes or OURS
    order = tuple(next(i for i, pair in enumerate(PAIRS) if letter in pair) for letter in wanted)
    flipped = tuple(at for at, letter in enumerate(wanted) if letter not in OURS)
    return Turned(order, flipped)
