"""row_means: return the mean of each row."""

import numpy as np

from backprop_autograder import Case, Definition
from toy_key.exercises.toy.inputs import matrix
from toy_key.toy import row_means

exercise = Definition(row_means)

exercise.aspect("values", hint="look at the axis.", cases=[Case(label="means of rows", arguments=matrix, draws=3)])

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def column_means(X):
    """The mean runs over the columns.

    which axis is a row?
    """
    return X.mean(axis=0)


@exercise.misconception()
def row_sums(X):
    """The sum is not divided.

    what turns a sum into a mean?
    """
    return X.sum(axis=1)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def by_loops(X):
    return np.array([sum(row) / len(row) for row in X])
