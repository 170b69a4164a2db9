"""gradient_norms: how long the gradient still is when it reaches each layer."""

from itertools import pairwise

import numpy as np

from backprop_autograder import Case, Close, Definition
from backprop_solutions.activations import gradient_norms
from backprop_solutions.exercises.activations.inputs import D

exercise = Definition(gradient_norms)

RELATIVE = Close(rtol=1e-9, atol=0.0, reason="a vanishing gradient is right relatively, not only close to 0")
SATURATED = Close(rtol=1e-9, atol=1e-9, reason="a slope below 1e-9 may be 0")
NARROWING = (D, 6, 5, 4)  # every width another one


def network(rng, widths, scale=1.0):
    """Return random weights with an input and an upstream gradient; no layer is off as a whole."""
    while True:
        weights = [rng.normal(scale=scale * np.sqrt(2 / n), size=(n, k)) for n, k in pairwise(widths)]
        x = rng.normal(size=widths[0])
        if _alive(weights, x):
            return weights, x, rng.normal(size=widths[-1])


def _alive(weights, x):
    for W in weights:
        x = np.maximum(x @ W, 0)
        if not 0 < (x > 0).sum() < len(x):
            return False
    return True


def asked(activation, widths=NARROWING, scale=1.0):
    """Return a case's factory: a random network with this activation."""

    def arguments(rng):
        weights, x, g = network(rng, widths, scale)
        return {"weights": weights, "activation": activation, "x": x, "g": g}

    return arguments


def one_layer(activation):
    def arguments(rng):
        weights = [np.array([[1.0, -2.0], [0.5, 1.0]])]
        return {"weights": weights, "activation": activation, "x": np.array([1.0, 2.0]), "g": np.array([3.0, 4.0])}

    return arguments


def two_small_layers(rng):
    weights = [np.array([[1.0, -2.0], [2.0, 1.0]]), np.array([[2.0, -1.0], [1.0, 2.0]])]
    return {"weights": weights, "activation": "relu", "x": np.array([1.0, 1.0]), "g": np.array([3.0, 4.0])}


values = exercise.aspect(
    "values", hint="write down dL/dz of the last layer first: one product with a slope. Then one layer further."
)
values.add(
    Case(label="one linear layer", arguments=one_layer("linear"), comparison=RELATIVE),
    Case(label="two small ReLU layers", arguments=two_small_layers, comparison=RELATIVE),
    Case(label="linear layers", arguments=asked("linear"), comparison=RELATIVE, draws=2),
    Case(label="ReLU layers, asked twice", arguments=asked("relu"), comparison=RELATIVE, draws=3, repeat=2),
    Case(label="ReLU layers of one width", arguments=asked("relu", (5, 5, 5, 5)), comparison=RELATIVE),
    Case(label="ten ReLU layers", arguments=asked("relu", (D, *[6, 7] * 4, 6, 5)), comparison=RELATIVE),
    Case(label="a single ReLU layer", arguments=asked("relu", (D, 5)), comparison=RELATIVE, visible=False),
    Case(label="many linear layers", arguments=asked("linear", (D, *[4, 5] * 6)), comparison=RELATIVE, visible=False),
)


@values.case("no gradient arrives", comparison=RELATIVE, visible=False)
def nothing_arrives(rng):
    weights, x, g = network(rng, (D, 6, 5))
    return {"weights": weights, "activation": "relu", "x": x, "g": 0 * g}


@values.case("last layer off", comparison=RELATIVE)
def last_layer_off(rng):
    weights, x, g = network(rng, (D, 6, 5))
    weights[-1] = -np.abs(weights[-1])
    return {"weights": weights, "activation": "relu", "x": x, "g": g}


smooth = exercise.aspect(
    "smooth", hint="the slope belongs to the pre-activation of its own layer; compare it with a finite difference."
)
smooth.add(
    Case(label="one layer of tanh", arguments=one_layer("tanh"), comparison=RELATIVE),
    Case(label="one layer of sigmoids", arguments=one_layer("sigmoid"), comparison=RELATIVE),
    Case(label="layers of tanh", arguments=asked("tanh"), comparison=RELATIVE, draws=2),
    Case(label="layers of sigmoids", arguments=asked("sigmoid"), comparison=RELATIVE, draws=2),
    Case(label="tanh layers of one width", arguments=asked("tanh", (5, 5, 5, 5)), comparison=RELATIVE),
    Case(label="twelve layers of sigmoids", arguments=asked("sigmoid", (D, *[4, 5] * 6)), comparison=RELATIVE),
    Case(label="twelve layers of tanh", arguments=asked("tanh", (D, *[4, 5] * 6)), comparison=RELATIVE, visible=False),
)


def saturated(activation):
    """Return a case's factory: pre-activations of the first layer reach from small ones to 1000, either sign."""

    def arguments(rng):
        x, z = rng.uniform(0.5, 1.5, size=D), rng.uniform(-2, 2, size=6)
        z[:4] = [1000.0, -1000.0, *rng.uniform(-900, 900, size=2)]
        first = np.outer(x / (x @ x), rng.permutation(z))
        shrink = 1.0 if activation in ("sigmoid", "tanh") else 1e-3
        second = rng.normal(scale=shrink, size=(6, 4))
        return {"weights": [first, second], "activation": activation, "x": x, "g": rng.normal(size=4)}

    return arguments


extremes = exercise.aspect(
    "extremes", hint="which exponential overflows for z = -1000? RWTH writes tanh(a) = 2 sigmoid(2a) - 1."
)
extremes.add(
    *(
        Case(label=f"{name} at pre-activations of 1000", arguments=saturated(name), comparison=SATURATED, draws=draws)
        for name, draws in {"sigmoid": 2, "tanh": 2, "relu": 1, "linear": 1}.items()
    )
)

errors = exercise.aspect("errors", hint="there are four names; for any other one a ValueError says so.")
errors.add(
    Case(label="an activation of another name", arguments=asked("softsign")),
    Case(label="an activation that is not offered", arguments=asked("step")),
    Case(label="a known activation", arguments=asked("tanh"), comparison=RELATIVE),
    Case(label="another known activation", arguments=asked("linear"), comparison=RELATIVE),
)

# --- wrong answers ----------------------------------------------------------------------------------

BOTH, ALL = ("values", "smooth"), ("values", "smooth", "extremes", "errors")

exercise.slip(
    "last_layer_first",
    ("return norms[::-1]", "return norms"),
    cause="The norms come in the order of the backward pass, last layer first.",
    next_step="which layer is asked for first?",
    loses=ALL,
)
exercise.slip(
    "norms_of_activation_gradients",
    ("np.linalg.norm(dz)", "np.linalg.norm(g)"),
    cause="These are norms of dL/dh, measured before the slope; asked for is dL/dz.",
    next_step="on which side of the activation does z lie?",
)
exercise.slip(
    "slope_not_passed_on",
    ("dz @ W.T", "g @ W.T"),
    cause="A layer's slope enters its own norm, but is not passed on.",
    next_step="which gradient does the matrix pull back, dL/dh or dL/dz?",
)
exercise.slip(
    "last_layer_without_activation",
    ("dz = g * slope(h)", "dz = g * slope(h) if norms else g"),
    cause="g is taken for dL/dz of the last layer; that layer has an activation, too.",
    next_step="what lies between h_L and z_L?",
)
exercise.slip(
    "squared_norms",
    ("np.linalg.norm(dz)", "np.sum(dz**2)"),
    cause="These are squared norms: the root is missing.",
    next_step="how long is the vector (3, 4)?",
    loses=ALL,
)
exercise.slip(
    "sums_of_absolute_values",
    ("np.linalg.norm(dz)", "np.abs(dz).sum()"),
    cause="Absolute values are added; the Euclidean norm is the root of the sum of squares.",
    next_step="how long is the vector (3, 4)?",
    loses=ALL,
)
exercise.slip(
    "largest_entries",
    ("np.linalg.norm(dz)", "np.abs(dz).max()"),
    cause="This is the largest entry; the Euclidean norm counts all of them.",
    next_step="how long is the vector (3, 4)?",
    loses=ALL,
)
exercise.slip(
    "root_mean_squares",
    ("np.linalg.norm(dz)", "np.sqrt(np.mean(dz**2))"),
    cause="The squares are averaged over the units; a norm adds them.",
    next_step="how long is the vector (3, 4)?",
    loses=ALL,
)
exercise.slip(
    "vectors_instead_of_norms",
    ("np.linalg.norm(dz)", "dz"),
    cause="These are the gradients themselves; asked for is one number a layer.",
    next_step="which NumPy function measures the length of a vector?",
    loses=ALL,
)
exercise.slip(
    "relu_slope_of_what_is_never_negative",
    ("lambda h: h > 0", "lambda h: h >= 0"),
    cause="The activation of a ReLU is never negative, so this mask passes everything.",
    next_step="what is h of a unit that is off?",
)
exercise.slip(
    "relu_mask_from_the_upstream_sign",
    ("dz = g * slope(h)", 'dz = g * (g > 0 if activation == "relu" else slope(h))'),
    cause="The ReLU's mask is read off g; the forward pass decides it.",
    next_step="may a unit that was on receive a negative gradient?",
)
exercise.slip(
    "slopes_of_the_activations",
    ("lambda h: h * (1 - h)", "lambda h: 1 / (4 * np.cosh(h / 2) ** 2)"),
    ("lambda h: 1 - h**2", "lambda h: 1 - np.tanh(h) ** 2"),
    cause="The slope is evaluated at h, as RWTH prints it; it belongs to z.",
    next_step="is the activation applied twice?",
    loses=("smooth",),
)
exercise.slip(
    "slope_formulas_fed_with_z",
    (
        "outputs.append(act(outputs[-1] @ W))",
        "outputs.append(act(outputs[-1] @ W))\n        slopes.append(outputs[-2] @ W)",
    ),
    ("outputs, norms = [x], []", "outputs, norms, slopes = [x], [], []"),
    ("reversed(outputs[1:])", 'reversed(outputs[1:] if activation == "relu" else slopes)'),
    cause="h (1 - h) and 1 - h^2 want the activation, but get the pre-activation.",
    next_step="can a slope of the sigmoid be negative?",
    loses=("smooth", "extremes"),
)
exercise.slip(
    "sigmoid_slope_without_its_second_factor",
    ("lambda h: h * (1 - h)", "lambda h: h"),
    cause="The sigmoid's slope is taken to be its value; a factor is missing.",
    next_step="how steep is the sigmoid where it is nearly 1?",
    loses=("smooth",),
)
exercise.slip(
    "tanh_slope_without_the_square",
    ("lambda h: 1 - h**2", "lambda h: 1 - h"),
    cause="The slope of tanh lacks a square; it must be the same at z and -z.",
    next_step="what should the slope be where h is nearly -1?",
    loses=("smooth", "errors"),
)
exercise.slip(
    "sigmoid_that_overflows",
    ("(1 + np.tanh(z / 2)) / 2", "1 / (1 + np.exp(-z))"),
    cause="exp(-z) overflows for very negative pre-activations.",
    next_step="RWTH writes tanh(a) = 2 sigmoid(2a) - 1; solve it for the sigmoid.",
    loses=("extremes",),
)
exercise.slip(
    "tanh_slope_that_overflows",
    ("lambda h: 1 - h**2", "lambda h: 1 / np.cosh(np.arctanh(h)) ** 2"),
    cause="At saturation this way to the slope of tanh divides by zero or overflows.",
    next_step="which formula needs the value of tanh alone?",
    loses=("extremes",),
)
exercise.slip(
    "upstream_taken_as_ones",
    ("outputs, norms = [x], []", "outputs, norms, g = [x], [], np.ones_like(g)"),
    cause="The upstream gradient is replaced by ones, as if L were the sum of all outputs.",
    next_step="where does the argument g enter?",
    loses=ALL,
)
exercise.slip(
    "matrices_not_transposed",
    ("dz @ W.T", "dz @ W"),
    cause="W itself is used on the way back.",
    next_step="which matrix turns outputs into inputs?",
)
exercise.slip(
    "matrices_in_forward_order",
    ("zip(reversed(weights)", "zip(weights"),
    cause="The backward pass takes the matrices in forward order.",
    next_step="which matrix does the gradient of the last layer meet first?",
)
exercise.slip(
    "gradient_of_the_input_included",
    ("return norms[::-1]", "return [np.linalg.norm(g), *norms[::-1]]"),
    cause="There is one number too many: the gradient with respect to x is no layer's.",
    next_step="how many layers has a network of L matrices?",
    loses=ALL,
)
exercise.slip(
    "first_layer_left_out",
    ("return norms[::-1]", "return norms[-2::-1]"),
    cause="The first layer is left out, the very one this unit asks about.",
    next_step="how many layers has a network of L matrices?",
    loses=ALL,
)
exercise.slip(
    "norms_relative_to_the_last",
    ("return norms[::-1]", "return [n / norms[0] for n in norms[::-1]] if norms[0] else norms"),
    cause="The norms are divided by the last one.",
    next_step="what should g = (3, 4) and one linear layer give?",
    loses=ALL,
)
exercise.slip(
    "unknown_names_are_linear",
    ('raise ValueError(f"unknown activation {activation!r}")', 'activation = "linear"'),
    cause="For an unknown name nothing is raised.",
    next_step="what would a typing error in the name do?",
    loses=("errors",),
)
exercise.slip(
    "unknown_names_are_a_key_error",
    ("if activation not in pairs:", "if False:"),
    cause="An unknown activation is found out, but by the dictionary: that is a KeyError.",
    next_step="which exception does the docstring promise?",
    loses=("errors",),
)


exercise.slip(
    "norms_of_the_activations",
    ("return norms[::-1]", "return [np.linalg.norm(h) for h in outputs[1:]]"),
    cause="These are norms of the signal on its way forward; asked for is the gradient on its way back.",
    next_step="where does the argument g enter?",
    loses=BOTH,
)
exercise.slip(
    "norms_of_weight_gradients",
    ("np.linalg.norm(dz)", "np.linalg.norm(np.outer(outputs[-2 - len(norms)], dz))"),
    cause="These are norms of dL/dW, which contain the layer's input; asked for is dL/dz.",
    next_step="which shape has dL/dz of a layer with K units?",
    loses=BOTH,
)
exercise.slip(
    "slopes_left_out",
    ("dz = g * slope(h)", "dz = g"),
    cause="The activation does not enter the backward pass, as if every layer were linear.",
    next_step="what lies between h_l and z_l?",
)
exercise.slip(
    "slopes_of_the_layer_before",
    ("reversed(outputs[1:])", "reversed(outputs[:-1])"),
    cause="Each slope is taken from the layer's input instead of its output.",
    next_step="which activation has the gradient's shape there?",
)
exercise.slip(
    "sigmoid_without_halving",
    ("np.tanh(z / 2)", "np.tanh(z)"),
    cause="This sigmoid is twice as steep as it should be.",
    next_step="solve RWTH's identity for the sigmoid of z = 2a.",
    loses=("smooth",),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def norms_from_pre_activations(weights, activation, x, g):
    if activation not in ("sigmoid", "tanh", "relu", "linear"):
        raise ValueError(f"{activation}?")
    zs, h = [], x
    for W in weights:
        z = h @ W
        zs.append(z)
        if activation == "sigmoid":
            e = np.exp(-np.abs(z))
            h = np.where(z >= 0, 1.0, e) / (1 + e)
        elif activation == "tanh":
            h = np.tanh(z)
        elif activation == "relu":
            h = np.where(z > 0, z, 0.0)
        else:
            h = z
    norms = [0.0] * len(weights)
    for k in reversed(range(len(weights))):
        z = zs[k]
        if activation == "sigmoid":
            e = np.exp(-np.abs(z))
            g = g * e / (1 + e) ** 2
        elif activation == "tanh":
            e = np.exp(-2 * np.abs(z))
            g = g * 4 * e / (1 + e) ** 2
        elif activation == "relu":
            g = np.where(z > 0, g, 0.0)
        norms[k] = float(np.sqrt(np.sum(g**2)))
        g = weights[k] @ g
    return norms


@exercise.alternative
def norms_by_recursion(weights, activation, x, g):
    def slope_and_value(z):
        if activation == "linear":
            return np.ones(len(z)), z
        if activation == "relu":
            return (z > 0).astype(float), z * (z > 0)
        if activation == "tanh":
            return 1 - np.tanh(z) ** 2, np.tanh(z)
        if activation == "sigmoid":
            t = np.tanh(z / 2)
            return (1 - t**2) / 4, (1 + t) / 2
        raise ValueError(activation)

    def back(h, rest):
        slope, value = slope_and_value(h @ rest[0])
        upstream, norms = (g, []) if len(rest) == 1 else back(value, rest[1:])
        dz = upstream * slope
        return rest[0] @ dz, [np.linalg.norm(dz), *norms]

    return back(x, weights)[1]


@exercise.alternative
def norms_by_jacobians(weights, activation, x, g):
    with np.errstate(over="ignore"):
        acts = {
            "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
            "tanh": np.tanh,
            "relu": lambda z: np.maximum(0, z),
            "linear": lambda z: z + 0.0,
        }
        slopes = {
            "sigmoid": lambda h: h - h**2,
            "tanh": lambda h: (1 - h) * (1 + h),
            "relu": lambda h: np.sign(h),
            "linear": lambda h: np.ones(h.shape),
        }
        try:
            act, slope = acts[activation], slopes[activation]
        except KeyError:
            raise ValueError(activation) from None
        h, diagonals = x, []
        for W in weights:
            h = act(np.dot(h, W))
            diagonals.append(np.diag(slope(h)))
    norms, total = [], g
    for W, J in list(zip(weights, diagonals, strict=True))[::-1]:
        total = J @ total
        norms.insert(0, np.linalg.norm(total))
        total = W @ total
    return np.array(norms)


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "dz.T @ W.T", "outputs[-1].T @ W", "W @ dz.T", "W.T @ outputs[-1].T", reason="a vector has no transpose"
)
exercise.equivalent(
    "(np.ones_like, lambda z: z)", reason="outputs of 1, whose derivative is taken to be the output: that is 1 as well"
)
exercise.equivalent("h ** 2 - 1", "h * (h - 1)", reason="a norm has no sign")
