"""Linear: a module that maps rows X to X W + b, forward and backward."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.autodiff import Linear
from backprop_solutions.exercises.autodiff.inputs import lines, signed

LAYER = "W, b = np.array($W), np.array($b)\nlayer = Linear(W, b)\n"
FPROP = "X = np.array($X)\nY = layer.fprop(X)\n"
BPROP = "G = np.array($G)\ndX = layer.bprop(G)"
SEEN = ("Y", "dX", "layer.dW", "layer.db", "X", "W")


def shapes_of(N, D, K):
    return {"X": (N, D), "W": (D, K), "b": (K,), "G": (N, K)}


def rows_of_zeros(rng):
    arrays = {name: signed(rng, *shape) for name, shape in shapes_of(4, 3, 2).items()}
    arrays["X"][0], arrays["G"][-1] = 0.0, 0.0
    return arrays


def equal_rows(rng):
    arrays = {name: signed(rng, *shape) for name, shape in shapes_of(4, 3, 2).items()}
    arrays["X"][2], arrays["G"][2] = arrays["X"][0], arrays["G"][0]
    return arrays


def no_gradient(rng):
    arrays = {name: signed(rng, *shape) for name, shape in shapes_of(2, 3, 2).items()}
    return {**arrays, "F": arrays["G"], "G": np.zeros((2, 2))}


exercise = Definition(Linear)

values = exercise.aspect("values", hint="which of X, W and G have the axes that the result must have?")
values.add(
    lines("a batch", LAYER + FPROP + BPROP, *SEEN, draws=2, **shapes_of(4, 3, 2)),
    lines("more outputs than inputs", LAYER + FPROP + BPROP, *SEEN, draws=2, **shapes_of(2, 3, 5)),
    lines("a batch of one row", LAYER + FPROP + BPROP, *SEEN, **shapes_of(1, 3, 2)),
    lines("a single output", LAYER + FPROP + BPROP, *SEEN, **shapes_of(4, 3, 1)),
    lines("rows of zeros", LAYER + FPROP + BPROP, *SEEN, draw=rows_of_zeros),
    lines("equal rows", LAYER + FPROP + BPROP, *SEEN, draw=equal_rows),
)

calls = exercise.aspect("calls", hint="which fprop do the outputs belong to whose gradient comes in?")
calls.add(
    lines(
        "bprop twice",
        f"{LAYER}{FPROP}layer.bprop(np.array($F))\n{BPROP}",
        *SEEN,
        draws=2,
        F=(4, 2),
        **shapes_of(4, 3, 2),
    ),
    lines("a gradient of zeros", f"{LAYER}{FPROP}layer.bprop(np.array($F))\n{BPROP}", *SEEN, draw=no_gradient),
    lines(
        "fprop of another batch",
        f"{LAYER}layer.fprop(np.array($F))\n{FPROP}{BPROP}",
        *SEEN,
        draws=2,
        F=(2, 3),
        **shapes_of(4, 3, 2),
    ),
    lines(
        "new weights between calls",
        f"{LAYER}{FPROP}{BPROP}\nlayer.W, layer.b = np.array($V), np.array($c)\nY, dX = layer.fprop(X), layer.bprop(G)",
        *SEEN,
        draws=2,
        V=(3, 2),
        c=(2,),
        **shapes_of(4, 3, 2),
    ),
)

# --- wrong answers ----------------------------------------------------------------------------------

BOTH = ("values", "calls")
exercise.slip(
    "bias_left_out",
    ("X @ self.W + self.b", "X @ self.W"),
    cause="fprop leaves the bias out.",
    next_step="what does the layer put out where all of X is 0?",
    loses=BOTH,
)
exercise.slip(
    "bias_gradient_not_summed",
    ("G.sum(axis=0)", "G"),
    cause="db has a row for every example; b is shared by all of them.",
    next_step="b reaches the loss through every row. What happens to shares along several paths?",
    loses=BOTH,
)
exercise.slip(
    "bias_gradient_summed_over_units",
    ("G.sum(axis=0)", "G.sum(axis=1)"),
    cause="db is summed over the outputs; the rows are what shares b.",
    next_step="how many entries has b, and which axis of G is as long?",
    loses=BOTH,
)
exercise.slip(
    "bias_gradient_averaged",
    ("G.sum(axis=0)", "G.mean(axis=0)"),
    cause="db is an average over the rows; the 1/N of a mean loss is in G already.",
    next_step="where does 1/N enter, and how often?",
    loses=BOTH,
)
exercise.slip(
    "weight_gradient_averaged",
    ("self.X.T @ G", "self.X.T @ G / len(G)"),
    cause="dW is divided by the number of rows; the 1/N of a mean loss is in G already.",
    next_step="where does 1/N enter, and how often?",
    loses=BOTH,
)
exercise.slip(
    "both_gradients_averaged",
    ("self.X.T @ G", "self.X.T @ G / len(G)"),
    ("G.sum(axis=0)", "G.mean(axis=0)"),
    cause="dW and db are divided by the number of rows; the 1/N of a mean loss is in G already.",
    next_step="where does 1/N enter, and how often?",
    loses=BOTH,
)
exercise.slip(
    "weight_gradient_transposed",
    ("self.X.T @ G", "G.T @ self.X"),
    cause="dW has the shape of W transposed.",
    next_step="a gradient has the shape of what it is the gradient of. What is W's?",
    loses=BOTH,
)
exercise.slip(
    "weights_not_transposed",
    ("G @ self.W.T", "G @ self.W"),
    cause="dX multiplies G by W as it is; its inner lengths agree only if W is square.",
    next_step="G is (N, K) and dX is (N, D): what shape must stand between?",
    loses=BOTH,
)
exercise.slip(
    "input_gradient_not_returned",
    ("        return G @ self.W.T\n", "        self.dX = G @ self.W.T\n"),
    cause="bprop keeps dX for itself; the module before this one waits for it.",
    next_step="what does Sequential hand to the next module on the way back?",
    loses=BOTH,
)
exercise.slip(
    "all_gradients_returned",
    ("return G @ self.W.T", "return G @ self.W.T, self.dW, self.db"),
    cause="bprop returns three arrays; a module passes back dX alone and keeps dW and db.",
    next_step="which of the three does the module before this one need?",
    loses=BOTH,
)
exercise.slip(
    "gradients_returned_not_kept",
    (
        "        self.dW = self.X.T @ G\n        self.db = G.sum(axis=0)\n        return G @ self.W.T",
        "        return G @ self.W.T, self.X.T @ G, G.sum(axis=0)",
    ),
    cause="bprop returns three arrays and keeps none; dW and db belong in the module, dX goes to the one before.",
    next_step="under which names does training look for the gradients of W and b?",
    loses=BOTH,
)
exercise.slip(
    "output_kept_for_input",
    (
        "self.X = X\n        return X @ self.W + self.b",
        "self.X = X @ self.W + self.b\n        return self.X",
    ),
    cause="The module remembers its output where the weight gradient needs its input.",
    next_step="what did W_ij multiply in the forward pass?",
    loses=BOTH,
)
exercise.slip(
    "weights_changed_in_bprop",
    ("return G @ self.W.T", "dX = G @ self.W.T\n        self.W -= 0.1 * self.dW\n        return dX"),
    cause="bprop changes the weights itself: a gradient is computed, a step is taken elsewhere.",
    next_step="who decides on the learning rate?",
    loses=BOTH,
)
exercise.slip(
    "weight_gradient_of_one_row",
    ("self.X.T @ G", "np.outer(self.X[0], G[0])"),
    cause="dW sees the first row of the batch alone.",
    next_step="over which letter does the product of X and G sum?",
    loses=BOTH,
)
exercise.slip(
    "gradients_added_up",
    ("self.dW = self.X.T @ G", 'self.dW = getattr(self, "dW", 0.0) + self.X.T @ G'),
    ("self.db = G.sum(axis=0)", 'self.db = getattr(self, "db", 0.0) + G.sum(axis=0)'),
    cause="dW and db add up over calls; a module overwrites them each time.",
    next_step="what should dW be after bprop(G) has been called twice?",
    loses=("calls",),
)
exercise.slip(
    "first_batch_kept",
    ("self.X = X\n", 'self.X = getattr(self, "X", X)\n'),
    cause="The module still holds the batch of its first fprop.",
    next_step="which X belongs to the outputs that G is the gradient of?",
    loses=("calls",),
)
exercise.slip(
    "first_weights_kept",
    ("self.W, self.b = W, b", "self.W, self.b, self.old = W, b, W"),
    ("G @ self.W.T", "G @ self.old.T"),
    cause="bprop uses the weights that the module was made with, not those it has now.",
    next_step="training replaces W after every step. Which one did the last fprop use?",
    loses=("calls",),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
class LinearByEinsum:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def fprop(self, X):
        self.seen = X.copy()
        return np.einsum("nd,dk->nk", X, self.W) + self.b[None, :]

    def bprop(self, G):
        self.dW, self.db = np.einsum("nd,nk->dk", self.seen, G), np.einsum("nk->k", G)
        return np.einsum("nk,dk->nd", G, self.W)


@exercise.alternative
class LinearByOnes:
    """The bias is the weight of an input that is always 1."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def fprop(self, X):
        self.extended = np.column_stack([X, np.ones(len(X))])
        return self.extended @ np.vstack([self.W, self.b])

    def bprop(self, G):
        gradient = self.extended.T @ G
        self.dW, self.db = gradient[:-1], gradient[-1]
        return np.dot(G, self.W.T)


@exercise.alternative
class LinearByRows:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def fprop(self, X):
        self.rows = list(X)
        return np.array([self.b + sum(x * w for x, w in zip(row, self.W, strict=True)) for row in X])

    def bprop(self, G):
        self.dW, self.db = np.zeros(self.W.shape), np.zeros(self.b.shape)
        for row, g in zip(self.rows, G, strict=True):
            self.dW += np.outer(row, g)
            self.db += g
        return np.array([self.W @ g for g in G])
