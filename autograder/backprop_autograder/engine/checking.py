"""``check``: what a student calls below an exercise, and learns at once what is right and what is not."""

import ast
import contextlib
import io
import json
import os
import sys
from collections.abc import Callable
from functools import lru_cache, partial
from itertools import takewhile
from pathlib import Path
from textwrap import fill
from typing import Any

from backprop_autograder.engine.data import decode
from backprop_autograder.engine.pack import PACK_NAME, PackedExercise, load_pack
from backprop_autograder.engine.passed import remember
from backprop_autograder.engine.probe import TOO_MANY_STEPS, Outcome, answer
from backprop_autograder.engine.relying import relied_on
from backprop_autograder.engine.trial import Trial

SECONDS = 5.0  # for one case; the slowest right answers take a tenth
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
    names = {**namespace, name: function}
    outcomes = {aspect: _answers(exercise, aspect, names)}
    failing = [t for t, o in zip(exercise.trials[aspect], outcomes[aspect], strict=True) if t.failure(o)]
    remember(Path.cwd(), name, aspect, passed=not failing)
    if not failing:
        print(_wrapped(_praise(exercise, aspect)))
        return
    check.failed = decode(min(failing, key=lambda trial: trial.question.size).question.arguments, trusted=True)
    if any("NotImplementedError" in outcome.error for outcome in outcomes[aspect]):
        unsolved = next(o.message or name for o in outcomes[aspect] if "NotImplementedError" in o.error)
        raise _stop(_unsolved(name, unsolved, exercise.summary))
    # The other aspects are asked only now: their answers tell mistakes apart.
    late = any(TOO_MANY_STEPS in outcome.error for outcome in outcomes[aspect])
    for other in exercise.trials:
        if other != aspect:
            outcomes[other] = _answers(exercise, other, names, late=late, quiet=True)
    if _is_right_but_not_run(exercise, aspect, names):
        raise _stop(f"{name}: the cell above was changed after it ran, and is right now. Next: run it, then this one.")
    trial, found = exercise.answered(outcomes).shown(aspect, None if late else partial(_ask, names=names))
    check.failed = decode(trial.question.arguments, trusted=True)
    if broken := _broken(exercise, names, pack):
        raise _stop(f"{name}: {found.summary}\n{broken} fails its own check. Next: solve it first.")
    raise _stop(f"{name}: {found.summary}\n{found.advice}")


check.failed = {}  # the inputs of the last failing case, to try it out by hand


def _broken(exercise: PackedExercise, names: dict, pack: dict[str, PackedExercise]) -> str:
    """Return the first exercise before this one that it relies on and that fails; empty if none does."""
    asked = set().union(*(trial.question.names for trials in exercise.trials.values() for trial in trials))
    used = relied_on(asked, names)
    for other in takewhile(lambda packed: packed is not exercise, pack.values()):
        if other.name in used:
            for aspect, trials in other.trials.items():
                outcomes = _answers(other, aspect, names, quiet=True)
                if any(trial.failure(outcome) for trial, outcome in zip(trials, outcomes, strict=True)):
                    return other.name
    return ""


def _answers(
    exercise: PackedExercise, aspect: str, names: dict, *, late: bool = False, quiet: bool = False
) -> list[Outcome]:
    """Ask all cases of an aspect; nothing more once one had to be stopped. At most the first may print."""
    outcomes: list[Outcome] = []
    for trial in exercise.trials[aspect]:
        if late:
            outcomes.append(Outcome(error=(TOO_MANY_STEPS,), message="it was not asked any more"))
            continue
        outcomes.append(_ask(trial, names, aloud=not (outcomes or quiet)))
        late = outcomes[-1].error == (TOO_MANY_STEPS,)
    return outcomes


def _ask(trial: Trial, names: dict, *, aloud: bool = False) -> Outcome:
    with contextlib.nullcontext() if aloud else contextlib.redirect_stdout(io.StringIO()):
        return answer(trial.question, names, SECONDS)


def _stop(message: str) -> CheckError:
    """Return the error, and see to it that a plain interpreter shows its message only, as a kernel does."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _show
    return CheckError(message)


def _show(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    if kind is CheckError:
        print("\n".join(error._render_traceback_()), file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def _unsolved(name: str, unsolved: str, summary: str) -> str:
    if unsolved != name and not unsolved.startswith(f"{name}."):  # another exercise; else a method of this one
        return f"{name} needs {unsolved}, which is not implemented yet. Next: solve {unsolved} first."
    if _is_written(name):
        return f"{name}: the cell above has a solution that was not run. Next: run that cell, then this one."
    return f"{unsolved} is not implemented yet. Next: in its cell above, replace the NotImplementedError. {summary}"


def _is_written(name: str) -> bool:
    """Whether the saved notebook holds a solution where the kernel has none: it was typed, and not run."""
    source = _saved(name)
    return name in source and "NotImplementedError" not in source


def _is_right_but_not_run(exercise: PackedExercise, aspect: str, names: dict) -> bool:
    """Whether the saved notebook's cell would pass, and was never run as it stands there."""
    saved = _definition(_saved(exercise.name), exercise.name)
    if not saved or "In" not in names or any(_definition(text, exercise.name) == saved for text in names["In"]):
        return False
    changed = dict(names)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
        exec(saved, changed)
        return not any(trial.failure(_ask(trial, changed)) for trial in exercise.trials[aspect])
    return False


def _definition(source: str, name: str) -> str:
    """Return the text of the last function or class of this name in a cell, without comments; empty if none."""
    try:
        body = ast.parse(source).body if name in source else []
    except (SyntaxError, ValueError):
        return ""
    return next((ast.unparse(found) for found in reversed(body) if getattr(found, "name", "") == name), "")


def _saved(name: str) -> str:
    """Return the text of an exercise's cell as the notebook was last saved; empty if there is none."""
    for path in Path.cwd().glob("*.ipynb"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == name and cell["cell_type"] == "code":
                    return "".join(cell["source"])
    return ""


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
