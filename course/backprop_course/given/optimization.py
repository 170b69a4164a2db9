"""Stand-ins for unit 7: one walk for all descents, and rules from the two extreme eigenvalues."""

import itertools
from collections.abc import Callable

import numpy as np


def _walk(move: Callable) -> Callable:
    """Return a descent whose steps are ``move(gradient, count, memory, *settings)``."""

    def descend(gradient, x0, step, *settings):
        *settings, tolerance, max_steps = settings
        x, points, memory = np.array(x0, dtype=float), [], {}
        for count in itertools.count(1):
            points.append(x)
            if count > max_steps or np.linalg.norm(g := gradient(x)) <= tolerance:
                return np.array(points)
            x = x + move(g, count, memory, step, *settings)

    return descend


def _with_velocity(g, count, memory, step, momentum=0.0):
    memory["v"] = momentum * memory.get("v", 0.0) - step * g
    return memory["v"]


def _with_scales(g, count, memory, step):
    for name, keep, new in (("m", 0.9, g), ("v", 0.999, g * g)):
        memory[name] = keep * memory.get(name, 0.0) + (1 - keep) * new
    return -step * memory["m"] / (1 - 0.9**count) / (np.sqrt(memory["v"] / (1 - 0.999**count)) + 1e-8)


gradient_descent = momentum_descent = _walk(_with_velocity)
adam_descent = _walk(_with_scales)


def _ends(hessian: np.ndarray) -> tuple[float, float]:
    low, *_, high = np.linalg.eigvalsh(hessian)
    return low, high


def contraction(hessian: np.ndarray, step: float) -> float:
    """Return the larger factor of the two extreme directions: given until the exercise is solved."""
    return max(abs(1 - step * end) for end in _ends(hessian))


def largest_stable_step(hessian: np.ndarray) -> float:
    """Return the step that throws the steepest direction back: given until the exercise is solved."""
    return 2 / _ends(hessian)[1]


def best_fixed_step(hessian: np.ndarray) -> float:
    """Return the step at which both extremes are equally slow: given until the exercise is solved."""
    return 2 / sum(_ends(hessian))


def delta_rule_step(w: np.ndarray, x: np.ndarray, t: float, rate: float) -> np.ndarray:
    """Return weights moved by what is missing to the target: given until the exercise is solved."""
    return w + rate * x * (t - np.dot(x, w))
