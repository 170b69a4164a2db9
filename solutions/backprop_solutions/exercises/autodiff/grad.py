"""grad: the function that returns the gradient of another one."""

import numpy as np

from backprop_autograder import Definition, Formula
from backprop_course.given.autodiff import topological_order
from backprop_solutions.autodiff import Tensor, backward, grad
from backprop_solutions.exercises.autodiff.inputs import signed


def gradient_of(student, f, x):
    result = student.grad(f)(x)
    return "a Tensor" if isinstance(result, student.Tensor) else result


def gradient_of_two(student, f, x, y):
    result = student.grad(f)(x, y)
    return "a Tensor" if isinstance(result, student.Tensor) else result


def gradient_of_three(student, f, x, A, y):
    result = student.grad(f)(x, A, y)
    return "a Tensor" if isinstance(result, student.Tensor) else result


def three_gradients(student, f, x, other):
    gradient = student.grad(f)
    results = [gradient(x), gradient(other), gradient(x)]
    return ["a Tensor" if isinstance(result, student.Tensor) else result for result in results]


exercise = Definition(grad)

values = exercise.aspect("values", hint="grad returns a function; what does that function do when it is called with x?")


@values.case("a function of one vector", draws=2, probe=gradient_of)
def one_vector(rng):
    return {"f": Formula("lambda x: (x * x * x).sum()"), "x": signed(rng, 3)}


@values.case("a function of a matrix", draws=2, probe=gradient_of)
def a_matrix(rng):
    return {"f": Formula("lambda x: (x * A).sum() * x.sum()", A=signed(rng, 2, 3)), "x": signed(rng, 2, 3)}


@values.case("a function of one number", draws=2, probe=gradient_of)
def one_number(rng):
    return {"f": Formula("lambda x: x * x * 3"), "x": np.array(signed(rng).item())}


@values.case("two arguments", draws=2, probe=gradient_of_two)
def two_arguments(rng):
    return {"f": Formula("lambda x, y: (x * x * y).sum()"), "x": signed(rng, 3), "y": signed(rng, 3)}


@values.case("labels", draws=2, probe=gradient_of_three)
def labels(rng):
    y = rng.integers(0, 3, size=2)
    f = Formula("lambda x, A, y: (x * (A + np.eye(3)[y].sum(axis=0))).sum()")
    return {"f": f, "x": signed(rng, 3), "A": signed(rng, 3), "y": y}


@values.case("called again and elsewhere", draws=2, probe=three_gradients)
def called_again(rng):
    return {"f": Formula("lambda x: (x * x).sum()"), "x": signed(rng, 3), "other": signed(rng, 2)}


@values.case("called again with other numbers", probe=three_gradients)
def called_with_others(rng):
    return {"f": Formula("lambda x: (x * x).sum()"), "x": signed(rng, 3), "other": signed(rng, 3)}


@values.case("a function that ignores its argument", probe=gradient_of_two)
def constant(rng):
    return {"f": Formula("lambda x, y: (x * 0.0).sum() + y"), "x": signed(rng, 2, 3), "y": 3.0}


# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "value_returned",
    ("backward(f(x, *others))\n        return x.grad", "return f(x, *others).data"),
    cause="The function returns f itself, not its gradient.",
    next_step="which function fills in .grad, and of whom?",
)
exercise.slip(
    "tensor_returned",
    ("return x.grad", "return x"),
    cause="A Tensor is returned; what is asked for is the array in its grad.",
    next_step="which attribute of x holds the gradient?",
)
exercise.slip(
    "data_returned",
    ("return x.grad", "return x.data"),
    cause="The point itself is returned instead of the gradient there.",
    next_step="which attribute of x holds the gradient?",
)
exercise.slip(
    "nothing_returned",
    ("        return x.grad\n", "        x.grad  # noqa: B018\n"),
    cause="The inner function returns nothing.",
    next_step="what should gradient(x) give back?",
)
exercise.slip(
    "inner_function_not_returned",
    ("    return gradient\n", "    return None\n"),
    cause="grad does not return a function, but what it is called with afterwards needs one.",
    next_step="when is x known: when grad(f) is called, or when its result is?",
)
exercise.slip(
    "no_backward",
    ("backward(f(x, *others))", "f(x, *others)"),
    cause="f is evaluated, but nobody goes back through its graph.",
    next_step="what is .grad before backward has been called?",
)
exercise.slip(
    "all_arguments_become_tensors",
    ("backward(f(x, *others))", "backward(f(x, *map(Tensor, others)))"),
    cause="Labels became Tensors and index nothing.",
    next_step="which argument needs a gradient?",
)
exercise.slip(
    "by_the_last_argument",
    (
        "        x = Tensor(x)\n        backward(f(x, *others))\n        return x.grad",
        "        *first, last = (x, *others)\n        last = Tensor(last)\n"
        "        backward(f(*first, last))\n        return last.grad",
    ),
    cause="The derivative is taken by the last argument; the first one is asked for.",
    next_step="which argument becomes a Tensor?",
)
exercise.slip(
    "gradients_of_all_arguments",
    (
        "        x = Tensor(x)\n        backward(f(x, *others))\n        return x.grad",
        "        x = Tensor(x)\n        backward(f(x, *others))\n        return [x.grad]",
    ),
    cause="A list of gradients is returned; one array is asked for.",
    next_step="how many arguments is the derivative taken by?",
)
exercise.slip(
    "sign_turned",
    ("return x.grad", "return -x.grad"),
    cause="The result points downhill; a gradient points uphill.",
    next_step="who decides that a step goes against the gradient?",
)
exercise.slip(
    "gradient_flattened",
    ("return x.grad", "return np.ravel(x.grad)"),
    cause="The gradient is flattened; it has the shape of x.",
    next_step="a gradient has the shape of what it is the gradient of.",
)


@exercise.misconception()
def one_tensor_for_all_calls(f):
    """The gradient of an earlier call is still there: the same Tensor is used again.

    what does backward do with a .grad that is not 0?
    """
    kept = {}

    def gradient(x, *others):
        if not kept or kept["x"].data.shape != np.shape(x) or not np.array_equal(kept["x"].data, x):
            kept.setdefault(str(x), Tensor(x))
            kept["x"] = kept[str(x)]
        backward(f(kept["x"], *others))
        return kept["x"].grad

    return gradient


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_a_sweep_of_its_own(f):
    def gradient(*arguments):
        leaf, *others = Tensor(arguments[0]), *arguments[1:]
        root = f(leaf, *others)
        found = {id(root): np.ones(root.data.shape)}
        for node in topological_order(root)[::-1]:
            for parent, vjp in zip(node.parents, node.vjps, strict=True):
                found[id(parent)] = found.get(id(parent), 0.0) + vjp(found[id(node)])
        return np.asarray(found.get(id(leaf), np.zeros(leaf.data.shape)))

    return gradient


@exercise.alternative
def by_a_class(f):
    class Gradient:
        def __call__(self, x, *others):
            leaf = Tensor(np.array(x, dtype=float))
            backward(f(leaf, *others).sum())
            return leaf.grad.copy()

    return Gradient()


@exercise.alternative
def by_a_difference_of_gradients(f):
    def gradient(x, *others):
        leaf = Tensor(x)
        root = f(leaf, *others)
        before = np.array(leaf.grad)
        backward(root)
        return leaf.grad - before

    return gradient
