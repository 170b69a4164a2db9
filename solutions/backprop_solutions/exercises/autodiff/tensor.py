"""Tensor: an array that remembers what it was computed from, and how a gradient gets back there."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.autodiff import Tensor
from backprop_solutions.exercises.autodiff.inputs import lines, signed
from backprop_solutions.exercises.autodiff.tensors import TensorByCases, TensorByEinsum, TensorByJacobians


def gradients_of(student, code, observe):
    # The gradient g of c is carried back by parents and vjps: `backward` is another exercise.
    names = student(code)
    order, met, waiting = [], set(), [(names["c"], False)]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            order.append(node)
        elif id(node) not in met:
            met.add(id(node))
            waiting += [(node, True), *((parent, False) for parent in node.parents)]
    found = {id(names["c"]): names["g"]}
    for node in reversed(order):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            share = np.array(vjp(found[id(node)]))
            if id(parent) in found and share.shape == np.shape(found[id(parent)]):
                share = found[id(parent)] + share
            found[id(parent)] = share
    leaves = [names[place.removeprefix("dL/d")] for place in observe]
    gradients = [found.get(id(leaf), np.zeros_like(leaf.data)) for leaf in leaves]
    return {place: g.item() if np.shape(g) == () else g for place, g in zip(observe, gradients, strict=True)}


def operands(shapes):
    """Return lines that make the operands: Tensors, and plain arrays of those named by a capital."""
    return "".join(f"{x} = {'np.array' if x.isupper() else 'Tensor'}(${x})\n" for x in shapes)


def data_case(expression, label="", **shapes):
    """Return the case that an expression of Tensors has the right data."""
    return lines(label or expression, f"{operands(shapes)}c = {expression}", "c.data", "c.grad", **shapes)


def gradient_case(expression, label="", draws=1, **shapes):
    """Return the case that an expression of Tensors has the right gradients."""
    leaves = {x: np.ones(shape) if x.isupper() else Tensor(np.ones(shape)) for x, shape in shapes.items()}
    result = eval(expression, {}, leaves).data.shape
    code = f"{operands(shapes)}c = {expression}\ng = np.array($g)  # dL/dc"
    places = [f"dL/d{x}" for x in shapes if not x.isupper()]
    label = f"gradients of {label or expression}"
    return lines(label, code, *places, draws=draws, probe=gradients_of, g=result, **shapes)


def zeros(rng):
    return {"a": rng.permutation([0.0, 0.0, 1.0, -1.0, 2.0]), "g": signed(rng, 5)}


AT_ZERO = "a = Tensor($a)\nc = a ** 3\ng = np.array($g)  # dL/dc"
exercise = Definition(Tensor)

values = exercise.aspect("values", hint="which NumPy operation computes the data? It goes into a new Tensor.")
elementwise = exercise.aspect(
    "elementwise", hint="these are unit 4's rules: each vjp multiplies g by a local derivative, entry by entry."
)
broadcasting = exercise.aspect(
    "broadcasting", hint="a gradient has the shape of what it is the gradient of: what takes g back to that shape?"
)
matmul = exercise.aspect("matmul", hint="which product of g and the other factor has the shape of this factor?")
shapes = exercise.aspect("shapes", hint="to which entries of the result did each entry of the operand go?")
indexing = exercise.aspect("indexing", hint="where did each entry of the result come from, and did some come twice?")

values.add(
    lines(
        "a new Tensor",
        "a = Tensor($x)\nb = Tensor($x)",
        *("a.data", "a.grad", "len(a.parents)", "len({a, b})"),
        draw=lambda rng: {"x": rng.integers(1, 9, size=(2, 3))},
    ),
    data_case("a + b", a=(2, 3), b=(2, 3)),
    data_case("3 + a", a=(2, 3)),
    data_case("a + A", "a + array", a=(2, 3), A=(3,)),
    data_case("a * b", a=(2, 3), b=(2, 3)),
    data_case("a * b", "a * b, a row repeated", a=(2, 3), b=(3,)),
    data_case("3 * a", a=(2, 3)),
    data_case("A * a", "array * a", A=(2, 3), a=(3,)),
    data_case("a ** 3", a=(2, 3)),
    data_case("p ** -1.5", p=(2, 3)),
    data_case("2 - a / b", a=(2, 3), b=(2, 3)),
    data_case("a.exp()", a=(2, 3)),
    data_case("p.log()", p=(2, 3)),
    data_case("a.relu()", a=(2, 3)),
    data_case("a @ b", a=(2, 3), b=(3, 4)),
    data_case("a @ b", "matrix @ vector", a=(2, 3), b=(3,)),
    data_case("a @ b", "vector @ matrix", a=(3,), b=(3, 4)),
    data_case("a @ b", "vector @ vector", a=(3,), b=(3,)),
    data_case("A @ a", "array @ a", A=(2, 3), a=(3, 4)),
    data_case("a.sum()", a=(2, 3)),
    data_case("a.sum(axis=0)", a=(2, 3)),
    data_case("a.sum(axis=1, keepdims=True)", a=(2, 3)),
    data_case("a.sum(keepdims=True)", a=(2, 3)),
    data_case("a.reshape((3, 2))", a=(2, 3)),
    data_case("a.reshape(-1)", a=(2, 3)),
    data_case("a.T", a=(2, 3)),
    data_case("a[1]", a=(2, 3)),
    data_case("a[0]", a=(2, 3)),
    data_case("a[1:, :2]", a=(3, 4)),
    data_case("a[[0, 2, 2]]", a=(3, 2)),
    data_case("a[[0, 1, 1], [2, 0, 0]]", a=(2, 3)),
)

elementwise.add(
    gradient_case("a * b", a=(2, 3), b=(2, 3)),
    gradient_case("a * a", a=(3,)),
    gradient_case("3 * a", a=(2, 3)),
    gradient_case("a ** 3", a=(2, 3)),
    lines("gradients of a ** 3 at 0", AT_ZERO, "dL/da", draw=zeros, probe=gradients_of),
    gradient_case("p ** -1.5", p=(3,)),
    gradient_case("a ** 1", a=(3,)),
    gradient_case("a ** 0", a=(3,)),
    gradient_case("a - b", a=(3,), b=(3,)),
    gradient_case("a / b", a=(3,), b=(3,)),
    gradient_case("2 / a", a=(3,)),
    gradient_case("a.exp()", draws=2, a=(2, 3)),
    gradient_case("p.log()", p=(2, 3)),
    gradient_case("a.relu()", a=(2, 4)),
    lines(
        "gradients of relu at exactly 0",
        "a = Tensor($a)\nc = a.relu()\ng = np.array($g)  # dL/dc",
        "dL/da",
        draws=2,
        draw=zeros,
        probe=gradients_of,
    ),
    gradient_case("(a * b).exp() * a.relu() - (p ** 2).log() * b", a=(3,), b=(3,), p=(3,)),
)

broadcasting.add(
    gradient_case("a + b", "a + b, a row repeated", a=(3,), b=(2, 3)),
    gradient_case("a * b", "a * b, a row repeated", a=(2, 3), b=(3,)),
    gradient_case("a * b", "a * b, a column repeated", a=(2, 1), b=(2, 3)),
    gradient_case("a * b", "a * b, both stretched", a=(4, 1), b=(3,)),
    gradient_case("a * b", "a * b, a number repeated", a=(2, 3), b=()),
    gradient_case("a * b", "a * b, a batch of matrices", a=(2, 4, 3), b=(4, 1)),
    gradient_case("a * b", "a * b, one row and no axis more", a=(3,), b=(1, 3)),
    gradient_case("a * B", "a * array, stretched", a=(3,), B=(2, 3)),
    gradient_case("A * b", "array * b, stretched", A=(2, 3), b=(2, 1)),
    gradient_case("(a + b) * c", a=(2, 3), b=(3,), c=(2, 1)),
)

matmul.add(
    gradient_case("a @ b", "a @ b, two matrices", a=(4, 3), b=(3, 2)),
    gradient_case("a @ b", "a @ b, one row", a=(1, 3), b=(3, 2)),
    gradient_case("a @ b", "matrix @ vector", a=(2, 3), b=(3,)),
    gradient_case("a @ b", "vector @ matrix", a=(3,), b=(3, 2)),
    gradient_case("a @ b", "vector @ vector", a=(3,), b=(3,)),
    gradient_case("a @ a", "a vector @ itself", a=(3,)),
    gradient_case("a @ a", "a matrix @ itself", a=(3, 3)),
    gradient_case("a @ B", "a @ array", a=(2, 3), B=(3, 4)),
    gradient_case("A @ b", "array @ b", A=(2, 3), b=(3, 4)),
    gradient_case("(a @ b) @ c", a=(4, 3), b=(3, 2), c=(2,)),
)

shapes.add(
    gradient_case("a.sum()", a=(2, 3)),
    gradient_case("a.sum(axis=0)", a=(2, 3)),
    gradient_case("a.sum(axis=1)", a=(2, 3)),
    gradient_case("a.sum(axis=1)", "a.sum(axis=1), as many rows as columns", a=(3, 3)),
    gradient_case("a.sum(axis=-1)", draws=2, a=(2, 4, 3)),
    gradient_case("a.sum(axis=-3)", a=(2, 4, 3)),
    gradient_case("a.sum(axis=0, keepdims=True)", draws=2, a=(2, 3)),
    gradient_case("a.sum(keepdims=True)", a=(2, 3)),
    gradient_case("a.sum(axis=0)", "a.sum(axis=0) of a vector", a=(3,)),
    gradient_case("a.reshape((3, 2))", a=(2, 3)),
    gradient_case("a.reshape(-1)", a=(2, 3)),
    gradient_case("a.reshape((4, -1))", a=(2, 2, 3)),
    gradient_case("a.T", a=(2, 3)),
    gradient_case("a.T", "a.T, as many rows as columns", a=(3, 3)),
    gradient_case("a.T.reshape((2, 3)).sum(axis=0)", a=(2, 3)),
)

indexing.add(
    gradient_case("a[1]", a=(2, 3)),
    gradient_case("a[-1]", a=(3,)),
    gradient_case("a[1:, :2]", a=(3, 4)),
    gradient_case("a[::2]", a=(4, 2)),
    gradient_case("a[:, 1]", a=(3, 2)),
    gradient_case("a[1, 2]", a=(2, 3)),
    gradient_case("a[[0, 2, 2, 2]]", "a[[0, 2, 2, 2]], a row that is taken three times", a=(3, 2)),
    gradient_case("a[[0, 1, 1], [2, 0, 0]]", "a[[0, 1, 1], [2, 0, 0]], an entry twice", a=(2, 3)),
    gradient_case("a[:, [1, 1, 0]]", "a[:, [1, 1, 0]], a column twice", a=(2, 3)),
    gradient_case("a[1] * a[1] + a[0]", a=(2, 3)),
)

# --- wrong answers ----------------------------------------------------------------------------------

PRODUCT = "(lambda g: unbroadcast(g * b, a.shape), lambda g: unbroadcast(g * a, b.shape))"
SLOPE = "slope = exponent * self.data ** (exponent - 1)"
exercise.slip(
    "factor_times_itself",
    (PRODUCT, "(lambda g: unbroadcast(g * a, a.shape), lambda g: unbroadcast(g * b, b.shape))"),
    cause="In *, each factor's gradient is multiplied by the factor itself; it is the other one.",
    next_step="by how much does a b grow when a grows by 1?",
    loses=("elementwise",),
)
exercise.slip(
    "upstream_gradient_dropped_in_products",
    (PRODUCT, "(lambda g: unbroadcast(0 * g + b, a.shape), lambda g: unbroadcast(0 * g + a, b.shape))"),
    cause="In *, the vjps return the other factor and drop g.",
    next_step="a vjp takes the gradient for this node. What does it do with it?",
    loses=("elementwise", "broadcasting"),
)
exercise.slip(
    "product_not_unbroadcast",
    (PRODUCT, "(lambda g: g * b, lambda g: g * a)"),
    cause="In *, the gradient keeps the shape that NumPy broadcast to.",
    next_step="a row that was used twice gets a share from each use. Which function of unit 4 sums them?",
    loses=("broadcasting",),
)
exercise.slip(
    "only_the_second_factor_unbroadcast",
    (PRODUCT, "(lambda g: g * b, lambda g: unbroadcast(g * a, b.shape))"),
    cause="In *, only the second factor's gradient is summed back; the first may have been stretched, too.",
    next_step="what is the shape of a * b for a of shape (3,) and b of shape (2, 3)?",
    loses=("broadcasting",),
)
exercise.slip(
    "summed_before_the_product",
    (PRODUCT, "(lambda g: unbroadcast(g, a.shape) * b, lambda g: unbroadcast(g, b.shape) * a)"),
    cause="In *, g is summed back before it is multiplied: each copy has a factor of its own.",
    next_step="which comes first, the share of each copy or the sum over the copies?",
    loses=("broadcasting",),
)
exercise.slip(
    "copies_averaged",
    (
        PRODUCT,
        "(lambda g: unbroadcast(g * b, a.shape) * a.size / np.size(g * b), "
        "lambda g: unbroadcast(g * a, b.shape) * b.size / np.size(g * a))",
    ),
    cause="In *, shares of the copies are averaged; shares add.",
    next_step="what happens where several paths lead to one node?",
    loses=("broadcasting",),
)
exercise.slip(
    "only_new_axes_summed",
    (
        PRODUCT,
        "(lambda g: (g * b).sum(axis=tuple(range(np.ndim(g * b) - a.ndim))), "
        "lambda g: (g * a).sum(axis=tuple(range(np.ndim(g * a) - b.ndim))))",
    ),
    cause="In *, axes that NumPy put in front are summed, but not axes of length 1 that it stretched.",
    next_step="what is the shape of a gradient for b of shape (2, 1)?",
    loses=("broadcasting",),
)
exercise.slip(
    "exponent_not_lowered",
    (SLOPE, "slope = exponent * self.data**exponent"),
    cause="In **, the exponent is not lowered by 1 in the derivative.",
    next_step="what is the derivative of a^3?",
    loses=("elementwise",),
)
exercise.slip(
    "exponent_not_brought_down",
    (SLOPE, "slope = self.data ** (exponent - 1)"),
    cause="In **, the exponent is lowered but does not become a factor.",
    next_step="what is the derivative of a^3?",
    loses=("elementwise",),
)
exercise.slip(
    "exp_of_the_gradient",
    ("lambda g: g * result", "lambda g: g * self.data"),
    cause="The derivative of exp is taken to be its argument; it is exp itself.",
    next_step="which number did you compute in exp already?",
    loses=("elementwise",),
)
exercise.slip(
    "log_multiplied",
    ("lambda g: g / self.data", "lambda g: g * self.data"),
    cause="In log, g is multiplied by the argument instead of divided.",
    next_step="does the logarithm grow faster at 1 or at 100?",
    loses=("elementwise",),
)
exercise.slip(
    "log_of_the_output",
    ("lambda g: g / self.data", "lambda g: g / np.log(self.data)"),
    cause="In log, g is divided by the output; the slope is one over the argument.",
    next_step="what is the slope of log at 1, where its value is 0?",
    loses=("elementwise",),
)
exercise.slip(
    "relu_mask_of_the_gradient",
    ("np.where(is_on, g, 0.0)", "np.where(g > 0, g, 0.0)"),
    cause="In relu, the gradient is cut off where it is itself negative; what counts is the sign of the data.",
    next_step="on what does the slope of max(0, z) depend?",
    loses=("elementwise",),
)
exercise.slip(
    "relu_passes_everything",
    ("np.where(is_on, g, 0.0)", "g"),
    cause="In relu, the gradient passes everywhere, also where the output does not move.",
    next_step="by how much does max(0, z) change when z goes from -2 to -1.9?",
    loses=("elementwise",),
)
exercise.slip(
    "relu_on_at_zero",
    ("is_on = self.data > 0", "is_on = self.data >= 0"),
    cause="In relu, the gradient passes at exactly 0; the course takes relu'(0) = 0.",
    next_step="which comparison is false for 0?",
    loses=("elementwise",),
)
exercise.slip(
    "matrices_not_transposed",
    ("np.reshape(g, shape) @ B.T", "np.reshape(g, shape) @ B"),
    ("A.T @ np.reshape(g, shape)", "A @ np.reshape(g, shape)"),
    cause="In @, g is multiplied by the other factor as it is; its lengths fit only if it is square.",
    next_step="g is (N, K): what must follow it to give (N, D)?",
    loses=("matmul",),
)
exercise.slip(
    "matrix_products_swapped",
    ("(np.reshape(g, shape) @ B.T).reshape", "(B @ np.reshape(g, shape).T).reshape"),
    ("(A.T @ np.reshape(g, shape)).reshape", "(np.reshape(g, shape).T @ A).reshape"),
    cause="In @, the products are the transposes of the right ones.",
    next_step="write down the rows of the left factor, and those of its gradient.",
    loses=("matmul",),
)
exercise.slip(
    "matmul_entry_by_entry",
    ("Tensor(self.data @ other.data,", "Tensor(np.sum(self.data * other.data, axis=-1),"),
    cause="In @, entries are multiplied one by one and summed: that is right for two vectors alone.",
    next_step="which NumPy operation is a matrix product?",
)
exercise.slip(
    "vector_gradient_keeps_an_axis",
    ("(np.reshape(g, shape) @ B.T).reshape(self.data.shape)", "np.reshape(g, shape) @ B.T"),
    ("(A.T @ np.reshape(g, shape)).reshape(other.data.shape)", "A.T @ np.reshape(g, shape)"),
    cause="In @, the gradient of a vector is a matrix of one row or column.",
    next_step="a gradient has the shape of what it is the gradient of.",
    loses=("matmul",),
)
exercise.slip(
    "sum_not_spread",
    ("return np.broadcast_to(kept, shape)", "return kept"),
    cause="In sum, the gradient keeps the shape of the sum.",
    next_step="by how much does a sum grow when one of its terms grows by 1? Each term has a gradient.",
    loses=("shapes",),
)
exercise.slip(
    "sum_averaged",
    ("return np.broadcast_to(kept, shape)", "return np.broadcast_to(kept, shape) * np.size(g) / self.data.size"),
    cause="In sum, the gradient is divided among the terms; that belongs to a mean.",
    next_step="by how much does a sum grow when one of its terms grows by 1?",
    loses=("shapes",),
)
exercise.slip(
    "summed_axis_not_put_back",
    ("g if axis is None or keepdims else np.expand_dims(g, axis)", "g"),
    cause="In sum, the axis that vanished is not put back before g is spread: rows and columns mix, or nothing fits.",
    next_step="which shape would g have, had keepdims been True?",
    loses=("shapes",),
)
exercise.slip(
    "keepdims_forgotten_on_the_way_back",
    ("axis is None or keepdims else", "axis is None else"),
    cause="In sum, an axis is put back although keepdims had kept it.",
    next_step="which shape has g when keepdims is True?",
    loses=("shapes",),
)
exercise.slip(
    "negative_axis_not_thought_of",
    ("np.expand_dims(g, axis)", "np.expand_dims(g, max(axis, 0))"),
    cause="In sum, a negative axis is put back at the front; -1 is the last one.",
    next_step="which axis does axis=-1 mean for an array of three axes?",
    loses=("shapes",),
)
exercise.slip(
    "reshape_not_undone",
    ("lambda g: np.reshape(g, self.data.shape)", "lambda g: g"),
    cause="In reshape, the gradient stays in the new shape.",
    next_step="a gradient has the shape of what it is the gradient of.",
    loses=("shapes",),
)
exercise.slip(
    "transpose_not_undone",
    ("lambda g: g.T", "lambda g: g"),
    cause="In T, the gradient is not transposed back.",
    next_step="where in a does entry [0, 1] of a.T come from?",
    loses=("shapes",),
)
exercise.slip(
    "transpose_by_reshape",
    ("lambda g: g.T", "lambda g: np.reshape(g, self.data.shape)"),
    cause="In T, the gradient is reshaped: the shape fits, and the entries are in the wrong places.",
    next_step="does reshape move an entry from [0, 1] to [1, 0]?",
    loses=("shapes",),
)
exercise.slip(
    "repeated_index_overwritten",
    ("np.add.at(scattered, index, g)", "scattered[index] = g"),
    cause="In x[index], an entry that is taken twice keeps one share of its gradient; shares add.",
    next_step="x[[0, 0]] = ... and += write once for each place. Which NumPy function adds every time?",
    loses=("indexing",),
)
exercise.slip(
    "index_gradient_not_scattered",
    ("            return scattered\n", "            return g\n"),
    cause="In x[index], the gradient keeps the shape of the part; entries that were left out have one as well.",
    next_step="what is the gradient of an entry that was not taken?",
    loses=("indexing",),
)
exercise.slip(
    "index_gradient_gathered",
    ("            return scattered\n", "            return np.broadcast_to(np.sum(g), self.data.shape)\n"),
    cause="In x[index], all entries get the same gradient, whether they were taken or not.",
    next_step="what is the gradient of an entry that was not taken?",
    loses=("indexing",),
)
exercise.slip(
    "nothing_recorded_in_functions",
    ("Tensor(result, (self,), (lambda g: g * result,))", "Tensor(result)"),
    ("Tensor(np.log(self.data), (self,), (lambda g: g / self.data,))", "Tensor(np.log(self.data))"),
    cause="exp and log return Tensors without parents: the graph ends there.",
    next_step="how does a gradient find its way back to the operand?",
    loses=("elementwise",),
)
exercise.slip(
    "arrays_instead_of_tensors",
    ("return Tensor(self.data[index], (self,), (vjp,))", "return self.data[index]"),
    cause="x[index] returns a plain array, which remembers nothing.",
    next_step="what does every operation return?",
    loses=("values", "indexing"),
)

# --- other right answers ----------------------------------------------------------------------------


exercise.alternative(TensorByEinsum)
exercise.alternative(TensorByJacobians)
exercise.alternative(TensorByCases)

# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("self / -1.0", reason="dividing by -1 is multiplying by it")
exercise.equivalent("self + -other", reason="a number or an array can be negated before it is wrapped")
exercise.equivalent(
    "self * other ** (-1)", reason="a number or an array of floats to the power of -1 is a constant factor"
)
exercise.equivalent("B.shape[-1]", reason="a matrix's last axis is its second")
