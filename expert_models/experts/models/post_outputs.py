"""Outputs of a network by name, and what is said where they are not those of the card."""

from collections.abc import Mapping

import numpy as np

Outputs = Mapping[str, np.ndarray]
"""Of one input: arrays whose first axis is a batch of one, or that have no batch axis."""


def output_named(outputs: Outputs, name: str | None) -> np.ndarray:
    """The output of this name; unset: the only one. Raises ValueError where that is not clear."""
    if name is None and len(outputs) == 1:
        return next(iter(outputs.values()))
    if name is None or name not in outputs:
        raise ValueError(
            f"output: found {', '.join(outputs)}; expected {name or 'only one'}; mend `output` in the card"
        )
    return outputs[name]


def expect_classes(found: int, classes: Mapping[int, object], what: str) -> None:
    """Raise ValueError where the network has another number of classes than the card's table."""
    if found != len(classes):
        raise ValueError(
            f"classes: found {found} {what} in the network's output; expected {len(classes)}, one for each "
            "line of `classes`; mend the table (null for a class that is not reported)"
        )


def expect_rank(array: np.ndarray, rank: int, meaning: str) -> np.ndarray:
    """The array without its batch axis of one. Raises ValueError where its axes are not `rank`."""
    if array.ndim == rank + 1 and array.shape[0] == 1:
        return np.asarray(array[0])
    if array.ndim != rank:
        raise ValueError(f"output: found an array of shape {array.shape}; expected {meaning}")
    return array


def probabilities(scores: np.ndarray, activation: str, axis: int = -1) -> np.ndarray:
    """Scores as probabilities, float32."""
    scores = np.asarray(scores, np.float32)
    if activation == "softmax":
        return softmax(scores, axis)
    return sigmoid(scores) if activation == "sigmoid" else scores


def softmax(scores: np.ndarray, axis: int) -> np.ndarray:
    """Normalised exponentials, safe for large scores."""
    raised = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return np.asarray(raised / raised.sum(axis=axis, keepdims=True))


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), safe for large scores of either sign."""
    raised = np.exp(-np.abs(scores))
    return np.asarray(np.where(scores >= 0, 1, raised) / (1 + raised))
