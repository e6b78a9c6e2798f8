"""Non-maximum suppression of boxes: the surest stays, and of equal ones the first."""

import numpy as np


def kept(
    boxes: np.ndarray, scores: np.ndarray, classes: np.ndarray, overlap: float, most: int
) -> list[int]:
    """Indices of the boxes that stay, best first. Boxes of one class suppress each other, IoU > overlap.

    boxes: [K, 4] x0, y0, x1, y1, half-open
    """
    order = np.argsort(-scores, kind="stable")
    stay: list[int] = []
    for i in order.tolist():
        if len(stay) == most:
            break
        same = [j for j in stay if classes[j] == classes[i]]
        if overlap >= 1 or not same or iou(boxes[i], boxes[same]).max() <= overlap:
            stay.append(i)
    return stay


def iou(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """[M] intersection over union of one box with each of [M, 4]."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(np.clip(others[:, 2:] - others[:, :2], 0, None), axis=1)
    union = np.prod(np.clip(box[2:] - box[:2], 0, None)) + areas - common
    return np.asarray(np.divide(common, union, out=np.zeros_like(union), where=union > 0))
