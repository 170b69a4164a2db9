"""Unit 7: the shape of a minimum, and how to step to it."""

import numpy as np


def empirical_risk(f, divergence, X, targets):
    """Average the divergence between output and target over all samples.

    Parameters
    ----------
    f : callable
        The network: takes one row of X, shape (D,), and returns a number or a vector.
    divergence : callable
        ``divergence(output, target)`` returns a number, small where the two agree.
    X : ndarray, shape (N, D)
        Inputs, one row per sample.
    targets : ndarray, shape (N,) or (N, K)
        One target per row of X; numbers, integer labels or vectors.

    Returns
    -------
    float
        The mean of ``divergence(f(X[n]), targets[n])``.
    """
    ### BEGIN SOLUTION
    return np.mean([divergence(f(x), target) for x, target in zip(X, targets, strict=True)])
    ### END SOLUTION


def stationary_point(A, b):
    """Find where the gradient of ``1/2 x^T A x + b^T x`` is zero.

    Parameters
    ----------
    A : ndarray, shape (D, D)
        Symmetric and not singular: the Hessian.
    b : ndarray, shape (D,)

    Returns
    -------
    ndarray, shape (D,)
        The stationary point, be it a minimum, a maximum or a saddle.
    """
    ### BEGIN SOLUTION
    return np.linalg.solve(A, -b)
    ### END SOLUTION


def classify(hessian):
    """Say what kind of stationary point has this Hessian.

    Parameters
    ----------
    hessian : ndarray, shape (D, D)
        Symmetric. An eigenvalue within 1e-9 of zero counts as zero.

    Returns
    -------
    str
        ``"saddle"`` if there are eigenvalues of both signs, whatever else there is; otherwise
        ``"minimum"`` if all are positive, ``"maximum"`` if all are negative, and ``"undecided"`` if one is zero.
    """
    ### BEGIN SOLUTION
    eigenvalues = np.linalg.eigvalsh(hessian)
    positive, negative = eigenvalues > 1e-9, eigenvalues < -1e-9
    if positive.any() and negative.any():
        return "saddle"
    if positive.all():
        return "minimum"
    return "maximum" if negative.all() else "undecided"
    ### END SOLUTION


def sign_descent(derivative, x0, step, max_steps):
    """Walk downhill in steps of one length, guided by the sign of the derivative alone.

    Parameters
    ----------
    derivative : callable
        Takes a float, returns a number. It is asked at most once at each point.
    x0 : float or int
        Where the path begins.
    step : float
        Length of every step.
    max_steps : int
        Number of steps after which the path ends. It ends earlier where the derivative is exactly 0.

    Returns
    -------
    ndarray of float, shape (T + 1,)
        The path, x0 first.
    """
    ### BEGIN SOLUTION
    path = [float(x0)]
    for _ in range(max_steps):
        slope = derivative(path[-1])
        if slope == 0:
            break
        path.append(path[-1] - step * np.sign(slope))
    return np.array(path)
    ### END SOLUTION


def gradient_descent(gradient, x0, step, tolerance, max_steps):
    """Walk against the gradient, in steps proportional to it.

    Parameters
    ----------
    gradient : callable
        Takes a float array of shape (D,) and returns one. It is asked at most once at each point.
    x0 : ndarray of float or int, shape (D,)
        Where the path begins. It is the same afterwards.
    step : float
        The factor eta in front of the gradient.
    tolerance : float
        The path ends where the Euclidean norm of the gradient is at most this, which is tested before each step.
    max_steps : int
        Number of steps after which the path ends in any case.

    Returns
    -------
    ndarray of float, shape (T + 1, D)
        The path, x0 first.
    """
    ### BEGIN SOLUTION
    path = [np.asarray(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        path.append(path[-1] - step * slope)
    return np.array(path)
    ### END SOLUTION


def contraction(hessian, step):
    """Tell by which factor one step of gradient descent on a quadratic changes distances, in the worst case.

    Parameters
    ----------
    hessian : ndarray, shape (D, D)
        Symmetric, with eigenvalues of any sign.
    step : float
        The factor eta.

    Returns
    -------
    float
        The largest factor by which one step can multiply the distance to the stationary point, never negative.
        Below 1, every path comes nearer.
    """
    ### BEGIN SOLUTION
    return np.max(np.abs(1 - step * np.linalg.eigvalsh(hessian)))
    ### END SOLUTION


def largest_stable_step(hessian):
    """Find the step above which gradient descent on a quadratic diverges.

    Parameters
    ----------
    hessian : ndarray, shape (D, D)
        Symmetric, with positive eigenvalues.

    Returns
    -------
    float
        The edge: every positive step below it has a `contraction` below 1.

    Raises
    ------
    ValueError
        If an eigenvalue is not positive: one within 1e-9 of zero counts as zero.
    """
    ### BEGIN SOLUTION
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError(f"not a minimum: there is an eigenvalue {eigenvalues.min():g}")
    return 2 / eigenvalues.max()
    ### END SOLUTION


def best_fixed_step(hessian):
    """Find the step whose `contraction` is smallest.

    Parameters
    ----------
    hessian : ndarray, shape (D, D)
        Symmetric, with positive eigenvalues.

    Returns
    -------
    float
        The step with the best rate in the worst case.

    Raises
    ------
    ValueError
        If an eigenvalue is not positive: one within 1e-9 of zero counts as zero.
    """
    ### BEGIN SOLUTION
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues.min() <= 1e-9:
        raise ValueError(f"not a minimum: there is an eigenvalue {eigenvalues.min():g}")
    return 2 / (eigenvalues.min() + eigenvalues.max())
    ### END SOLUTION


def momentum_descent(gradient, x0, step, momentum, tolerance, max_steps):
    """Walk with a velocity that remembers earlier gradients.

    Parameters
    ----------
    gradient : callable
        Takes a float array of shape (D,) and returns one. It is asked at most once at each point.
    x0 : ndarray of float or int, shape (D,)
        Where the path begins, with velocity 0. It is the same afterwards.
    step : float
        The factor eta in front of the gradient.
    momentum : float
        The part of the velocity that is kept, from 0 (gradient descent) to below 1.
    tolerance : float
        The path ends where the Euclidean norm of the gradient is at most this, which is tested before each step.
    max_steps : int
        Number of steps after which the path ends in any case.

    Returns
    -------
    ndarray of float, shape (T + 1, D)
        The path, x0 first.

    Notes
    -----
    ``v <- momentum * v - step * gradient(x)``, then ``x <- x + v`` (Polyak 1964).
    """
    ### BEGIN SOLUTION
    path = [np.asarray(x0, dtype=float)]
    velocity = 0.0
    for _ in range(max_steps):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        velocity = momentum * velocity - step * slope
        path.append(path[-1] + velocity)
    return np.array(path)
    ### END SOLUTION


def adam_descent(gradient, x0, step, tolerance, max_steps, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Walk with a step of its own for each coordinate, from running means of the gradient and of its square.

    Parameters
    ----------
    gradient : callable
        Takes a float array of shape (D,) and returns one. It is asked at most once at each point.
    x0 : ndarray of float or int, shape (D,)
        Where the path begins, with both means 0. It is the same afterwards.
    step : float
        About the length of one step along each coordinate.
    tolerance : float
        The path ends where the Euclidean norm of the gradient is at most this, which is tested before each step.
    max_steps : int
        Number of steps after which the path ends in any case.
    beta1, beta2 : float
        The parts of the two running means that are kept at each step.
    epsilon : float
        Keeps the quotient finite where the gradient is 0.

    Returns
    -------
    ndarray of float, shape (T + 1, D)
        The path, x0 first.

    Notes
    -----
    In step t = 1, 2, ..., for each coordinate: ``m <- beta1 m + (1 - beta1) g``, ``v <- beta2 v + (1 - beta2) g^2``,
    ``m_hat = m / (1 - beta1^t)``, ``v_hat = v / (1 - beta2^t)``, ``x <- x - step m_hat / (sqrt(v_hat) + epsilon)``
    (Kingma and Ba 2015).
    """
    ### BEGIN SOLUTION
    path = [np.asarray(x0, dtype=float)]
    mean, square = 0.0, 0.0
    for t in range(1, max_steps + 1):
        slope = gradient(path[-1])
        if np.linalg.norm(slope) <= tolerance:
            break
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope**2
        unbiased = mean / (1 - beta1**t)
        scale = np.sqrt(square / (1 - beta2**t)) + epsilon
        path.append(path[-1] - step * unbiased / scale)
    return np.array(path)
    ### END SOLUTION


def delta_rule_step(w, x, t, learning_rate):
    """Take one step of gradient descent on ``1/2 (w . x - t)^2``, the squared error of one sample.

    Parameters
    ----------
    w : ndarray, shape (D,)
        Weights of a linear unit. They are the same afterwards.
    x : ndarray, shape (D,)
        Input of the sample.
    t : float
        Target of the sample.
    learning_rate : float
        The factor eta.

    Returns
    -------
    ndarray, shape (D,)
        The new weights (RWTH: the delta rule, or LMS rule).
    """
    ### BEGIN SOLUTION
    return w - learning_rate * (w @ x - t) * x
    ### END SOLUTION
