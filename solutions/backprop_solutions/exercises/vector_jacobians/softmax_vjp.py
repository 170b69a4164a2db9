"""softmax_vjp: pull the upstream gradient back through a softmax of each row, without building a Jacobian."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians import inputs
from backprop_solutions.vector_jacobians import softmax_vjp


def few_bytes_for_many_classes(student, seed, classes):
    import tracemalloc

    rng = np.random.default_rng(seed)
    # A tenth of the classes first: a K x K array is found out while it is still small.
    for K in (classes // 10, classes):
        G, P = rng.normal(size=(2, K)), rng.dirichlet(np.ones(K), size=2)
        running = tracemalloc.is_tracing()
        tracemalloc.start()
        try:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            dZ = student.softmax_vjp(G, P)
            peak = tracemalloc.get_traced_memory()[1] - before
        finally:
            if not running:
                tracemalloc.stop()
        if peak > 40 * G.nbytes:
            raise MemoryError(f"an array far larger than G was built for {K:,} classes")
    dZ = np.asarray(dZ)
    return {"first entries": dZ[:, :3], "sum of squares": (dZ**2).sum()}


exercise = Definition(softmax_vjp)

values = exercise.aspect(
    "values", hint="multiply the row g by diag(p) - p p^T on paper: which one number is g p, and what remains?"
)


@values.case("two rows of three classes")
def small_softmax(rng):
    return {"G": np.array([[1.0, 3.0, 2.0], [5.0, 2.0, 0.0]]), "P": np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])}


@values.case("a random batch", draws=3)
def random_softmax(rng):
    return {"G": rng.normal(size=(inputs.N, inputs.K)), "P": rng.dirichlet(np.ones(inputs.K), size=inputs.N)}


memory = exercise.aspect(
    "memory",
    hint="are the values right? If so: a K x K array takes 3.2 GB at K = 20,000; which of its numbers are needed?",
)


@memory.case("20,000 classes", probe=few_bytes_for_many_classes, draws=2, steps_at_most=1_000_000)
def many_classes(rng):
    return {"seed": int(rng.integers(10_000)), "classes": 20_000}


@values.case("rows of mixed sizes, equal rows and certain classes", draws=2)
def mixed_softmax(rng):
    G, P = rng.normal(size=(5, inputs.K)), rng.dirichlet(np.ones(inputs.K), size=5)
    G[0] *= 1e6
    G[1] = 0.7
    P[2] = np.eye(inputs.K)[3]
    G[4], P[4] = G[3], P[3]
    return {"G": G, "P": P}


def softmax_of_shape(n, k):
    return lambda rng: {"G": rng.normal(size=(n, k)), "P": rng.dirichlet(np.ones(k), size=n)}


values.add(
    Case(label="one row", arguments=softmax_of_shape(1, inputs.K)),
    Case(label="as many rows as classes", arguments=softmax_of_shape(3, 3), draws=2),
    Case(label="a single class", arguments=softmax_of_shape(inputs.N, 1)),
)


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def softmax_as_an_elementwise_function(G, P):
    """Only the diagonal of the Jacobian is used, but all outputs share one denominator.

    what do the other columns of the row contribute?
    """
    return G * P * (1 - P)


@exercise.misconception()
def unweighted_mean_subtracted(G, P):
    """The plain mean of G is subtracted; each entry counts with its probability.

    which number is the row g times the column p?
    """
    return P * (G - G.mean(axis=1, keepdims=True))


@exercise.misconception()
def weighted_mean_over_the_whole_batch(G, P):
    """One number is subtracted for the whole batch, but each row has a softmax of its own.

    over which axis does a softmax run?
    """
    return P * (G - (G * P).sum())


@exercise.misconception()
def weighted_mean_over_the_batch_axis(G, P):
    """The sum runs over the batch; it has to run over the classes.

    over which axis does a softmax run?
    """
    return P * (G - (G * P).sum(axis=0, keepdims=True))


@exercise.misconception()
def outer_factor_forgotten(G, P):
    """The factor P in front of the bracket is missing.

    what is g diag(p)?
    """
    return G - (G * P).sum(axis=1, keepdims=True)


@exercise.misconception()
def cross_entropy_shortcut(G, P):
    """P minus target is the gradient of softmax with cross-entropy; here G is any upstream gradient.

    how do you multiply by the Jacobian of softmax alone?
    """
    return P - G


@exercise.misconception()
def weighted_mean_added(G, P):
    """The sign of the outer product is wrong.

    what should come out if all entries of g are equal?
    """
    return P * (G + (G * P).sum(axis=1, keepdims=True))


@exercise.misconception("memory")
def a_jacobian_for_each_row(G, P):
    """A K x K Jacobian is built for each row.

    in which order are the factors g, p and p^T multiplied most cheaply?
    """
    return np.array([(np.diag(p) - np.outer(p, p)) @ g for g, p in zip(G, P, strict=True)])


@exercise.misconception("values", "memory")
def weighted_means_without_their_axis(G, P):
    """The weighted means have lost their axis and no longer line up with the rows.

    which shape must they have to be subtracted from (N, K) row by row?
    """
    return P * (G - (G * P).sum(axis=1))


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def softmax_vjp_by_rows(G, P):
    return np.array([p * (g - g @ p) for g, p in zip(G, P, strict=True)])


@exercise.alternative
def softmax_vjp_by_einsum(G, P):
    return P * G - P * np.einsum("nk,nk->n", G, P)[:, None]


@exercise.alternative
def softmax_vjp_by_pieces(G, P):
    mean = np.sum(P * G, axis=-1)
    dZ = np.empty_like(P)
    for n in range(len(P)):
        dZ[n] = P[n] * G[n]
        dZ[n] -= mean[n] * P[n]
    return dZ


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("axis=-1", reason="a matrix's last axis is its second")
