"""How the toy exercises are judged."""

import numpy as np

from backprop_autograder import Aspect, Case, Exercise, Misconception
from toy_key import toy as reference


def matrix(rng):
    return {"X": rng.normal(size=(4, 3))}


def large_matrix(rng):
    return {"X": 1e6 * rng.normal(size=(4, 3))}


def identity(X):
    return X


def square(X):
    return X**2


def column_means(X):
    return X.mean(axis=0)


def row_sums(X):
    return X.sum(axis=1)


DOUBLE = Exercise(
    reference.double,
    aspects=[
        Aspect("values", [Case(label="twice a matrix", arguments=matrix, draws=3)], hint="multiply by two."),
        Aspect("large", [Case(label="large entries", arguments=large_matrix, draws=2)], hint="try 1e6 by hand."),
    ],
    misconceptions=[
        Misconception(identity, "Nothing is multiplied.", "what is twice 3?", loses=("values", "large")),
        Misconception(square, "The entries are squared.", "is twice 3 equal to 9?", loses=("values", "large")),
    ],
)
ROW_MEANS = Exercise(
    reference.row_means,
    aspects=[Aspect("values", [Case(label="means of rows", arguments=matrix, draws=3)], hint="look at the axis.")],
    misconceptions=[
        Misconception(column_means, "The mean runs over the columns.", "which axis is a row?"),
        Misconception(row_sums, "The sum is not divided.", "what turns a sum into a mean?"),
    ],
)
EXERCISES = (DOUBLE, ROW_MEANS)
assert np  # the notebook's name for NumPy, as misconceptions may use it
