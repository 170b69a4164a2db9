"""Cases that are a few lines of code: what a student reads after a failure can be pasted into a cell.

A class is judged by what a short program makes of it: ``a = Value(2.0); b = a * a; backward(b)``, and then ``a.grad``.
"""

from collections.abc import Callable, Mapping
from string import Template
from typing import Any

import numpy as np

from backprop_autograder.engine.exercise import Case

ONE_LINE = 70  # characters of code that are shown in one line


def script(
    label: str,
    code: str,
    *places: str,
    draw: Callable[[np.random.Generator], Mapping[str, float]] | None = None,
    **options: Any,
) -> Case:
    r"""Return a case that runs `code` among the notebook's names and looks at `places` afterwards.

    Parameters
    ----------
    label : str
        The concept under test.
    code : str
        Lines of Python; ``$a`` stands for a drawn number.
    *places : str
        Expressions to observe, such as ``"a.grad"``.
    draw : callable, optional
        ``draw(rng)`` returns the drawn numbers by name. They are rounded to three decimals, as they are shown.
    **options
        As in `Case`. A `probe` of its own takes ``(student, code, observe)``.

    Examples
    --------
    >>> case = script("a square", "a = Value($a)\nb = a * a", "b.data", draw=lambda rng: {"a": rng.uniform(1, 2)})
    >>> print(case.arguments(np.random.default_rng(0))["code"])
    a = Value(1.637)
    b = a * a
    """

    def arguments(rng: np.random.Generator) -> dict[str, Any]:
        numbers = draw(rng) if draw else {}
        rounded = {name: round(float(number), 3) for name, number in numbers.items()}
        return {"code": Template(code).substitute(rounded), "observe": list(places)}

    return Case(label=label, arguments=arguments, **{"probe": run_script, **options})


def run_script(student, code, observe):  # noqa: D103  its text travels without a docstring
    names = student(code)
    found = {}
    for place in observe:
        value = eval(place, names)
        # A number may be a float of NumPy, or an array without axes.
        found[place] = value.item() if isinstance(value, (np.generic, np.ndarray)) and value.shape == () else value
    return found


def is_script(arguments: Mapping[str, Any]) -> bool:
    """Whether the arguments of a case are those of a script."""
    return arguments.keys() == {"code", "observe"}


def shown(code: str) -> str:
    """Return code for the beginning of a sentence: a few short lines in one, more of them indented."""
    lines = code.strip().splitlines()
    if sum(map(len, lines)) > ONE_LINE or any(line.startswith((" ", "for ")) for line in lines):
        return "After these lines:\n" + "".join(f"    {line}\n" for line in lines)
    return f"After {'; '.join(lines)}: "
