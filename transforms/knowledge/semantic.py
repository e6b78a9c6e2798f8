"""Latent semantic vectors of one field: TF-IDF, then truncated SVD, as unit vectors.

Source: Deerwester et al., Indexing by latent semantic analysis (1990); term weight
(1 + ln tf) * (ln((1 + N) / (1 + n)) + 1), rows of unit length, as in scikit-learn.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from transforms.knowledge.tokens import grams

MAX_TERMS = 30_000  # the most frequent ones; 30 MB a field at 256 dimensions
RARE_FROM = 2_000  # from so many documents on, a term of only one of them is left out
NOISE = 1e-6  # axes this much weaker than the first are rounding errors of equal texts
DIGITS = 5  # vectors are rounded, so that the last bits of a BLAS do not reach the files


@dataclass
class Semantic:
    """terms [T] sorted; idf [T] float32; axes [T, D] float32, the right singular vectors."""

    terms: np.ndarray
    idf: np.ndarray
    axes: np.ndarray

    def __post_init__(self) -> None:
        self._at = {term: i for i, term in enumerate(self.terms.tolist())}

    @classmethod
    def build(cls, texts: list[str], dimensions: int) -> tuple["Semantic", np.ndarray]:
        """The space of `texts`, and their vectors [N, D] float32.

        D is `dimensions`, or less where the texts or terms span fewer. Randomised SVD with a fixed
        seed on one BLAS thread; scikit-learn fixes the signs by the largest loading (svd_flip).
        """
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
        from threadpoolctl import threadpool_limits

        weigh = TfidfVectorizer(
            analyzer=grams,
            sublinear_tf=True,
            min_df=2 if len(texts) >= RARE_FROM else 1,
            max_features=MAX_TERMS,
            dtype=np.float64,
        )
        table = weigh.fit_transform(texts)
        most = min(dimensions, *table.shape)
        with threadpool_limits(limits=1):
            svd = TruncatedSVD(most, n_iter=7, random_state=0).fit(table)
            real = svd.singular_values_ > NOISE * svd.singular_values_[0]
            axes = np.round(svd.components_[real].T, DIGITS).astype(np.float32)
            space = cls(
                np.array(weigh.get_feature_names_out(), dtype=np.str_),
                weigh.idf_.astype(np.float32),
                np.ascontiguousarray(axes),
            )
            return space, _unit(table @ axes.astype(np.float64))

    def vector(self, text: str) -> np.ndarray:
        """[D] float32 of unit length; zero where no term of the text is known."""
        counts = Counter(t for t in grams(text) if t in self._at)
        terms = sorted(counts)
        if not terms:
            return np.zeros(self.axes.shape[1], np.float32)
        rows = np.array([self._at[t] for t in terms])
        weights = (1 + np.log([counts[t] for t in terms])) * self.idf[rows]
        return _unit((weights @ self.axes[rows].astype(np.float64))[None])[0]


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.round(vectors / np.maximum(length, 1e-12), DIGITS).astype(np.float32)
