"""Unit 2: numerical derivatives and gradient checking."""

import numpy as np


def forward_difference(f, x, h=1e-5):
    """Approximate the derivative of f at x by a step to one side.

    Parameters
    ----------
    f : callable
        Function of one number that returns a number.
    x : float
        Where the derivative is wanted.
    h : float
        Step.

    Returns
    -------
    float
        Slope of the secant through x and x + h.
    """
    ### BEGIN SOLUTION
    return (f(x + h) - f(x)) / h
    ### END SOLUTION


def central_difference(f, x, h=1e-5):
    """Approximate the derivative of f at x by steps of h to both sides.

    Parameters
    ----------
    f : callable
        Function of one number that returns a number.
    x : float
        Where the derivative is wanted.
    h : float
        Step to each side.

    Returns
    -------
    float
        Slope of the secant through x - h and x + h.
    """
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


def observed_order(errors, steps):
    """Measure the order p of a method whose error behaves like C h^p.

    Parameters
    ----------
    errors : array, shape (n,)
        Error at each step, all positive.
    steps : array, shape (n,)
        The steps h, all positive, in any order.

    Returns
    -------
    float
        Slope of the least-squares line through all points (log step, log error).
    """
    ### BEGIN SOLUTION
    log_steps = np.log(steps) - np.mean(np.log(steps))
    return np.sum(log_steps * np.log(errors)) / np.sum(log_steps**2)
    ### END SOLUTION


def optimal_step(x, eps):
    """Choose the step of a central difference at x.

    Parameters
    ----------
    x : float
        Where the derivative is wanted.
    eps : float
        Relative accuracy with which the function is computed.

    Returns
    -------
    float
        Cube root of eps times a guess of the scale of f: the size of x, or 1 where that is smaller.
    """
    ### BEGIN SOLUTION
    return eps ** (1 / 3) * max(abs(x), 1.0)
    ### END SOLUTION


def numerical_gradient(f, X, h=1e-5):
    """Approximate the gradient of f at X, entry by entry, by central differences.

    Parameters
    ----------
    f : callable
        Function of an array that returns a number.
    X : array, any shape
        Where the gradient is wanted, of floats or integers. It is the same afterwards.
    h : float
        Step to each side.

    Returns
    -------
    array of float
        The gradient, in the shape of X.
    """
    ### BEGIN SOLUTION
    X = np.asarray(X, dtype=float)
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        step = np.zeros(X.shape)
        step[index] = h
        gradient[index] = (f(X + step) - f(X - step)) / (2 * h)
    return gradient
    ### END SOLUTION


def numerical_jacobian(f, x, h=1e-5):
    """Approximate the Jacobian of f at x by central differences.

    Parameters
    ----------
    f : callable
        Function of an array of shape (n,) that returns an array of shape (m,).
    x : array, shape (n,)
        Where the Jacobian is wanted, of floats or integers. It is the same afterwards.
    h : float
        Step to each side.

    Returns
    -------
    array, shape (m, n)
        Entry [i, j] is the derivative of output i with respect to input j.
    """
    ### BEGIN SOLUTION
    steps = h * np.eye(len(x))
    columns = [(f(x + step) - f(x - step)) / (2 * h) for step in steps]  # each (m,)
    return np.stack(columns, axis=1)
    ### END SOLUTION


def relative_error(a, b):
    """Return the largest relative difference between corresponding entries of a and b.

    Parameters
    ----------
    a, b : float, or arrays of the same shape

    Returns
    -------
    float
        Maximum over the entries of ``|a - b| / max(|a|, |b|, tiny)`` with
        ``tiny = np.finfo(float).tiny``, so that 0 against 0 gives 0.
        Infinity if NaN or infinity is found anywhere in a or b.
    """
    ### BEGIN SOLUTION
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        return np.inf
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.max(np.abs(np.subtract(a, b)) / scale)
    ### END SOLUTION


def gradient_check(f, grad_f, X, h=1e-5, tolerance=1e-6):
    """Decide whether grad_f computes the gradient of f at X.

    Parameters
    ----------
    f : callable
        Function of an array that returns a number.
    grad_f : callable
        Function of an array that should return the gradient of f, in the array's shape.
    X : array, any shape
        Where to check.
    h : float
        Step of the central differences.
    tolerance : float
        Relative tolerance.

    Returns
    -------
    bool
        Whether every entry a of the gradient agrees with the numerical n:
        ``|a - n| <= tolerance * max(|a|, |n|) + 1e-9``.
        A gradient of the wrong shape, or with NaN or infinity, is wrong.
    """
    ### BEGIN SOLUTION
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.all(np.isfinite(a) & np.isfinite(n)):
        return False
    allowed = tolerance * np.maximum(np.abs(a), np.abs(n)) + 1e-9
    return bool(np.all(np.abs(a - n) <= allowed))
    ### END SOLUTION


def directional_check(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    """Decide whether grad_f computes the right derivative of f at X along v, by two evaluations of f.

    Parameters
    ----------
    f : callable
        Function of an array that returns a number.
    grad_f : callable
        Function of an array that should return the gradient of f, in the array's shape.
    X : array, any shape
        Where to check.
    v : array, shape of X
        Direction, used as it is.
    h : float
        The points compared are X + h v and X - h v.
    tolerance : float
        Relative tolerance.

    Returns
    -------
    bool
        Whether a, the sum of gradient times v, agrees with the numerical n:
        ``|a - n| <= tolerance * max(|a|, |n|) + 1e-9``.
        A gradient of the wrong shape, or with NaN or infinity, is wrong.
    """
    ### BEGIN SOLUTION
    gradient = np.asarray(grad_f(X))
    if gradient.shape != np.shape(X) or not np.all(np.isfinite(gradient)):
        return False
    a = np.sum(gradient * v)
    n = (f(X + h * v) - f(X - h * v)) / (2 * h)
    return bool(np.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9)
    ### END SOLUTION


def find_wrong_gradients(f, parameters, gradients):
    """Find the parameters whose gradient is wrong.

    Parameters
    ----------
    f : callable
        Function of a dict like `parameters` that returns a number: the loss of a network.
    parameters : dict of arrays
        The point to check at. It is the same afterwards.
    gradients : dict of arrays
        Claimed gradient of f for each name in `parameters`.

    Returns
    -------
    set of str
        Names whose gradient breaks the rule of ``gradient_check``, with its default h and tolerance.
    """

    ### BEGIN SOLUTION
    def agrees(name):
        def g(P):  # f as a function of this parameter alone
            return f({**parameters, name: P})

        return gradient_check(g, lambda P: gradients[name], parameters[name])

    return {name for name in parameters if not agrees(name)}
    ### END SOLUTION
