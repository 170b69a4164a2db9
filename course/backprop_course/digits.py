"""The digits, and numerical gradients of a network's parameters to compare with.

NumPy only, so that a grader needs no widgets.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

DIGITS = Path(__file__).parent / "data" / "digits.npz"
TRAINING_ROWS = 1280
SPLIT_SEED = 0


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    with np.load(DIGITS) as file:
        return file["images"].reshape(-1, 64) / 16.0, file["labels"].astype(np.int64)


def load_digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the 8 x 8 handwritten digits: 1,280 to train with, 517 held out.

    Returns
    -------
    X_train : ndarray, shape (1280, 64)
        Images, one a row, with the ink of each cell as a float from 0 to 1.
    y_train : ndarray of int, shape (1280,)
        Labels 0..9.
    X_test, y_test : ndarray
        The same for the 517 held-out images.

    Notes
    -----
    Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
    DOI 10.24432/C50P49, CC BY 4.0. The split is drawn once, by a fixed seed.
    """
    images, labels = _digits()
    order = np.random.default_rng(SPLIT_SEED).permutation(len(labels))
    train, test = order[:TRAINING_ROWS], order[TRAINING_ROWS:]
    return images[train], labels[train], images[test], labels[test]


def numerical_gradients(f: Callable, parameters: list, h: float = 1e-5) -> list:
    """Return the central differences of a scalar function of parameters, block by block: unit 2's check.

    Parameters
    ----------
    f : callable
        ``f(parameters)`` is a number.
    parameters : list of (W, b)
    h : float
        Step.

    Returns
    -------
    list of (dW, db)
    """
    blocks = [block for layer in parameters for block in layer]
    slopes = []
    for k, block in enumerate(blocks):
        moved = ((sign * h * unit.reshape(block.shape) for sign in (1, -1)) for unit in np.eye(block.size))
        pairs = ([f(_replaced(blocks, k, block + by)) for by in both] for both in moved)
        slopes.append(np.array([(up - down) / (2 * h) for up, down in pairs]).reshape(block.shape))
    return _as_layers(slopes)


def _as_layers(blocks: list) -> list:
    return list(zip(blocks[::2], blocks[1::2], strict=True))


def _replaced(blocks: list, k: int, block: np.ndarray) -> list:
    return _as_layers([*blocks[:k], block, *blocks[k + 1 :]])


def block_errors(gradients: list, numerical: list) -> dict[str, float]:
    """Return the largest error of every block, relative to the block's largest entry.

    Parameters
    ----------
    gradients : list of (dW, db)
        From backpropagation.
    numerical : list of (dW, db)
        From finite differences.

    Returns
    -------
    dict
        ``{"W1": ..., "b1": ..., "W2": ...}``; anything but small numbers means a wrong gradient. A block that
        has the wrong shape, NaN or infinities is infinitely wrong.
    """
    errors = {}
    for k, (layer, expected) in enumerate(zip(gradients, numerical, strict=True), start=1):
        for letter, got, want in zip("Wb", layer, expected, strict=True):
            errors[f"{letter}{k}"] = _block_error(np.asarray(got), want)
    return errors


def _block_error(got: np.ndarray, want: np.ndarray) -> float:
    if got.shape != want.shape or not np.all(np.isfinite(got)):
        return float("inf")
    return float(np.max(np.abs(got - want)) / max(np.max(np.abs(want)), 1e-8))
