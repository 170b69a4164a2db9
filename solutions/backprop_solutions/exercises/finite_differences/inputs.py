"""Inputs and cases that several exercises of the unit share."""

import numpy as np

from backprop_autograder import Close, Formula

QUOTIENT = Close(rtol=1e-8, atol=1e-8, reason="round-off of f, divided by h = 1e-5")


def sized(rng, *shape):
    """Draw entries of either sign that are neither small nor large."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 1.5, shape)


def lecture_quotient(h):
    return lambda rng: {"f": Formula("lambda x: (2*x + 9)**2 + 3"), "x": 1.0, "h": h}


def random_cubic(rng):
    f = Formula("lambda x: a*x**3 + b*x", a=round(sized(rng).item(), 2), b=round(sized(rng).item(), 2))
    return {"f": f, "x": round(rng.uniform(0.3, 2.0), 2), "h": round(rng.uniform(0.1, 0.3), 2)}


def zero_at_x(rng):
    x = round(rng.uniform(1.0, 2.0), 2)
    return {"f": Formula("lambda x: x**3 - c*x", c=x**2), "x": x, "h": round(rng.uniform(0.1, 0.3), 2)}


def default_step(rng):
    return {
        "f": Formula("lambda x: np.exp(a*x)", a=round(rng.uniform(0.6, 1.2), 2)),
        "x": round(rng.uniform(0.2, 0.8), 2),
    }


LENIENT = {"allow_warnings": True}  # 0/0 and inf - inf may warn on the way to a right answer

# Only yes or no comes back, so the pattern of the cases tells the misconceptions apart.
MIXED = (4, 3)


def waves(rng, change="", positive=False, **options):
    """Draw f = sum A sin X with a gradient whose text may be changed."""
    shape = options.pop("shape", MIXED)
    A = sized(rng, *shape)
    A = np.abs(A) if positive else A
    X = rng.uniform(0.3, 1.2, shape)
    constants = {key: options.pop(key) for key in list(options) if key in ("E", "M", "c")}
    gradient = Formula(f"lambda X: {change.replace('G', '(A*np.cos(X))') or 'A*np.cos(X)'}", A=A, **constants)
    return {"f": Formula("lambda X: np.sum(A*np.sin(X))", A=A), "grad_f": gradient, "X": X, **options}


def place(rng, value=True, shape=MIXED):
    """Draw an array that is zero (False) but for one entry."""
    array = np.zeros(shape, dtype=type(value))
    array[tuple(rng.integers(0, n) for n in shape)] = value
    return array


def right_for_integers(rng):
    return {**waves(rng), "X": rng.choice([1, 2, 4, 5], MIXED)}


def coarse_step(rng):
    X = rng.uniform(0.5, 1.5, MIXED)
    f, grad_f = Formula("lambda X: np.sum(X**3)"), Formula("lambda X: 3*X**2")
    return {"f": f, "grad_f": grad_f, "X": X, "h": 0.5}


def steep(rng, wrong_entry):
    """Draw a function whose gradient has one small entry beside large ones, and no round-off to speak of."""
    C, X = sized(rng, *MIXED) * 1e6, sized(rng, *MIXED)
    C[2, 1] = rng.uniform(0.5, 1.0)
    E = np.zeros(MIXED)
    E[2, 1] = wrong_entry
    f = Formula("lambda X: np.sum(C*np.sin(X-X0))", C=C, X0=X)
    return {"f": f, "grad_f": Formula("lambda X: C*np.cos(X-X0) + E", C=C, X0=X, E=E), "X": X}


def zero_with_round_off(rng):
    f = Formula("lambda X: np.sum(np.log(np.exp(X))-X)")
    return {"f": f, "grad_f": Formula("lambda X: 0*X"), "X": rng.normal(size=MIXED)}


def broadcasting(*shape):
    def arguments(rng):
        c = sized(rng, *shape)
        return {
            "f": Formula("lambda X: np.sum(c*X)", c=c),
            "grad_f": Formula("lambda X: c", c=c),
            "X": sized(rng, *MIXED),
        }

    return arguments


def flat(rng):
    return waves(rng, "G.ravel()")


def plain_number(rng):
    c = round(sized(rng).item(), 2)
    return {"f": Formula(f"lambda X: {c}*np.sum(X)"), "grad_f": Formula(f"lambda X: {c}"), "X": sized(rng, *MIXED)}


def slope_is_infinite(rng):
    X = sized(rng, *MIXED)
    f = Formula("lambda X: np.sum(A*X) + (np.inf if np.any(X > X0) else 0.0)", A=positive(rng, MIXED), X0=X)
    return {"f": f, "grad_f": Formula("lambda X: A", A=f.constants["A"]), "X": X}


def function_is_nan(rng):
    f = Formula("lambda X: np.sum(A*X) + np.nan", A=sized(rng, *MIXED))
    return {"f": f, "grad_f": Formula("lambda X: A", **f.constants), "X": sized(rng, *MIXED)}


SHORT = (3,)


def positive(rng, shape=SHORT):
    return np.abs(sized(rng, *shape))


def beyond_default_step(power):
    """Draw a power of x so steep that the quotient at 0 depends on the step: it is of order one for h = 1e-5."""
    f = f"lambda x: a*x**{power}"
    return lambda rng: {"f": Formula(f, a=rng.uniform(0.5, 2.0) * 10.0 ** (5 * power - 5)), "x": 0.0}


# Texts of a gradient beside the right one G, and the options of the check; between them they pin the rule.
RULE = [
    ("an error within the default tolerance", "G*(1 + 6e-7)", {}),
    ("an error beyond the default tolerance", "G*(1 + 1.6e-6)", {}),
    ("too small, within a half", "G*0.6", {"h": 1e-5, "tolerance": 0.5}),
    ("too large, within a half", "G*1.7", {"h": 1e-5, "tolerance": 0.5}),
    ("too small by more than a half", "G*0.4", {"h": 1e-5, "tolerance": 0.5}),
]


def near_floor(error):
    """Draw a linear function whose slopes are far below 1e-9, and a gradient that is off by `error`."""

    def arguments(rng, shape=MIXED):
        C = 1e-12 * positive(rng, shape)
        f = Formula("lambda X: np.sum(C*X)", C=C)
        return {"f": f, "grad_f": Formula("lambda X: C + E", C=C, E=place(rng, error, shape)), "X": sized(rng, *shape)}

    return arguments


def parameter_near_floor(error):
    """Draw the same for the only parameter of a dict."""

    def arguments(rng):
        one = near_floor(error)(rng)
        f, X = Formula("lambda p: np.sum(C*p['W'])", **one["f"].constants), one["X"]
        return {"f": f, "parameters": {"W": X}, "gradients": {"W": one["grad_f"](X)}}

    return arguments


NETWORK = "lambda p: np.sum(C*(np.tanh(X @ p['W'] + p['b']) @ p['U']))"


def network(rng, change=None, integers=False):
    """Draw a small network and its gradients, and apply `change` to them."""
    X, C = sized(rng, 4, 3), sized(rng, 4, 2)
    p = {"W": sized(rng, 3, 5) / 3, "b": sized(rng, 5) / 3, "U": sized(rng, 5, 2)}
    if integers:
        X, p["W"] = X / 3, rng.integers(1, 4, (3, 5))
    A = np.tanh(X @ p["W"] + p["b"])
    G = (C @ p["U"].T) * (1 - A**2)
    gradients = {"W": X.T @ G, "b": G.sum(axis=0), "U": A.T @ C}
    if change:
        change(gradients, G)
    return {"f": Formula(NETWORK, X=X, C=C), "parameters": p, "gradients": gradients}
