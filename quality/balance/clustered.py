"""The interval of a share whose items come in patients: the items of one patient are alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True)
class Clustered:
    """hits of items, in so many patients; low and high are the 95 % interval of the share.

    effective: how many independent items they are worth.
    """

    items: int
    patients: int
    hits: int
    effective: float
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.hits / self.items if self.items else 0.0


def clustered(by_patient: Mapping[str, tuple[int, int]]) -> Clustered:
    """Wilson's interval on the effective number of items; (hits, items) by patient.

    Items are divided by the design effect (Kish 1965): the variance of the share between patients
    over that of independent items, at least 1; where all or none are hits, a patient counts as one
    item. The normal quantile is replaced by Student's for patients - 1 degrees of freedom. Such
    intervals keep their coverage at few clusters, where a bootstrap over patients falls short
    (Franco et al. 2019, J Surv Stat Methodol 7:334). One patient or none: (0, 1).
    """
    patients = len(by_patient)
    hits = sum(h for h, _ in by_patient.values())
    items = sum(n for _, n in by_patient.values())
    if patients < 2:
        return Clustered(items, patients, hits, float(patients), 0.0, 1.0)
    effective = _effective(by_patient, hits, items)
    low, high = score_interval(hits / items, effective, student(patients - 1))
    return Clustered(items, patients, hits, effective, low, high)


def _effective(by_patient: Mapping[str, tuple[int, int]], hits: int, items: int) -> float:
    patients, share = len(by_patient), hits / items
    independent = share * (1 - share) / items
    if independent == 0:
        return float(patients)
    spread = sum((h - share * n) ** 2 for h, n in by_patient.values())
    variance = patients / (patients - 1) * spread / items**2
    return items / max(1.0, variance / independent)


def score_interval(share: float, trials: float, quantile: float) -> tuple[float, float]:
    """Wilson's interval for a share of a number of trials that need not be whole."""
    z2 = quantile * quantile
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = quantile * sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    spread /= 1 + z2 / trials
    return max(0.0, centre - spread), min(1.0, centre + spread)


def student(freedom: int) -> float:
    """The two-sided 95 % quantile of Student's distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))
