"""What several exercises of unit 10 draw, and cases that are lines to paste into a cell."""

from string import Template

import numpy as np

from backprop_autograder import Case
from backprop_autograder.engine.script import run_script


def signed(rng, *shape):
    """Draw numbers of order one, away from 0, of both signs."""
    return rng.uniform(0.5, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def positive(rng, *shape):
    """Draw positive numbers of order one."""
    return rng.uniform(0.5, 2.0, size=shape)


def text_of(array):
    """Return an array as it is written in a cell, with two decimals."""
    return str(np.asarray(array).round(2).tolist())


def lines(label, code, *observe, draws=1, draw=None, probe=run_script, **shapes):
    """Return a case that runs lines of code and looks at some expressions; ``$X`` stands for a drawn array.

    Arrays have the shapes named, entries of order one and both signs (p: positive), or are drawn by ``draw(rng)``.
    """

    def arguments(rng):
        arrays = {name: (positive if name == "p" else signed)(rng, *shape) for name, shape in shapes.items()}
        arrays |= draw(rng) if draw else {}
        texts = {name: text_of(array) for name, array in arrays.items()}
        return {"code": Template(code).substitute(texts), "observe": list(observe)}

    return Case(label=label, arguments=arguments, probe=probe, draws=draws)
