"""Other correct solutions of unit 2."""

import math

import numpy as np

from backprop_solutions.finite_differences import central_difference, gradient_check, numerical_gradient

# --- forward and central differences ----------------------------------------------------------------


def forward_by_stencil(f, x, h=1e-5):
    return sum(weight * f(x + k * h) for k, weight in ((1, 1.0), (0, -1.0))) / h


def forward_with_the_run_as_stored(f, x, h=1e-5):
    above = x + h
    return (f(above) - f(x)) / (above - x)


def forward_as_an_array(f, x, h=1e-5):
    return np.array(f(x + h) / h - f(x) / h)


def central_as_mean_of_two(f, x, h=1e-5):
    return 0.5 * ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h)


def central_by_stencil(f, x, h=1e-5):
    return np.dot([-0.5, 0.5], [f(x - h), f(x + h)]) / h


def central_with_the_run_as_stored(f, x, h=1e-5):
    above, below = x + h, x - h
    return (f(above) - f(below)) / (above - below)


# --- observed_order and optimal_step ----------------------------------------------------------------


def order_by_polyfit(errors, steps):
    return np.polyfit(np.log10(steps), np.log10(errors), 1)[0]


def order_by_lstsq(errors, steps):
    A = np.column_stack([np.log(steps), np.ones(len(steps))])
    return np.linalg.lstsq(A, np.log(errors), rcond=None)[0][0]


def order_by_covariance(errors, steps):
    covariance = np.cov(np.log2(steps), np.log2(errors))
    return covariance[0, 1] / covariance[0, 0]


def order_by_sums(errors, steps):
    n, x, y = len(steps), [math.log(h) for h in steps], [math.log(e) for e in errors]
    xy, xx = sum(a * b for a, b in zip(x, y, strict=True)), sum(a * a for a in x)
    return (n * xy - sum(x) * sum(y)) / (n * xx - sum(x) ** 2)


def step_by_cbrt(x, eps):
    return np.cbrt(eps) * (np.abs(x) or 1.0)


def step_by_where(x, eps):
    return np.where(x == 0, 1.0, np.abs(x)) * np.power(eps, 1 / 3)


def step_by_logarithm(x, eps):
    scale = math.hypot(x) if x else 1
    return math.exp(math.log(eps) / 3 + math.log(scale))


# --- numerical_gradient and numerical_jacobian ------------------------------------------------------


def gradient_in_place(f, X, h=1e-5):
    X = X if X.dtype == float else X.astype(float)
    gradient = np.empty_like(X)
    for index in np.ndindex(*X.shape):
        value = X[index]
        X[index] = value + h
        above = f(X)
        X[index] = value - h
        below = f(X)
        X[index] = value
        gradient[index] = (above - below) / (2 * h)
    return gradient


def gradient_by_nditer(f, X, h=1e-5):
    X = np.array(X, dtype=np.float64)
    gradient = np.zeros_like(X)
    iterator = np.nditer(X, flags=["multi_index"])
    while not iterator.finished:
        i = iterator.multi_index
        X[i] += h
        above = f(X)
        X[i] -= 2 * h
        below = f(X)
        X[i] += h
        gradient[i] = (above - below) / (2 * h)
        iterator.iternext()
    return gradient


def gradient_of_the_flat_vector(f, X, h=1e-5):
    flat = np.ravel(X).astype(float)
    units = np.eye(flat.size)
    slopes = [(f((flat + h * e).reshape(X.shape)) - f((flat - h * e).reshape(X.shape))) / (2 * h) for e in units]
    return np.array(slopes).reshape(X.shape)


def gradient_by_scalar_functions(f, X, h=1e-5):
    def along(index):
        def g(value):
            Y = X.astype(float)
            Y[index] = value
            return f(Y)

        return central_difference(g, float(X[index]), h)

    return np.array([along(index) for index in np.ndindex(X.shape)]).reshape(X.shape)


def jacobian_filled_by_columns(f, x, h=1e-5):
    x = x.astype(float)
    jacobian = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        above, below = x.copy(), x.copy()
        above[j] += h
        below[j] -= h
        jacobian[:, j] = (f(above) - f(below)) / (2 * h)
    return jacobian


def jacobian_transposed_at_the_end(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(x.size)]).T


def jacobian_row_by_row(f, x, h=1e-5):
    m = len(f(np.array(x, dtype=float)))
    return np.stack([numerical_gradient(lambda y, i=i: f(y)[i], x, h) for i in range(m)])


# --- relative_error ---------------------------------------------------------------------------------


def relative_error_by_loop(a, b):
    worst = 0.0
    for p, q in zip(np.ravel(a).tolist(), np.ravel(b).tolist(), strict=True):
        if not (math.isfinite(p) and math.isfinite(q)):
            return math.inf
        worst = max(worst, abs(p - q) / max(abs(p), abs(q), np.finfo(float).tiny))
    return worst


def relative_error_where_not_zero(a, b):
    a, b = np.atleast_1d(a), np.atleast_1d(b)
    if np.isnan(a).any() or np.isnan(b).any() or np.isinf(a).any() or np.isinf(b).any():
        return float("inf")
    size = np.maximum(abs(a), abs(b))
    with np.errstate(invalid="ignore"):
        return np.where(size > 0, abs(a - b) / size, 0.0).max()


def relative_error_repaired_afterwards(a, b):
    a, b = np.asarray(a), np.asarray(b)
    ratio = np.abs(a - b) / np.maximum.reduce([np.abs(a), np.abs(b), np.full(a.shape, np.finfo(float).tiny)])
    return np.max(np.where(np.isfinite(a) & np.isfinite(b), ratio, np.inf))


# --- checks -----------------------------------------------------------------------------------------


def check_by_loop(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = grad_f(X), numerical_gradient(f, X, h)
    if np.shape(a) != X.shape:
        return False
    for index in np.ndindex(X.shape):
        if not (np.isfinite(a[index]) and np.isfinite(n[index])):
            return False
        if abs(a[index] - n[index]) > tolerance * max(abs(a[index]), abs(n[index])) + 1e-9:
            return False
    return True


def check_by_excess(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X)), numerical_gradient(f, X, h)
    if a.shape != n.shape:
        return False
    excess = np.abs(a - n) - tolerance * np.maximum(np.abs(a), np.abs(n)) - 1e-9
    return np.isfinite(a).all() and np.isfinite(n).all() and np.max(excess) <= 0


def check_with_isclose(f, grad_f, X, h=1e-5, tolerance=1e-6):
    a, n = np.asarray(grad_f(X), dtype=float), numerical_gradient(f, X, h)
    if a.shape != n.shape or not np.isfinite([a, n]).all():
        return False
    either = np.isclose(a, n, rtol=tolerance, atol=1e-9) | np.isclose(n, a, rtol=tolerance, atol=1e-9)
    return np.all(either)


def direction_by_a_scalar_function(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = grad_f(X)
    if np.shape(gradient) != np.shape(v) or not np.isfinite(gradient).all():
        return False
    a, n = np.vdot(gradient, v), central_difference(lambda t: f(X + t * v), 0.0, h)
    return math.isfinite(n) and abs(a - n) <= tolerance * max(abs(a), abs(n)) + 1e-9


def direction_by_einsum(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient = np.asarray(grad_f(X))
    if gradient.shape != X.shape:
        return False
    a = np.einsum("i,i->", gradient.ravel(), v.ravel())
    n = (f(X + h * v) - f(X - h * v)) / h / 2
    if not np.isfinite([a, n]).all():
        return False
    return abs(a - n) <= tolerance * np.maximum(abs(a), abs(n)) + 1e-9


def direction_normalised_twice(f, grad_f, X, v, h=1e-5, tolerance=1e-6):
    gradient, length = np.asarray(grad_f(X)), np.linalg.norm(v)
    if gradient.shape != X.shape or not np.all(np.isfinite(gradient)):
        return False
    a = np.sum(gradient * v) / length
    n = (f(X + h * v) - f(X - h * v)) / (2 * h * length)
    return bool(abs(a - n) * length <= tolerance * length * max(abs(a), abs(n)) + 1e-9)


def wrong_by_shifting_a_copy(f, parameters, gradients):
    wrong = set()
    p = {name: np.array(P, dtype=float) for name, P in parameters.items()}
    for name, P in p.items():
        a = np.asarray(gradients[name])
        if a.shape != P.shape or not np.isfinite(a).all():
            wrong.add(name)
            continue
        for index in np.ndindex(P.shape):
            value = P[index]
            P[index] = value + 1e-5
            above = f(p)
            P[index] = value - 1e-5
            n = (above - f(p)) / 2e-5
            P[index] = value
            if abs(a[index] - n) > 1e-6 * max(abs(a[index]), abs(n)) + 1e-9:
                wrong.add(name)
    return wrong


def wrong_by_gradient_check(f, parameters, gradients):
    found = []
    for name in parameters:
        others = dict(parameters)

        def g(P, name=name, others=others):
            others[name] = P
            return f(others)

        if not gradient_check(g, lambda P, name=name: gradients[name], parameters[name]):
            found.append(name)
    return frozenset(found)


def wrong_by_elimination(f, parameters, gradients):
    def right(name):
        a = np.asarray(gradients[name])
        n = numerical_gradient(lambda P: f({k: P if k == name else v for k, v in parameters.items()}), parameters[name])
        with np.errstate(invalid="ignore"):
            close = a.shape == n.shape and abs(a - n) <= 1e-6 * np.maximum(abs(a), abs(n)) + 1e-9
        return np.all(close) and np.isfinite(a).all()

    return set(parameters) - set(filter(right, parameters))


ALTERNATIVES = {
    "forward_difference": [forward_by_stencil, forward_with_the_run_as_stored, forward_as_an_array],
    "central_difference": [central_as_mean_of_two, central_by_stencil, central_with_the_run_as_stored],
    "observed_order": [order_by_polyfit, order_by_lstsq, order_by_covariance, order_by_sums],
    "optimal_step": [step_by_cbrt, step_by_where, step_by_logarithm],
    "numerical_gradient": [
        gradient_in_place,
        gradient_by_nditer,
        gradient_of_the_flat_vector,
        gradient_by_scalar_functions,
    ],
    "numerical_jacobian": [jacobian_filled_by_columns, jacobian_transposed_at_the_end, jacobian_row_by_row],
    "relative_error": [relative_error_by_loop, relative_error_where_not_zero, relative_error_repaired_afterwards],
    "gradient_check": [check_by_loop, check_by_excess, check_with_isclose],
    "directional_check": [direction_by_a_scalar_function, direction_by_einsum, direction_normalised_twice],
    "find_wrong_gradients": [wrong_by_shifting_a_copy, wrong_by_gradient_check, wrong_by_elimination],
}
