"""Two toy exercises."""

import numpy as np


def double(X):
    """Return twice an array.

    Parameters
    ----------
    X : array of shape (N, D)

    Returns
    -------
    array of shape (N, D)
    """
    ### BEGIN SOLUTION
    return 2 * X
    ### END SOLUTION


def row_means(X):
    """Return the mean of each row.

    Parameters
    ----------
    X : array of shape (N, D)

    Returns
    -------
    array of shape (N,)
    """
    ### BEGIN SOLUTION
    return np.mean(X, axis=1)
    ### END SOLUTION
