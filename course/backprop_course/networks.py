"""Networks of steps and of ReLUs, which a list of parameters describes: what unit 9 builds is run by them.

NumPy only, so that a grader needs no widgets.
"""

from collections.abc import Callable, Sequence

import numpy as np

Parameters = Sequence[tuple]


def step_network(X: np.ndarray, parameters: Parameters) -> np.ndarray:
    """Return the outputs of a network whose hidden units say 1 if z >= 0, else 0; the last layer is linear.

    Parameters
    ----------
    X : array, shape (N, D)
        One input a row.
    parameters : list of (W, b)
        Layer by layer, W of shape (inputs, units) and b of shape (units,). One layer alone is a linear map.

    Returns
    -------
    ndarray, shape (N, K)

    Raises
    ------
    ValueError
        If shapes do not fit together, or this is no list of pairs; the message says where.
    """
    return _network(X, parameters, lambda Z: (Z >= 0).astype(float))


def relu_network(X: np.ndarray, parameters: Parameters) -> np.ndarray:
    """Return the outputs of a network whose hidden units say max(0, z); the last layer is linear.

    Parameters and result are those of `step_network`.
    """
    return _network(X, parameters, lambda Z: np.maximum(Z, 0.0))


def hidden_units(parameters: Parameters) -> list[int]:
    """Return how many units each hidden layer has."""
    return [np.shape(b)[0] for _, b in parameters[:-1]]


def _network(X: np.ndarray, parameters: Parameters, activation: Callable) -> np.ndarray:
    values = np.asarray(X, dtype=float)
    if values.ndim != 2:
        raise ValueError(f"X has shape {values.shape}, but one input a row is wanted: (N, D)")
    if not isinstance(parameters, list | tuple):
        raise ValueError(f"the parameters are a list of layers (W, b), not {type(parameters).__name__}")
    if not parameters:
        raise ValueError("the list of parameters is empty; the last layer (W, b) makes the output")
    for k, layer in enumerate(parameters, start=1):
        values = _affine(values, layer, k)
        values = activation(values) if k < len(parameters) else values
    return values


def _affine(values: np.ndarray, layer: tuple, number: int) -> np.ndarray:
    if not isinstance(layer, list | tuple) or len(layer) != 2:
        raise ValueError(f"layer {number} is not a pair (W, b)")
    W, b = (np.asarray(part, dtype=float) for part in layer)
    if W.ndim != 2 or b.shape != W.shape[1:]:
        raise ValueError(f"layer {number}: W of shape {W.shape} and b of shape {b.shape} are not (D, K) and (K,)")
    if W.shape[0] != values.shape[1]:
        raise ValueError(
            f"layer {number}: W has shape {W.shape}, but {values.shape[1]} values come in: "
            f"expected ({values.shape[1]}, {b.size})"
        )
    return values @ W + b
