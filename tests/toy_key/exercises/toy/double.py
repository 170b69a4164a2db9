"""double: return twice an array."""

from backprop_autograder import Case, Definition
from toy_key.exercises.toy.inputs import matrix
from toy_key.toy import double

exercise = Definition(double)

exercise.aspect("values", hint="multiply by two.", cases=[Case(label="twice a matrix", arguments=matrix, draws=3)])

large = exercise.aspect("large", hint="try 1e6 by hand.")


@large.case("large entries", draws=2)
def large_matrix(rng):
    return {"X": 1e6 * rng.normal(size=(4, 3))}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "large")
def identity(X):
    """Nothing is multiplied.

    what is twice 3?
    """
    return X


@exercise.misconception("values", "large")
def square(X):
    """The entries are squared.

    is twice 3 equal to 9?
    """
    return X**2


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def sum_of_two(X):
    return X + X
