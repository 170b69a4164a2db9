"""Stand-ins for unit 2: both difference quotients as one stencil."""

from functools import partial


def _by_stencil(offsets, weights, f, x, h=1e-5):
    """Return a weighted sum of values around x over h, in the precision of x and h."""
    return sum(weight * f(x + offset * h) for offset, weight in zip(offsets, weights, strict=True)) / h


forward_difference = partial(_by_stencil, (0, 1), (-1, 1))
central_difference = partial(_by_stencil, (-1, 1), (-0.5, 0.5))
