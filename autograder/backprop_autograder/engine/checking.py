"""``check``: what a student calls below an exercise, and learns at once what is right and what is not."""

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from textwrap import fill

from backprop_autograder.engine.pack import PACK_NAME, PackedExercise, load_pack
from backprop_autograder.engine.probe import answer

WIDTH = 88  # columns that fit beside JupyterLab's file browser


class CheckError(AssertionError):
    """A check did not pass. The message is all that is shown: no traceback of the engine."""

    def _render_traceback_(self):
        return _wrapped(str(self)).splitlines()


def check(function: Callable, aspect: str = "values") -> None:
    """Check an exercise, and print what passed.

    Parameters
    ----------
    function : callable or class
        Your implementation; its name tells which exercise it is.
    aspect : str
        Which property to check. The test cells of an exercise ask for all of them, one each.

    Raises
    ------
    CheckError
        If the exercise is unsolved or wrong: the message says what to do next.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        # Inside the process of a submission no verdict can be trusted, so none is given.
        raise CheckError("This check was not judged: grade through the course's nbgrader_config.py.")
    namespace = sys._getframe(1).f_globals
    pack = _pack()
    name = _exercise_name(function, namespace, pack)
    exercise = pack[name]
    if aspect not in exercise.trials:
        raise CheckError(f"{name} has no aspect {aspect!r}. It has: {', '.join(exercise.trials)}.")
    outcomes = {aspect: _answers(exercise, aspect, namespace, function)}
    if all(t.failure(o) is None for t, o in zip(exercise.trials[aspect], outcomes[aspect], strict=True)):
        print(_wrapped(_praise(exercise, aspect)))
        return
    if any("NotImplementedError" in outcome.error for outcome in outcomes[aspect]):
        unsolved = next(o.message or name for o in outcomes[aspect] if "NotImplementedError" in o.error)
        raise CheckError(_unsolved(name, unsolved, exercise.summary))
    # The other aspects are asked only now: their answers tell misconceptions apart.
    outcomes |= {other: _answers(exercise, other, namespace, function) for other in exercise.trials if other != aspect}
    raise CheckError(exercise.message(aspect, outcomes))


def _answers(exercise: PackedExercise, aspect: str, namespace: dict, function: Callable) -> list:
    names = {**namespace, exercise.name: function}
    return [answer(trial.question, names) for trial in exercise.trials[aspect]]


def _unsolved(name: str, unsolved: str, summary: str) -> str:
    if unsolved != name:
        return f"{name} needs {unsolved}, which is not implemented yet. Next: solve {unsolved} first."
    return f"{name} is not implemented yet. Next: in its cell above, replace the NotImplementedError. {summary}"


def _praise(exercise: PackedExercise, aspect: str) -> str:
    others = [name for name in exercise.trials if name != aspect]
    more = f" Checked separately: {', '.join(others)}." if others else ""
    count = len(exercise.trials[aspect])
    cases = "1 case" if count == 1 else f"{count} cases"
    return f"{exercise.name} ({aspect}): {cases} passed.{more} Grading repeats this with fresh inputs."


def _wrapped(text: str) -> str:
    """Break lines between words: JupyterLab breaks outputs anywhere."""
    return "\n".join(fill(line, WIDTH, break_long_words=False, break_on_hyphens=False) for line in text.splitlines())


def _exercise_name(function: Callable, namespace: dict, pack: dict) -> str:
    name = getattr(function, "__name__", "")
    if name in pack:
        return name
    bound = [key for key, value in namespace.items() if value is function and key in pack]
    if bound:
        return bound[0]
    raise CheckError(f"There is no exercise called {name or function!r} in this unit. It has: {', '.join(pack)}.")


def _pack() -> dict[str, PackedExercise]:
    path = Path.cwd() / PACK_NAME
    if not path.exists():
        raise CheckError(
            f"No {PACK_NAME} found in {path.parent}. Next: open the notebook from the folder it was released in, "
            "with all its files; in the course's repository, run `backprop sync`."
        )
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: Path, _modified: int) -> dict[str, PackedExercise]:
    try:
        return load_pack(path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckError(f"{path} cannot be read ({error}). Next: fetch a fresh copy of the unit.") from None
