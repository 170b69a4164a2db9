"""Draw trials: for the pack from a published seed, and by the judge, with the same code, from secret ones."""

import hashlib
import hmac
from typing import Any

import numpy as np

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
    elsewhere = aspect.name != "arguments" and any(other.name == "arguments" for other in exercise.aspects)
    return [_trial(exercise, case, Question.draw(exercise, case, rng), elsewhere) for case, rng in draws]


def generator(seed: bytes, *names: Any) -> np.random.Generator:
    """Return a random generator that depends on `seed` and `names`, and reveals neither."""
    digest = hmac.new(seed, "/".join(map(str, names)).encode(), hashlib.sha256).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def _trial(exercise: Exercise, case: Case, question: Question, allow_changes: bool) -> Trial:
    expected = answer(question, exercise.namespace())
    limits = (case.calls_at_most, case.allow_warnings, allow_changes, case.reported)
    return Trial(case.label, question, expected, case.comparison, *limits)
