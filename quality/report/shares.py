"""Shares with their intervals, as people read them. A share without its count is never shown."""

from quality.intervals import wilson

SIGN = "\u00a0%"  # a number and its sign stay on one line


def percent(share: float) -> str:
    """63 %; one decimal where it would otherwise read as none or all and is not."""
    shown = f"{100 * share:.0f}"
    if (shown == "0" and share >= 5e-4) or (shown == "100" and share <= 1 - 5e-4):
        shown = f"{100 * share:.1f}"
    return f"{shown}{SIGN}"


def interval(low: float, high: float) -> str:
    """53–72 %."""
    return f"{percent(low).removesuffix(SIGN)}–{percent(high)}"


def share_of(hits: int, trials: int, low: float | None = None, high: float | None = None) -> str:
    """63 % (53–72 %): the share with its 95 % interval, Wilson's where none is given."""
    if trials == 0:
        return "none"
    if low is None or high is None:
        low, high = wilson(hits, trials)
    return f"{percent(hits / trials)} ({interval(low, high)})"
