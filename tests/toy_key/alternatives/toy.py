"""Other correct solutions of the toy exercises."""

import numpy as np


def sum_of_two(X):
    return X + X


def by_loops(X):
    return np.array([sum(row) / len(row) for row in X])


ALTERNATIVES = {"double": [sum_of_two], "row_means": [by_loops]}
