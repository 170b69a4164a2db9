"""unbroadcast: sum a gradient back to the shape that an array had before NumPy broadcast it."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.vector_jacobians.inputs import K, N
from backprop_solutions.vector_jacobians import unbroadcast

exercise = Definition(unbroadcast)

values = exercise.aspect(
    "values", hint="NumPy aligns shapes on the right and adds axes in front; which axes of G are those?"
)


@values.case("an axis added in front")
def axis_in_front(rng):
    return {"G": np.array([[1.0, 2.0], [5.0, 7.0]]), "shape": (2,)}


@values.case("a bias added to a batch", draws=2)
def random_bias(rng):
    return {"G": rng.normal(size=(N, K)), "shape": (K,)}


@values.case("two axes added in front")
def two_axes_in_front(rng):
    return {"G": rng.normal(size=(2, N, K)), "shape": (K,)}


@values.case("a scalar")
def to_a_scalar(rng):
    return {"G": rng.normal(size=(N, K)), "shape": ()}


@values.case("nothing was broadcast")
def nothing_broadcast(rng):
    return {"G": rng.normal(size=(N, K)), "shape": (N, K)}


def of_shapes(before, after):
    return lambda rng: {"G": rng.normal(size=after), "shape": before}


values.add(
    Case(label="a bias when N = K", arguments=of_shapes((4,), (4, 4))),
    Case(label="a matrix under a new axis of its own length", arguments=of_shapes((4, 3), (4, 4, 3))),
    Case(label="a scalar from a vector", arguments=of_shapes((), (K,))),
    Case(label="a scalar that stayed so", arguments=of_shapes((), ())),
    Case(label="three axes added in front", arguments=of_shapes((K,), (2, 3, N, K))),
    Case(label="one copy only", arguments=of_shapes((K,), (1, K))),
)

stretched = exercise.aspect("stretched", hint="an axis of length 1 was copied along; sum over it, and keep it.")


@stretched.case("a column stretched along its rows")
def stretched_column(rng):
    return {"G": np.array([[1.0, 2.0], [5.0, 7.0]]), "shape": (2, 1)}


@stretched.case("a random column", draws=2)
def random_stretched_column(rng):
    return {"G": rng.normal(size=(N, K)), "shape": (N, 1)}


@stretched.case("a row stretched over the batch")
def stretched_row(rng):
    return {"G": rng.normal(size=(N, K)), "shape": (1, K)}


@stretched.case("an axis in front and one of length 1")
def in_front_and_stretched(rng):
    return {"G": rng.normal(size=(2, N, K)), "shape": (N, 1)}


@stretched.case("a middle axis of length 1")
def stretched_in_the_middle(rng):
    return {"G": rng.normal(size=(2, N, K)), "shape": (2, 1, K)}


stretched.add(
    Case(
        label="an axis of length 1 that stayed so",
        arguments=lambda rng: {"G": rng.normal(size=(N, 1)), "shape": (1, 1)},
        visible=False,
    )
)

stretched.add(
    Case(label="a vector of length 1", arguments=of_shapes((1,), (K,))),
    Case(label="a matrix of one entry", arguments=of_shapes((1, 1), (N, K))),
    Case(label="a column when N = K", arguments=of_shapes((4, 1), (4, 4))),
    Case(label="a row when N = K", arguments=of_shapes((1, 4), (4, 4))),
    Case(label="two axes of length 1 and two in front", arguments=of_shapes((1, 3, 1), (2, 4, 5, 3, 2))),
    Case(label="one number in three axes", arguments=of_shapes((1,), (2, N, K))),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("stretched")
def new_axes_only(G, shape):
    """Axes of length 1 are broadcast too, but they are not summed.

    how often is each entry of a (4, 1) array used in a (4, 5) result?
    """
    return G.sum(axis=tuple(range(G.ndim - len(shape))))


@exercise.misconception("stretched")
def axes_of_length_one_dropped(G, shape):
    """The sum removes axes of length 1 that the original array had.

    which argument of `sum` keeps an axis?
    """
    G = G.sum(axis=tuple(range(G.ndim - len(shape))))
    return G.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1))


@exercise.misconception("values", "stretched")
def new_axes_kept(G, shape):
    """Axes that NumPy added in front are summed but not removed.

    does the result have exactly the shape asked for?
    """
    padded = (1,) * (G.ndim - len(shape)) + tuple(shape)
    return G.sum(axis=tuple(k for k, n in enumerate(padded) if n == 1), keepdims=True)


@exercise.misconception("values", "stretched")
def one_copy_taken(G, shape):
    """One copy's gradient is taken, but every copy contributes.

    what does the chain rule do with several paths to one variable?
    """
    for _ in range(G.ndim - len(shape)):
        G = G[0]
    return G[tuple(slice(0, 1) if n == 1 else slice(None) for n in shape)]


@exercise.misconception("values", "stretched")
def copies_averaged(G, shape):
    """The copies' gradients are averaged; contributions of several paths are summed.

    what does the chain rule do with several paths to one variable?
    """
    padded = (1,) * (G.ndim - len(shape)) + tuple(shape)
    return G.mean(axis=tuple(k for k, n in enumerate(padded) if n == 1), keepdims=True).reshape(shape)


@exercise.misconception("values", "stretched")
def everything_summed(G, shape):
    """All entries are summed into one number, also along axes that were never copied.

    which entries of G does one entry of the original reach?
    """
    return np.full(shape, G.sum())


@exercise.misconception("values", "stretched")
def shapes_aligned_on_the_left(G, shape):
    """Shapes are aligned on the left, but NumPy aligns them on the right.

    where in (4, 5) does an array of shape (5,) stand?
    """
    return G.sum(axis=tuple(range(len(shape), G.ndim)))


@exercise.misconception()
def stretched_axes_only(G, shape):
    """Axes that NumPy added in front are left alone; they hold copies as well.

    how many axes does G have more than the shape?
    """
    return G.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


@exercise.misconception("values", "stretched")
def first_axis_summed_always(G, shape):
    """Only axis 0 is summed, whatever the shape; how many axes are summed depends on it.

    which axes does NumPy add, or stretch, to get from `shape` to G's shape?
    """
    return G.sum(axis=0)


@exercise.misconception("values", "stretched")
def copies_reshaped(G, shape):
    """A reshape keeps every entry; copies have to be added up first.

    how many numbers has G, and how many has `shape`?
    """
    return G.reshape(shape)


@exercise.misconception("values", "stretched")
def axes_counted_from_the_left(G, shape):
    """Shapes are compared from the left; NumPy aligns them on the right.

    where in (4, 5) does an array of shape (5,) stand?
    """
    axes = tuple(k for k in range(G.ndim) if k >= len(shape) or shape[k] == 1)
    return G.sum(axis=axes, keepdims=True).reshape(shape)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def unbroadcast_step_by_step(G, shape):
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


@exercise.alternative
def unbroadcast_by_counting(G, shape):
    total = np.zeros(shape)
    owner = np.broadcast_to(np.arange(total.size).reshape(shape), G.shape)
    return np.bincount(owner.ravel(), weights=G.ravel(), minlength=total.size).reshape(shape)


@exercise.alternative
def unbroadcast_by_adding_at(G, shape):
    total = np.zeros(shape)
    front = G.ndim - len(shape)
    for index in np.ndindex(G.shape):
        total[tuple(0 if n == 1 else i for i, n in zip(index[front:], shape, strict=True))] += G[index]
    return total


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("G.sum(axis=copied).reshape", reason="reshape puts axes of length 1 back")
exercise.equivalent("list(enumerate(padded))[::-1]", reason="axes may be summed in any order")
