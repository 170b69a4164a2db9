"""find_wrong_gradients: find the parameters whose gradient is wrong."""

import numpy as np

from backprop_autograder import Case, Definition, Formula
from backprop_solutions.exercises.finite_differences.inputs import LENIENT, network, parameter_near_floor, sized, steep
from backprop_solutions.finite_differences import find_wrong_gradients, gradient_check, numerical_gradient

exercise = Definition(find_wrong_gradients)

values = exercise.aspect(
    "values", hint="for each name, regard f as a function of that one array, with all others as they are."
)


@values.case("right gradients of a small network", draws=2)
def all_right(rng):
    return network(rng)


@values.case("weights that are integers")
def integer_weights(rng):
    return network(rng, integers=True)


@values.case("a wrong weight gradient")
def first_wrong(rng):
    return network(rng, lambda g, G: g.update(W=g["W"] / 4))


@values.case("a bias gradient that is averaged")
def bias_wrong(rng):
    return network(rng, lambda g, G: g.update(b=G.mean(axis=0)))


@values.case("two wrong gradients", draws=2)
def two_wrong(rng):
    return network(rng, lambda g, G: g.update(W=-g["W"], U=2 * g["U"]))


@values.case("a wrong last entry")
def last_entry_wrong(rng):
    def change(gradients, G):
        gradients["U"][-1, -1] *= 1.1

    return network(rng, change)


@values.case("wrong entries whose sum is right", draws=2)
def cancelling_errors(rng):
    def change(gradients, G):
        gradients["W"][0, 0] += 0.3
        gradients["W"][2, 4] -= 0.3

    return network(rng, change)


@values.case("a parameter without influence", draws=3)
def unused_parameter(rng):
    f = Formula("lambda p: np.sum(np.log(np.exp(p['idle']))-p['idle']) + 0.001*np.sum(np.sin(p['used']))")
    parameters = {"used": rng.uniform(0.3, 1.2, (2, 3)), "idle": sized(rng, 8)}
    return {
        "f": f,
        "parameters": parameters,
        "gradients": {"used": 0.001 * np.cos(parameters["used"]), "idle": np.zeros(8)},
    }


@values.case("a small wrong entry beside large ones", draws=2)
def small_beside_large(rng):
    hard = steep(rng, 0.1)
    C, X0 = hard["f"].constants["C"], hard["X"]
    f = Formula("lambda p: np.sum(C*np.sin(p['steep']-X0)) + np.sum(np.sin(p['flat']))", C=C, X0=X0)
    level = rng.uniform(0.3, 1.2, 3)
    gradients = {"steep": C + hard["grad_f"].constants["E"], "flat": np.cos(level)}
    return {"f": f, "parameters": {"steep": X0, "flat": level}, "gradients": gradients}


def off_by(error):
    return lambda rng: network(rng, lambda g, G: g.update(W=g["W"] * (1 + error)))


values.add(
    Case(label="an error within the default tolerance", arguments=off_by(6e-7)),
    Case(label="an error beyond the default tolerance", arguments=off_by(1.6e-6), draws=2),
)


def one_entry_off(index, change):
    def arguments(rng):
        def spoil(gradients, G):
            gradients["W"][index] += change

        return network(rng, spoil)

    return arguments


values.add(
    Case(label="an error above 1e-9 at a tiny gradient", arguments=parameter_near_floor(1.6e-9)),
    Case(label="an error below 1e-9 at a tiny gradient", arguments=parameter_near_floor(6e-10)),
    Case(label="a first entry that is too small", arguments=one_entry_off((0, 0), -0.3)),
    Case(label="a first entry that is too large", arguments=one_entry_off((0, 0), 0.3)),
)


@values.case("a small gradient of a larger parameter", draws=2)
def small_gradient(rng):
    f = Formula("lambda p: 0.001*np.sum(np.sin(p['W'])) + np.sum(p['b']**2)")
    p = {"b": sized(rng, 4), "W": rng.uniform(0.3, 1.2, (2, 3))}
    return {"f": f, "parameters": p, "gradients": {"b": 2 * p["b"], "W": 0.001 * np.cos(p["W"]) * (1 + 3e-5)}}


@values.case("all gradients wrong")
def all_wrong(rng):
    return network(rng, lambda g, G: g.update({name: 1.1 * gradient for name, gradient in g.items()}))


@values.case("a gradient forgotten at zero")
def bias_forgotten(rng):
    return network(rng, lambda g, G: g.update(b=np.zeros(5)))


@values.case("gradients listed in another order", draws=2)
def other_order(rng):
    f = Formula("lambda p: np.sum(np.sin(p['u'])*np.exp(p['v']) + p['w']**2)")
    p = {name: rng.uniform(0.3, 1.2, (2, 3)) for name in "uvw"}
    u, v, w = np.cos(p["u"]) * np.exp(p["v"]), np.sin(p["u"]) * np.exp(p["v"]), 2 * p["w"]
    return {"f": f, "parameters": p, "gradients": {"w": w, "u": u, "v": 1.5 * v}}


@values.case("a gradient for the default step", draws=2)
def fits_default_step(rng):
    C, level = 1e10 * sized(rng, 2, 3), rng.uniform(0.3, 1.2, 1)
    f = Formula("lambda p: np.sum(C*p['steep']**3) + np.sum(np.sin(p['flat']))", C=C)
    parameters = {"flat": level, "steep": np.zeros((2, 3))}
    return {"f": f, "parameters": parameters, "gradients": {"flat": np.cos(level), "steep": 1e-10 * C}}


broken = exercise.aspect(
    "broken", hint="a wrong shape, NaN or infinity makes a gradient wrong, whatever its other numbers are."
)


@broken.case("a bias gradient that is not summed over rows", **LENIENT)
def bias_not_summed(rng):
    return network(rng, lambda g, G: g.update(b=G))


@broken.case("a bias gradient with an axis too many", draws=2, **LENIENT)
def bias_kept_as_row(rng):
    return network(rng, lambda g, G: g.update(b=g["b"][None]))


@broken.case("a transposed gradient", **LENIENT)
def weights_transposed(rng):
    return network(rng, lambda g, G: g.update(U=g["U"].T))


def spoiled(name, index, value):
    def change(gradients, G):
        gradients[name][index] = value

    return lambda rng: network(rng, change)


broken.add(
    Case(label="NaN in a gradient", arguments=spoiled("U", (3, 1), np.nan), **LENIENT),
    Case(label="infinity in a gradient", arguments=spoiled("b", 2, np.inf), **LENIENT),
    Case(label="minus infinity in a gradient", arguments=spoiled("W", (0, 0), -np.inf), **LENIENT),
)


@broken.case("a number for a gradient", **LENIENT)
def number_for_a_gradient(rng):
    f = Formula("lambda p: 0.5*np.sum(p['b']) + np.sum(np.sin(p['W']))")
    p = {"b": sized(rng, 4), "W": rng.uniform(0.3, 1.2, (2, 3))}
    return {"f": f, "parameters": p, "gradients": {"b": 0.5, "W": np.cos(p["W"])}}


# --- wrong answers ----------------------------------------------------------------------------------


exercise.slip(
    "right_names_returned",
    ("if not agrees(name)", "if agrees(name)"),
    cause="The names of the right gradients are returned.",
    next_step="when does a name belong into the set?",
    loses=("values", "broken"),
)
exercise.slip(
    "stopped_at_the_first",
    ("{name for name in parameters if not agrees(name)}", "set([name for name in parameters if not agrees(name)][:1])"),
    cause="The search ends at the first wrong gradient.",
    next_step="what happens after a name has been found?",
)
exercise.slip(
    "all_names_if_any_is_wrong",
    ("{name for name in parameters if not agrees(name)}", "set() if all(map(agrees, parameters)) else set(parameters)"),
    cause="All names are reported as soon as one gradient is wrong.",
    next_step="decide for each name on its own?",
    loses=("values", "broken"),
)
exercise.slip(
    "list_instead_of_set",
    ("{name for name in parameters if not agrees(name)}", "[name for name in parameters if not agrees(name)]"),
    cause="A list is returned; the docstring asks for a set.",
    next_step="which type has no order and no duplicates?",
    loses=("values", "broken"),
)


@exercise.misconception()
def first_entry_only(f, parameters, gradients):
    """Only the first entry of each array is checked.

    where might a wrong entry hide?
    """
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        first, second = a.flat[0], n.flat[0]
        agrees = abs(first - second) <= 1e-6 * max(abs(first), abs(second)) + 1e-9
        if a.shape != n.shape or not np.all(np.isfinite(a)) or not agrees:
            wrong.add(name)
    return wrong


@exercise.misconception()
def sums_of_gradients_compared(f, parameters, gradients):
    """Sums of the gradients are compared, in which errors cancel.

    how many comparisons does an array of 15 entries need?
    """
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        agrees = abs(np.sum(a) - np.sum(n)) <= 1e-6 * max(abs(np.sum(a)), abs(np.sum(n))) + 1e-9
        if a.shape != n.shape or not np.all(np.isfinite(a)) or not agrees:
            wrong.add(name)
    return wrong


@exercise.misconception()
def one_norm_for_each_name(f, parameters, gradients):
    """In one norm for each array, large right entries hide a small wrong one.

    what is the relative difference at that one entry?
    """
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        fits = a.shape == n.shape and np.all(np.isfinite(a))
        if not fits or np.linalg.norm(a - n) > 1e-6 * max(np.linalg.norm(a), np.linalg.norm(n)) + 1e-9:
            wrong.add(name)
    return wrong


@exercise.misconception("broken")
def shapes_unchecked(f, parameters, gradients):
    """NumPy broadcasts a gradient of the wrong shape.

    which property do you compare first?
    """
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        agrees = np.abs(a - n) <= 1e-6 * np.maximum(np.abs(a), np.abs(n)) + 1e-9
        if not np.all(np.isfinite(a)) or not np.all(agrees):
            wrong.add(name)
    return wrong


@exercise.misconception("broken")
def nan_never_wrong(f, parameters, gradients):
    """`nan > tolerance` is False, so that NaN never counts as wrong; nor does infinity.

    which question has the answer True for finite numbers only?
    """
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        if a.shape != n.shape or np.any(np.abs(a - n) > 1e-6 * np.maximum(np.abs(a), np.abs(n)) + 1e-9):
            wrong.add(name)
    return wrong


@exercise.misconception()
def shift_left_in_the_dict(f, parameters, gradients):
    """A parameter keeps its shift while the next entries are checked.

    what do the other entries have to be while one is varied?
    """
    p = {name: np.array(P, dtype=float) for name, P in parameters.items()}
    wrong = set()
    for name, P in p.items():
        for index in np.ndindex(P.shape):
            P[index] += 1e-3
            above = f(p)
            P[index] -= 2e-3
            n = (above - f(p)) / 2e-3
            if np.shape(gradients[name]) != P.shape or not abs(gradients[name][index] - n) <= 1e-6 * abs(n) + 1e-9:
                wrong.add(name)
    return wrong


@exercise.misconception()
def no_floor_for_zero(f, parameters, gradients):
    """Where a gradient is 0, the relative difference is 0/0 or dominated by round-off.

    which term of the rule does not shrink?
    """
    wrong = set()
    for name, P in parameters.items():
        a, n = np.asarray(gradients[name]), numerical_gradient(lambda Q, k=name: f({**parameters, k: Q}), P)
        fits = a.shape == n.shape and np.all(np.isfinite(a))
        if not fits or np.any(np.abs(a - n) > 1e-6 * np.maximum(np.abs(a), np.abs(n))):
            wrong.add(name)
    return wrong


@exercise.misconception("values", "broken")
def dict_of_the_caller_changed(f, parameters, gradients):
    """The shifted array is written into the caller's dict, and stays there.

    how can one dict be made of another with one array replaced?
    """
    wrong = set()
    for name in list(parameters):

        def g(P, name=name):
            parameters[name] = P
            return f(parameters)

        if not gradient_check(g, lambda P, name=name: gradients[name], parameters[name]):
            wrong.add(name)
    return wrong


@exercise.misconception()
def paired_by_order(f, parameters, gradients):
    """Parameters and gradients are paired in the order of the two dicts, not by name.

    which gradient belongs to `parameters[name]`?
    """
    wrong = set()
    for (name, P), gradient in zip(parameters.items(), gradients.values(), strict=True):
        if not gradient_check(lambda Q, k=name: f({**parameters, k: Q}), lambda Q, g=gradient: g, P):
            wrong.add(name)
    return wrong


for name in ("tolerance", "h"):
    exercise.slip(
        f"another_{name}",
        ("parameters[name])", f"parameters[name], {name}=1e-4)"),
        cause=f"Another {name} is used than the default of gradient_check.",
        next_step="which arguments of gradient_check may be left out?",
    )
exercise.slip(
    "others_left_out",
    ("{**parameters, name: P}", "{name: P}"),
    cause="f gets one parameter only, and misses the others.",
    next_step="how can one dict be made of another with one array replaced?",
    loses=("values", "broken"),
)
exercise.slip(
    "array_for_a_function",
    ("lambda P: gradients[name]", "gradients[name]"),
    cause="gradient_check is given an array where it calls a function.",
    next_step="which function of X returns this array, whatever X is?",
    loses=("values", "broken"),
)
exercise.slip(
    "f_gets_the_array_alone",
    ("return f({**parameters, name: P})", "return f(P)"),
    cause="f takes the whole dict.",
    next_step="how is one of its arrays replaced?",
    loses=("values", "broken"),
)
exercise.slip(
    "letters_of_the_names",
    ("if not agrees(name)}", "if not agrees(name) for letter in name}"),
    ("return {name for", "return {letter for"),
    cause="Each name is taken apart into letters, as update does.",
    next_step="which method adds one item?",
    loses=("values",),
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def wrong_by_shifting_a_copy(f, parameters, gradients):
    wrong = set()
    p = {name: np.array(P, dtype=float) for name, P in parameters.items()}
    for name, P in p.items():
        a = np.asarray(gradients[name])
        if a.shape != P.shape or not np.isfinite(a).all():
            wrong.add(name)
            continue
        for index in np.ndindex(P.shape):
            value = P[index]
            P[index] = value + 1e-5
            above = f(p)
            P[index] = value - 1e-5
            n = (above - f(p)) / 2e-5
            P[index] = value
            if abs(a[index] - n) > 1e-6 * max(abs(a[index]), abs(n)) + 1e-9:
                wrong.add(name)
    return wrong


@exercise.alternative
def wrong_by_gradient_check(f, parameters, gradients):
    found = []
    for name in parameters:
        others = dict(parameters)

        def g(P, name=name, others=others):
            others[name] = P
            return f(others)

        if not gradient_check(g, lambda P, name=name: gradients[name], parameters[name]):
            found.append(name)
    return frozenset(found)


@exercise.alternative
def wrong_by_elimination(f, parameters, gradients):
    def right(name):
        a = np.asarray(gradients[name])
        n = numerical_gradient(lambda P: f({k: P if k == name else v for k, v in parameters.items()}), parameters[name])
        with np.errstate(invalid="ignore"):
            close = a.shape == n.shape and abs(a - n) <= 1e-6 * np.maximum(abs(a), abs(n)) + 1e-9
        return np.all(close) and np.isfinite(a).all()

    return set(parameters) - set(filter(right, parameters))


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("for name in gradients if", reason="parameters and gradients have the same names")
