"""dead_units: units that no row of a batch switches on."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.activations import dead_units
from backprop_solutions.exercises.activations.inputs import K, N

exercise = Definition(dead_units)

values = exercise.aspect("values", hint="one answer a column: is there a row in which this unit is on?")


@values.case("three units, two rows")
def small_batch(rng):
    return {"Z": np.array([[1.0, -1.0, -2.0], [2.0, 3.0, -4.0]])}


def some_dead(rng, rows, units):
    """Return pre-activations: some units always off, some always on, some now and then."""
    Z = rng.uniform(0.1, 2, size=(rows, units)) * rng.choice([-1.0, 1.0], size=(rows, units))
    Z[:, ::3] = -np.abs(Z[:, ::3])
    Z[:, 1] = np.abs(Z[:, 1])
    Z[:, 2] = -np.abs(Z[:, 2])
    Z[rng.integers(rows), 2] = rng.uniform(0.01, 0.1)  # on once, and hardly so
    return Z[:, rng.permutation(units)]


values.add(
    Case(label="a batch", arguments=lambda rng: {"Z": some_dead(rng, N, K)}, draws=4),
    Case(label="as many rows as units", arguments=lambda rng: {"Z": some_dead(rng, K, K)}, draws=2),
    Case(label="a single row", arguments=lambda rng: {"Z": rng.permutation([-1.0, 2.0, -3.0, 4.0, -5.0])[None]}),
    Case(label="a single unit", arguments=lambda rng: {"Z": -rng.uniform(1, 2, size=(N, 1))}),
    Case(label="a large batch", arguments=lambda rng: {"Z": some_dead(rng, 60, 40)}, draws=2, visible=False),
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def off_in_some_row(Z):
    """A unit counts as dead if some row switches it off; dead means off in all of them.

    does a unit learn from a batch in which one row switches it on?
    """
    return np.any(Z <= 0, axis=0)


@exercise.misconception()
def rows_instead_of_units(Z):
    """There is one answer a row; asked for is one a unit.

    which axis of (N, K) should be gone?
    """
    return np.all(Z <= 0, axis=1)


@exercise.misconception()
def units_that_live(Z):
    """The answer is turned round: True marks the units that are on somewhere.

    what does True stand for in the docstring?
    """
    return np.any(Z > 0, axis=0)


@exercise.misconception()
def one_answer_for_all_units(Z):
    """There is a single answer for the whole layer.

    which axis should the question be asked along?
    """
    return bool(np.all(Z <= 0))


@exercise.misconception()
def numbers_of_the_dead(Z):
    """These are the numbers of the dead units; asked for is True or False for each unit.

    which shape does the docstring promise?
    """
    return np.flatnonzero(np.all(Z <= 0, axis=0))


@exercise.misconception()
def off_on_average(Z):
    """The average decides; a unit that is on for one row still learns from that row.

    what does a single positive entry do to the gradient?
    """
    return Z.mean(axis=0) <= 0


@exercise.misconception()
def judged_by_the_last_row(Z):
    """Only one row is looked at.

    what if another row switches the unit on?
    """
    return Z[-1] <= 0


@exercise.misconception()
def judged_by_the_first_row(Z):
    """Only the first row is looked at.

    what if another row switches the unit on?
    """
    return Z[0] <= 0


@exercise.misconception()
def pre_activations_of_exactly_zero(Z):
    """Zeros are looked for in Z; it is the activation that is 0 when a unit is off.

    what is the pre-activation of a unit that is off?
    """
    return np.all(Z == 0, axis=0)


@exercise.misconception()
def fraction_of_rows_off(Z):
    """This is the share of rows in which a unit is off; asked for is whether it is all of them.

    when is a share of the rows all of them?
    """
    return np.mean(Z <= 0, axis=0)


@exercise.misconception()
def off_in_most_rows(Z):
    """A unit counts as dead if it is off in most rows; a single row in which it is on teaches it.

    what does a single positive entry do to the gradient?
    """
    return np.mean(Z <= 0, axis=0) > 0.5


@exercise.misconception()
def zeros_and_ones(Z):
    """The answers are numbers; asked for are truth values.

    what does a comparison of two arrays return by itself?
    """
    return np.all(Z <= 0, axis=0).astype(float)


@exercise.misconception()
def sums_of_the_activations(Z):
    """These are the summed activations; asked for is whether each of them is 0.

    which comparison turns them into truth values?
    """
    return np.maximum(Z, 0).sum(axis=0)


@exercise.misconception()
def rows_kept_as_an_axis(Z):
    """The right answers stand in an array of shape (1, K); one answer a unit is (K,).

    which option keeps an axis of length 1?
    """
    return np.all(Z <= 0, axis=0, keepdims=True)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def largest_is_not_positive(Z):
    return Z.max(axis=0) <= 0


@exercise.alternative
def never_on(Z):
    return ~(Z > 0).any(axis=0)


@exercise.alternative
def activations_sum_to_zero(Z):
    return np.maximum(Z, 0).sum(axis=0) == 0


@exercise.alternative
def column_by_column(Z):
    return np.array([all(z <= 0 for z in column) for column in Z.T])


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("Z < 0", reason="exact zeros are not asked for")
