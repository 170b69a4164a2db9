"""SoftmaxCrossEntropy: the module at the end of a classifier."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.autodiff import SoftmaxCrossEntropy
from backprop_solutions.exercises.autodiff.inputs import lines

ONCE = "loss = SoftmaxCrossEntropy()\nZ, y = np.array($Z), np.array($y)\nE = loss.fprop(Z, y)\nG = loss.bprop()"
TWICE = (
    "loss = SoftmaxCrossEntropy()\nZ, y = np.array($Z), np.array($y)\nloss.fprop(np.array($F), np.array([1, 0]))\n"
    "E = loss.fprop(Z, y)\nloss.bprop()\nG = loss.bprop()"
)
SEEN = ("E", "G", "Z")


def logits(N, K, **others):
    """Return a function that draws logits of order one, and labels."""

    def draw(rng):
        more = {name: rng.normal(size=shape) for name, shape in others.items()}
        return {"Z": rng.normal(size=(N, K)), "y": rng.integers(0, K, size=N), **more}

    return draw


def large(rng):
    return {"Z": 1e4 * rng.choice([-1.0, 1.0], size=(2, 1)) + rng.normal(size=(2, 3)), "y": rng.integers(0, 3, size=2)}


def far_apart(rng):
    return {"Z": rng.permuted([[1e4, 0.0, -1e4], [900.0, 0.0, -900.0]], axis=1), "y": rng.integers(0, 3, size=2)}


def mixed_rows(rng):
    return {"Z": np.array([[5e3], [0.0], [-5e3]]) + rng.normal(size=(3, 4)), "y": rng.integers(0, 4, size=3)}


def equal_rows(rng):
    row, other = rng.normal(size=(2, 3))
    return {"Z": np.array([row, other, row, row]), "y": np.array([2, 0, 2, 2])}


def unlikely(rng):
    return {"Z": rng.permuted([[0.0, -17.0, -20.0], [0.0, -16.0, -18.0]], axis=1), "y": rng.integers(0, 3, size=2)}


exercise = Definition(SoftmaxCrossEntropy)

values = exercise.aspect("values", hint="recall from unit 5: the gradient for the logits is (p - one-hot) / N.")
values.add(
    lines("a batch", ONCE, *SEEN, draws=3, draw=logits(4, 3)),
    lines("more classes than rows", ONCE, *SEEN, draws=2, draw=logits(2, 5)),
    lines("equal rows", ONCE, *SEEN, draw=equal_rows),
    lines("one row", ONCE, *SEEN, draw=logits(1, 3)),
    lines("used a second time", TWICE, *SEEN, draws=2, draw=logits(4, 3, F=(2, 3))),
)

stability = exercise.aspect(
    "stability", hint="what may be subtracted from all logits of a row, and which logarithm of a sum is left?"
)
stability.add(
    lines("large logits", ONCE, *SEEN, draws=2, draw=large),
    lines("logits that lie far apart", ONCE, *SEEN, draws=2, draw=far_apart),
    lines("unlikely classes", ONCE, *SEEN, draw=unlikely),
    lines("large rows beside small ones", ONCE, *SEEN, draws=2, draw=mixed_rows),
)

# --- wrong answers ----------------------------------------------------------------------------------

BOTH = ("values", "stability")
SHIFT, LOSS = "Z - Z.max(axis=1, keepdims=True)", "-self.log_p[self.right].mean()"
exercise.slip(
    "no_shift",
    (SHIFT, "Z"),
    cause="exp overflows for large logits, and a row of very negative ones sums to 0.",
    next_step="what may you subtract from every logit of a row without changing the softmax?",
    loses=("stability",),
)
exercise.slip(
    "one_shift_for_the_batch",
    (SHIFT, "Z - Z.max()"),
    cause="One number is subtracted from the whole batch: rows of small logits vanish beside large ones.",
    next_step="whose largest logit has to become 0?",
    loses=("stability",),
)
exercise.slip(
    "logarithm_of_the_softmax",
    (
        "self.log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
        "self.log_p = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True))",
    ),
    cause="A probability that underflows to 0 has the logarithm minus infinity.",
    next_step="log(e^a / s) can be written without a division. What is left of e^a?",
    loses=("stability",),
)
exercise.slip(
    "logarithm_with_a_small_number",
    (
        "self.log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
        "self.log_p = np.log(np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True) + 1e-12)",
    ),
    cause="A small number is added inside the logarithm: losses above 28 are cut off, all others a little wrong.",
    next_step="log(e^a / s) can be written without a division. What is left of e^a?",
    loses=("stability",),
)
exercise.slip(
    "loss_summed",
    (LOSS, "-self.log_p[self.right].sum()"),
    cause="The loss is the sum over the rows; the course takes the mean.",
    next_step="should the loss double when every row comes twice?",
    loses=BOTH,
)
exercise.slip(
    "gradient_of_the_sum",
    ("return G / len(G)", "return G"),
    cause="The gradient belongs to the sum over the rows, the loss is their mean.",
    next_step="where does 1/N enter?",
    loses=BOTH,
)
exercise.slip(
    "divided_by_the_classes",
    ("return G / len(G)", "return G / G.size"),
    cause="The gradient is divided by all entries; the mean is over the rows.",
    next_step="how many numbers does the mean in fprop run over?",
    loses=BOTH,
)
exercise.slip(
    "labels_left_out",
    ("        G[self.right] -= 1\n", ""),
    cause="The gradient does not know the labels: one class has to be pulled up.",
    next_step="what should the gradient be where the right class has probability 1?",
    loses=BOTH,
)
exercise.slip(
    "sign_turned",
    ("return G / len(G)", "return -G / len(G)"),
    cause="The gradient points downhill; a gradient points uphill.",
    next_step="does the loss grow when the logit of the right class grows?",
    loses=BOTH,
)
exercise.slip(
    "logits_turned",
    (SHIFT, "Z.min(axis=1, keepdims=True) - Z"),
    cause="The softmax is taken of -z: the smallest logit gets the largest probability.",
    next_step="which class should the largest logit belong to?",
    loses=BOTH,
)
exercise.slip(
    "loss_without_sign",
    (LOSS, "self.log_p[self.right].mean()"),
    cause="The loss is negative: the logarithm of a probability is, and the loss is minus that.",
    next_step="which loss should a perfect prediction have, and which a bad one?",
    loses=BOTH,
)
exercise.slip(
    "squared_error_gradient",
    ("return G / len(G)", "return G * np.exp(self.log_p) / len(G)"),
    cause="The gradient is multiplied by the probability once more: cross-entropy cancels that factor.",
    next_step="in unit 5, which factor did the logarithm's derivative divide by?",
)
exercise.slip(
    "mean_over_all_classes",
    (LOSS, "-self.log_p.mean()"),
    cause="The loss averages over all classes; only the right one of each row counts.",
    next_step="which entry of row n does the label y[n] choose?",
    loses=BOTH,
)


@exercise.misconception("values")
class CacheChangedInPlace:
    """bprop changes what fprop stored: a second bprop subtracts the labels once more.

    what should bprop return when it is called twice?
    """

    def fprop(self, Z, y):
        self.y = y
        shifted = Z - Z.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.p = np.exp(log_p)
        return -log_p[np.arange(len(y)), y].mean()

    def bprop(self):
        self.p[np.arange(len(self.y)), self.y] -= 1
        return self.p / len(self.y)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
class LossByLogaddexp:
    def fprop(self, Z, y):
        self.Z, self.one_hot = Z, np.eye(Z.shape[1])[y]
        self.total = np.logaddexp.reduce(Z, axis=1, keepdims=True)
        return np.mean(self.total[:, 0] - np.sum(Z * self.one_hot, axis=1))

    def bprop(self):
        return (np.exp(self.Z - self.total) - self.one_hot) / self.Z.shape[0]


@exercise.alternative
class LossByRows:
    def fprop(self, Z, y):
        self.gradients, losses = [], []
        for z, label in zip(Z, y, strict=True):
            e = np.exp(z - max(z))
            losses.append(np.log(sum(e)) + max(z) - z[label])
            self.gradients.append(e / sum(e) - (np.arange(len(z)) == label))
        return sum(losses) / len(losses)

    def bprop(self):
        return np.array(self.gradients) / len(self.gradients)


@exercise.alternative
class LossWithGradientAtOnce:
    def fprop(self, Z, y):
        margins = Z - np.take_along_axis(Z, y[:, None], axis=1)  # the right class has 0
        top = margins.max(axis=1)
        weights = np.exp(margins - top[:, None])
        total = weights.sum(axis=1)
        self.G = weights / total[:, None]
        np.put_along_axis(self.G, y[:, None], np.take_along_axis(self.G, y[:, None], axis=1) - 1, axis=1)
        self.G = self.G / y.size
        return float(np.mean(top + np.log(total)))

    def bprop(self):
        return self.G


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("axis=-1", reason="a matrix's last axis is its second")
exercise.equivalent("np.arange(len(Z))", reason="there are as many rows as labels")
