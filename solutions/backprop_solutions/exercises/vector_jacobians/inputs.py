"""Inputs and cases that several exercises of the unit share."""

from itertools import pairwise

import numpy as np

N, D, K = 4, 3, 5  # all different and above 1: a transpose in the wrong place cannot hide


def jacobians_of(rng, *lengths):
    """Return random Jacobians between spaces of these dimensions, J_1 first."""
    return [rng.normal(size=(m, n)) for n, m in pairwise(lengths)]


def count_matrix_products(student, jacobians, v=None, g=None):
    count = [0]

    class Watched(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
            if out is not None:
                options["out"] = tuple(np.asarray(a) for a in out)
            return note(getattr(ufunc, method)(*map(plain, inputs), **options), ufunc is np.matmul)

        def __array_function__(self, function, types, arguments, options):
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
    forward = g is None
    result = student.jvp_chain(watched, v.view(Watched)) if forward else student.vjp_chain(g.view(Watched), watched)
    return {"result": plain(result), "matrix-matrix products": int(count[0])}
