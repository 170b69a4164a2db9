"""Inputs and cases that several exercises of the unit share."""

from itertools import pairwise

import numpy as np

from backprop_autograder import Case

N, D, K = 4, 3, 5  # all different and above 1: a transpose in the wrong place cannot hide


def product_of(first, second, m, n, k):
    """Return a function that draws G and the factors of a product of an (m, n) and an (n, k) matrix."""

    def arguments(rng):
        return {"G": rng.normal(size=(m, k)), first: rng.normal(size=(m, n)), second: rng.normal(size=(n, k))}

    return arguments


def cases_of_a_product(first, second, m, n, k):
    small = {"G": [[1.0, 0.0, 5.0], [2.0, 3.0, -1.0]], first: [[1.0], [3.0]], second: [[2.0, 0.0, 4.0]]}
    return [
        Case(label="small matrices", arguments=lambda rng: {name: np.array(rows) for name, rows in small.items()}),
        Case(label="random matrices", arguments=product_of(first, second, m, n, k), draws=3),
        Case(label="square matrices", arguments=product_of(first, second, D, D, D), draws=2),
    ]


def jacobians_of(rng, *lengths):
    """Return random Jacobians between spaces of these dimensions, J_1 first."""
    return [rng.normal(size=(m, n)) for n, m in pairwise(lengths)]


def chain_of(vector, *lengths):
    """Return a function that draws Jacobians, and a tangent v of the first space or a gradient g of the last."""

    def arguments(rng):
        if vector == "v":
            return {"jacobians": jacobians_of(rng, *lengths), "v": rng.normal(size=lengths[0])}
        return {"g": rng.normal(size=lengths[-1]), "jacobians": jacobians_of(rng, *lengths)}

    return arguments


def small_chain(vector):
    def arguments(rng):
        last = np.array([[1.0, 0.0, 2.0], [3.0, 1.0, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, 1.0]])
        jacobians = [np.array([[1.0, 2.0], [0.0, 1.0], [1.0, 0.0]]), last]
        if vector == "v":
            return {"jacobians": jacobians, "v": np.array([1.0, 2.0])}
        return {"g": np.array([1.0, 2.0, 0.0, -1.0]), "jacobians": jacobians}

    return arguments


def values_of_a_chain(vector):
    return [
        Case(label="two small Jacobians", arguments=small_chain(vector)),
        Case(label="three random Jacobians", arguments=chain_of(vector, 3, 5, 4, 2), draws=3),
        Case(label="square Jacobians", arguments=chain_of(vector, 3, 3, 3, 3), draws=2),
        Case(label="one Jacobian", arguments=chain_of(vector, 3, 5)),
        Case(label="one input, one output, and one between", arguments=chain_of(vector, 1, 4, 1, 3, 1)),
    ]


def order_of_a_chain(vector):
    counted = {"probe": count_matrix_products}
    return [
        Case(label="order of two products", arguments=small_chain(vector), **counted),
        Case(label="order of three products", arguments=chain_of(vector, 3, 5, 4, 2), draws=2, **counted),
        Case(label="order of five products", arguments=chain_of(vector, 4, 3, 5, 2, 4, 3), **counted),
        # Whoever hides the products from the count meets numbers of which no two matrices have a product.
        Case(label="entries that only a vector keeps in range", arguments=enormous_chain(vector), visible=False),
    ]


def enormous_chain(vector):
    """Return a function that draws three Jacobians of 1e160, and a vector of 1e-300: products of two overflow."""

    def arguments(rng):
        jacobians = [1e160 * rng.uniform(0.5, 2, size=(m, n)) for n, m in pairwise((3, 5, 4, 2))]
        one = 1e-300 * rng.uniform(0.5, 2, size=3 if vector == "v" else 2)
        return {"jacobians": jacobians, "v": one} if vector == "v" else {"g": one, "jacobians": jacobians}

    return arguments


def arguments_of_a_chain(vector):
    return [
        Case(label="the list after two products", arguments=small_chain(vector)),
        Case(label="the list after three products", arguments=chain_of(vector, 3, 5, 4, 2), draws=2),
    ]


def count_matrix_products(student, jacobians, v=None, g=None):
    from functools import reduce

    count = [0]

    class Watched(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
            if out is not None:
                options["out"] = tuple(np.asarray(a) for a in out)
            return note(getattr(ufunc, method)(*map(plain, inputs), **options), ufunc is np.matmul)

        def __array_function__(self, function, types, arguments, options):
            if function is np.linalg.multi_dot:  # several products, from the end where the vector is
                factors = arguments[0]
                if factors[-1].ndim == 1:
                    return reduce(lambda product, J: np.dot(J, product), factors[::-1])
                return reduce(np.dot, factors)
            products = (np.dot, np.einsum, np.inner, np.tensordot)
            return note(function(*map(plain, arguments), **options), function in products)

        def dot(self, other, out=None):
            return np.dot(self, other)

    def plain(a):
        if isinstance(a, (list, tuple)):
            return type(a)(map(plain, a))
        return np.asarray(a) if isinstance(a, Watched) else a

    def note(result, product):
        if not isinstance(result, np.ndarray):
            return result
        count[0] += product and result.ndim >= 2 and min(result.shape[-2:]) > 1
        return result.view(Watched)

    watched = [J.view(Watched) for J in jacobians]
    # By a name that is made here: neither exercise relies on the other.
    direction = "jvp" if g is None else "vjp"
    operands = (watched, v.view(Watched)) if g is None else (g.view(Watched), watched)
    result = getattr(student, f"{direction}_chain")(*operands)
    return {"result": plain(result), "matrix-matrix products": int(count[0])}
