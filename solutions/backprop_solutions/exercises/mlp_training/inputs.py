"""Inputs and cases that several exercises of the unit share."""

from itertools import pairwise

import numpy as np

N, D, H, K = 6, 3, 5, 4  # all different and above 1: a transpose in the wrong place cannot hide


def network(rng, sizes):
    """Return a network with biases that are not zero, so that a forgotten one shows."""
    return [(rng.normal(size=(d, k)), rng.normal(size=k)) for d, k in pairwise(sizes)]


def network_by_hand(rng):
    first = np.array([[1.0, -1.0, 2.0], [0.5, 1.0, 0.0]]), np.array([0.0, 1.0, -1.0])
    second = np.array([[1.0, 2.0], [-1.0, 0.5], [3.0, 1.0]]), np.array([0.5, -4.0])
    return {"X": np.array([[1.0, 2.0], [-1.0, 0.5]]), "parameters": [first, second]}
