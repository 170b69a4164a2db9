"""What the exercises of the unit share: how a network that a student returned is evaluated, by the judge itself.

The functions travel as text, one after the other: each is self-contained but for those it is sent along with.
"""

import inspect

import numpy as np

from backprop_autograder import Case, Formula, Property


def judged_by(complaint, *helpers):
    """Return the property that `complaint` states; it may call `helpers` and `network_outputs`."""
    functions = complaint, *helpers, network_outputs, shape_complaint
    return Property.from_source("\n\n".join(map(inspect.getsource, functions)))


def network_outputs(parameters, X, kind, columns):
    """Return the outputs of a network for the rows of X and None, or None and what is wrong with its parameters."""
    if type(parameters) not in (list, tuple) or not 1 <= len(parameters) <= 200:
        return None, "the result is not a list of layers (W, b)"
    values, work = np.asarray(X, dtype=float), 0
    for k, layer in enumerate(parameters, start=1):
        if type(layer) not in (list, tuple) or len(layer) != 2:
            return None, f"layer {k} is not a pair (W, b)"
        try:
            W, b = (np.asarray(part) for part in layer)
        except ValueError:
            return None, f"layer {k}: W or b has rows of different length"
        if any(part.dtype.kind not in "fiub" for part in (W, b)):
            return None, f"layer {k} does not hold real numbers only"
        if words := shape_complaint(W, b, values.shape[1], k, columns if k == len(parameters) else None):
            return None, words
        work += len(values) * W.size
        if len(values) * b.size > 8_000_000 or work > 1_000_000_000:
            return None, f"with layer {k} the network is larger than can be evaluated"
        with np.errstate(all="ignore"):
            values = values @ W.astype(float) + b.astype(float)
            if k < len(parameters):
                values = np.where(values >= 0, 1.0, 0.0) if kind == "step" else np.maximum(values, 0.0)
    return values, None


def too_large(result, units, layers):
    """Return what there is too much of in a network; what is none is looked at in `network_outputs`."""
    if type(result) not in (list, tuple) or not all(type(layer) in (list, tuple) for layer in result):
        return None
    if len(result) - 1 > layers:
        return f"the network has {len(result) - 1} hidden layers, but one is allowed"
    used = sum(int(np.size(layer[-1])) for layer in result[:-1] if layer)
    return f"the network has {used} hidden units, but {units} are allowed" if used > units else None


def too_far(result, f, x, kind, promised):
    """Return where a network is further from f than promised."""
    outputs, words = network_outputs(result, x[:, None], kind, 1)
    if words:
        return words
    error = np.abs(outputs[:, 0] - f(x))
    error[~np.isfinite(error)] = np.inf
    if np.all(error <= promised):
        return None
    worst = np.argmax(error)
    return f"the error is {error[worst]:.3g} at x = {x[worst]:.3g}; {promised:.3g} is allowed"


def shape_complaint(W, b, inputs, layer, columns):
    """Return None, or which shape W or b of a layer has and should have; `columns` is None but for the last layer."""
    units = columns or (W.shape[1] if W.ndim == 2 and W.shape[0] == inputs else b.size)
    place = f"layer {layer}, the last," if columns else f"layer {layer}"
    for name, part, shape in (("W", W, (inputs, units)), ("b", b, (units,))):
        if part.shape != shape:
            return (
                f"{name} of {place} has shape {part.shape}, expected {shape}"
                ". Next: print the shapes of every W and b: W has a row for each value that comes in, "
                "and a column for each unit; b has a number for each."
            )
    return None


def number(rng, low, high):
    return round(float(rng.uniform(low, high)), 1)


def line(slope, height):
    return Formula(f"lambda x: {slope}*x+{height}")


def parabola(rng):
    return Formula(f"lambda x: {number(rng, 2, 5)}*(x-{number(rng, 0.5, 1)})**2+{number(rng, 1, 2)}")


def sine(rng):
    return Formula(f"lambda x: {number(rng, 1, 3)}*np.sin({number(rng, 3, 5)}*x)+{number(rng, 3, 6)}")


def only_between_1_and_3(rng):
    c = number(rng, 1.5, 2.5)
    return Formula("lambda x: np.where(np.abs(x - 2) <= 1 + 1e-9, c + (x - c)**3 - x, np.nan)", c=c)


def on_any_interval(judged):
    return [
        Case(
            label="an interval left of 0",
            arguments=lambda rng: {
                "f": sine(rng),
                "units": int(rng.integers(6, 15)),
                "interval": (-4.0, number(rng, -2, -1)),
            },
            draws=2,
            **judged,
        ),
        Case(
            label="a function that is nowhere else",
            arguments=lambda rng: {
                "f": only_between_1_and_3(rng),
                "units": int(rng.integers(7, 20)),
                "interval": (1.0, 3.0),
            },
            draws=2,
            **judged,
        ),
    ]
