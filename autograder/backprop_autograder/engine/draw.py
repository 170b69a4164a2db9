"""Draw trials: for the pack from a published seed, and by the judge, with the same code, from secret ones."""

import hashlib
import hmac
from typing import Any

import numpy as np

from backprop_autograder.engine.data import decode
from backprop_autograder.engine.exercise import Aspect, Case, Exercise
from backprop_autograder.engine.probe import Question, answer
from backprop_autograder.engine.trial import Trial

PUBLIC_SEED = b"visible cases are the same for everybody"


def draw_trials(exercise: Exercise, aspect: Aspect, seed: bytes = PUBLIC_SEED, *, hidden: bool = False) -> list[Trial]:
    """Draw every case of `aspect`, and let the reference answer.

    Parameters
    ----------
    exercise : Exercise
    aspect : Aspect
    seed : bytes
        Inputs depend on nothing else: the same seed gives the same trials.
    hidden : bool
        Whether cases that students may not see are included.
    """
    cases = (case for case in aspect.cases if hidden or case.visible)
    names = (exercise.name, aspect.name)
    draws = ((case, generator(seed, *names, case.label, k)) for case in cases for k in range(case.draws))
    return [_trial(exercise, aspect, case, Question.draw(exercise, case, rng)) for case, rng in draws]


def generator(seed: bytes, *names: Any) -> np.random.Generator:
    """Return a random generator that depends on `seed` and `names`, and reveals neither."""
    digest = hmac.new(seed, "/".join(map(str, names)).encode(), hashlib.sha256).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def _trial(exercise: Exercise, aspect: Aspect, case: Case, question: Question) -> Trial:
    expected = answer(question, exercise.namespace())
    limits = (case.calls_at_most, case.allow_warnings, _may_change(exercise, aspect, question), case.reported)
    return Trial(case.label, question, expected, case.comparison, *limits)


def _may_change(exercise: Exercise, aspect: Aspect, question: Question) -> tuple[str, ...]:
    """Return the arguments whose change costs another aspect: a slip costs once.

    That is "arguments" where there is one. Otherwise a list or dict, which a right algorithm may use up, costs the
    first aspect alone; an array costs all, since only some of the inputs may lead to a change.
    """
    with_arguments = any(other.name == "arguments" for other in exercise.aspects)
    if aspect.name == "arguments" if with_arguments else aspect == exercise.aspects[0]:
        return ()
    arguments = decode(question.arguments, trusted=True)
    return tuple(name for name, value in arguments.items() if with_arguments or isinstance(value, list | dict))
