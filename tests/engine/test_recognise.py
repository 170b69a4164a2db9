"""What counts as evidence for a mistake, and what is said about one that nobody planted."""

from dataclasses import replace

import numpy as np
import pytest
from toy_key.exercises.toy.double import exercise as double
from toy_key.exercises.toy.double import identity, square
from toy_key.exercises.toy.row_means import exercise as row_means

from backprop_autograder import Aspect, Case, Exercise, Misconception
from backprop_autograder.engine.pack import PackedExercise
from backprop_autograder.engine.probe import answer

DOUBLE, ROW_MEANS = double.build(), row_means.build()


def diagnosis(exercise, function, aspect=None):
    packed = PackedExercise.of(exercise)
    names = {**exercise.namespace(), exercise.name: function}
    outcomes = {a: [answer(t.question, names) for t in trials] for a, trials in packed.trials.items()}
    return packed.answered(outcomes).diagnosis(aspect)


def names(function, exercise=DOUBLE, aspect=None):
    """Return the names of the mistakes that a function is taken for."""
    return [cause.name for cause in diagnosis(exercise, function, aspect).causes]


@pytest.mark.parametrize("wrong", [identity, square])
def test_a_misconception_is_recognised_by_its_outcomes(wrong):
    assert names(wrong) == [wrong.__name__]


def test_one_coincidence_is_no_diagnosis():
    first = answer(PackedExercise.of(DOUBLE).all_trials[0].question, {"double": lambda X: X}).result

    def wrong_once(X):
        return X if np.array_equal(X, first) else 2 * X

    assert names(wrong_once) == []


def test_an_unsolved_part_does_not_hide_a_mistake_in_a_solved_one():
    def square_of_small_entries(X):
        if np.abs(X).max() > 1e3:
            raise NotImplementedError("double")
        return X**2

    assert names(square_of_small_entries) == ["square"]


def crashes(X):
    raise ValueError("no")


def test_a_crash_beside_an_unsolved_part_is_no_diagnosis():
    def not_begun_and_another_function_crashes(X):
        if np.abs(X).max() > 1e3:
            raise NotImplementedError("double")
        raise ValueError("no")

    exercise = replace(DOUBLE, misconceptions=[Misconception(crashes, "c", "n")])
    assert names(crashes, exercise) == ["crashes"]
    assert names(not_begun_and_another_function_crashes, exercise) == []


def test_an_error_of_the_same_class_with_another_text_is_another_mistake():
    def another(X):
        raise ValueError("something else")

    assert names(another, replace(DOUBLE, misconceptions=[Misconception(crashes, "c", "n")])) == []


def test_where_in_the_stack_a_recursion_ended_does_not_matter():
    def deep(X):
        raise RecursionError("maximum recursion depth exceeded")

    def deeper(X):
        raise RecursionError("maximum recursion depth exceeded in comparison")

    assert names(deeper, replace(DOUBLE, misconceptions=[Misconception(deep, "c", "n")])) == ["deep"]


def test_two_misconceptions_that_cannot_be_told_apart_are_both_named():
    def same_as_identity(X):
        return X.copy()

    exercise = replace(DOUBLE, misconceptions=[*DOUBLE.misconceptions, Misconception(same_as_identity, "c", "n")])
    found = diagnosis(exercise, identity)
    assert [cause.name for cause in found.causes] == ["identity", "same_as_identity"]
    assert found.either


def two_parts(x):
    return x + 1, 3 * x


def first_part_wrong(x):
    return x - 1, 3 * x


def second_part_wrong(x):
    return x + 1, x**3


PAIR = Exercise(
    two_parts,
    [Aspect("values", [Case(label="two", arguments=lambda rng: {"x": rng.normal(size=4)}, draws=3)], "look.")],
    [Misconception(first_part_wrong, "one", "n"), Misconception(second_part_wrong, "two", "n")],
)


def test_two_slips_at_once_are_both_named():
    found = diagnosis(PAIR, lambda x: (x - 1, x**3))
    assert {cause.name for cause in found.causes} == {"first_part_wrong", "second_part_wrong"}
    assert not found.either


def test_a_mistake_that_would_spoil_what_is_right_is_ruled_out():
    def both_parts_wrong(x):
        return x - 1, x**3

    exercise = replace(PAIR, misconceptions=[Misconception(both_parts_wrong, "both", "n")])
    assert "both_parts_wrong" not in names(lambda x: (x - 1, 3 * x), exercise)


def is_positive(x):
    return bool(x > 0)


def not_negative(x):
    return bool(x > -2.0)


def test_a_truth_value_that_agrees_twice_is_no_evidence_for_a_part():
    draws = [Case(label=str(x), arguments=lambda rng, x=x: {"x": x}) for x in (-3.0, -1.0, -1.5, 1.0, 2.0, 3.0)]
    exercise = Exercise(is_positive, [Aspect("values", draws, "h")], [Misconception(not_negative, "c", "n")])
    assert names(lambda x: x > -2.0 or x < -2.9, exercise) == []


def above(x, strict):
    if not isinstance(x, float):
        return "no number"
    return x > (1.0 if strict else 0.0)


def never_strict(x, strict):
    return x > 0.0 if isinstance(x, float) else "no number"


def asked(aspect, *arguments):
    named = [dict(zip(("x", "strict"), given, strict=True)) for given in arguments]
    return Aspect(aspect, [Case(label=str(n), arguments=lambda rng, n=n: n) for n in named], "h")


CLASSIFY = Exercise(
    above,
    [
        asked("values", *[(x, strict) for x in (0.3, 0.5, 0.7, 2.0, -1.0, -3.0) for strict in (True, False)]),
        asked("texts", ("a", True), ("b", False)),
    ],
    [Misconception(never_strict, "c", "n")],
)


def test_a_second_slip_in_another_aspect_does_not_hide_the_first():
    def never_strict_and_texts_forgotten(x, strict):
        return x > 0.0 if isinstance(x, float) else x

    assert names(never_strict_and_texts_forgotten, CLASSIFY, "values") == ["never_strict"]
    assert "never_strict" not in names(never_strict_and_texts_forgotten, CLASSIFY, "texts")


def test_a_mistake_that_would_spoil_another_aspect_is_ruled_out_in_all_of_them():
    def spoils_texts(x, strict):
        return x > 0.0 if isinstance(x, float) else x

    exercise = replace(CLASSIFY, misconceptions=[Misconception(spoils_texts, "c", "n")])
    assert "spoils_texts" not in names(never_strict, exercise, "values")


def test_a_whole_number_in_place_of_a_float_of_its_size_is_the_same_mistake():
    def total(X):
        return float(np.sum(X))

    def nothing(X):
        return 0.0

    cases = [Case(label=str(k), arguments=lambda rng: {"X": rng.normal(size=3)}, draws=2) for k in range(3)]
    exercise = Exercise(total, [Aspect("values", cases, "h")], [Misconception(nothing, "c", "n")])
    assert names(lambda X: 0, exercise) == ["nothing"]


RELATIONS = [
    (lambda X: -2 * X, "The result has the opposite sign."),
    (lambda X: 6 * X, "The result is 3 times as large as it should be."),
    (lambda X: X / 2, "The result is 4 times too small."),
    (lambda X: 2 * X + 0.25, "The result is off by +0.25 everywhere."),
    (lambda X: np.round(2 * X, 3), "The result is rounded to 3 decimals."),
    (lambda X: np.abs(2 * X), "The result has lost its sign."),
    (lambda X: (2 * X).T, "The result is transposed."),
    (lambda X: (2 * X).ravel(), "The result has the right numbers, but an axis too few."),
    (lambda X: (2 * X)[::-1], "The result has its items in reverse order (axis 0)."),
    (lambda X: (2 * X).sum(axis=0), "The result is summed over axis 0, which should stay."),
    (lambda X: (2 * X)[0], "The result is only the first item of what it should be."),
    (lambda X: (2 * X).tolist(), "The result has the right content, but is a list, where an array is asked for."),
    (lambda X: (2 * X).astype(np.float32), "The result is right in single precision only."),
    (lambda X: np.full((4, 3), 0.123), "The result is the same whatever the arguments."),
    (lambda X: print(2 * X), "The result is None."),
]


@pytest.mark.parametrize(("function", "words"), RELATIONS, ids=[words for _, words in RELATIONS])
def test_a_relation_is_said_of_a_mistake_without_an_author(function, words):
    found = diagnosis(replace(DOUBLE, misconceptions=(), alternatives=()), function)
    assert [cause.cause for cause in found.causes] == [words]


def test_a_result_that_other_arguments_change_is_not_said_to_be_the_same():
    def spread(X):
        return X[1] - X[0]

    given = [(0.0, 1.0), (0.5, 2.25), (0.5, 2.3), (0.5, 2.35)]
    cases = [Case(label=str(pair), arguments=lambda rng, pair=pair: {"X": np.array(pair)}) for pair in given]
    rounded = diagnosis(Exercise(spread, [Aspect("values", cases, "h")]), lambda X: round(X[1] - X[0]))
    assert all("whatever the arguments" not in cause.cause for cause in rounded.causes)


def test_a_vector_that_is_summed_is_said_to_be_one_number_whatever_axes_it_was_made_from():
    def column_sums(X):
        return X.sum(axis=0)

    case = Case(label="sums", arguments=lambda rng: {"X": rng.normal(size=(4, 3))}, draws=3)
    (cause,) = diagnosis(Exercise(column_sums, [Aspect("values", [case], "h")]), lambda X: X.sum()).causes
    assert cause.cause == "The result is summed over all entries, to one number."


def large_names(sizes):
    return {name for name, size in sizes.items() if size > 1}


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda sizes: {name for name, size in sizes.items() if size <= 1}, True),
        (lambda sizes: set("".join(name for name, size in sizes.items() if size > 1)), False),
    ],
)
def test_a_set_is_a_complement_only_if_it_holds_what_was_given(function, said):
    case = Case(label="sizes", arguments=lambda rng: {"sizes": {"first": 1.0, "other": 2.0}}, draws=3)
    found = diagnosis(Exercise(large_names, [Aspect("values", [case], "h")]), function)
    assert any("leave out" in cause.cause for cause in found.causes) == said


def test_what_is_off_in_its_last_digits_has_not_lost_its_sign_or_its_places():
    def sizes(X):
        return np.abs(X)

    case = Case(label="sizes", arguments=lambda rng: {"X": rng.normal(size=4)}, draws=3)
    found = diagnosis(Exercise(sizes, [Aspect("values", [case], "h")]), lambda X: np.abs(X) / (1 + 1e-8))
    assert found.causes == ()


def test_arrays_in_a_dict_instead_of_a_tuple_are_told_from_wrong_ones():
    def halves(X):
        return X[:1], X[1:]

    case = Case(label="halves", arguments=lambda rng: {"X": rng.normal(size=(3, 2))}, draws=3)
    exercise = Exercise(halves, [Aspect("values", [case], "h")])
    (cause,) = diagnosis(exercise, lambda X: {"first": X[:1], "rest": X[1:]}).causes
    assert "right content, but is a dict, where a tuple is asked for" in cause.cause
    assert not diagnosis(exercise, lambda X: {"first": X[:1], "rest": -X[1:]}).causes


def test_a_relation_of_the_whole_result_and_of_a_probes_part_is_said_of_the_result():
    def in_a_dict(student, X):
        return {"result": student.columns(X), "rows": len(X)}

    def columns(X):
        return X.sum(axis=0)

    cases = [
        Case(label="plain", arguments=lambda rng: {"X": rng.normal(size=(4, 3))}, draws=2),
        Case(label="probed", arguments=lambda rng: {"X": rng.normal(size=(4, 3))}, probe=in_a_dict, draws=2),
    ]
    (cause,) = diagnosis(Exercise(columns, [Aspect("values", cases, "h")]), lambda X: -X.sum(axis=0)).causes
    assert cause.cause == "The result has the opposite sign."


def test_the_size_of_an_argument_is_named_as_a_factor():
    def sizes(rng):
        return {"X": rng.normal(size=(int(rng.integers(3, 9)), 2))}

    def column_means(X):
        return X.mean(axis=0)

    exercise = Exercise(column_means, [Aspect("values", [Case(label="m", arguments=sizes, draws=4)], "h")])
    (cause,) = diagnosis(exercise, lambda X: X.sum(axis=0) / len(X) ** 2).causes
    assert cause.cause == "The result is too small by the factor number of rows of X."


def weighted_sum(x, w):
    total = 0.0
    for k in range(len(x)):
        total += w[k] * x[k]
    return total - w[0]


def two_arrays(rng):
    return {"x": rng.normal(size=5), "w": rng.normal(size=5)}


SUM = Exercise(weighted_sum, [Aspect("values", [Case(label="s", arguments=two_arrays, draws=4)], "look again.")])


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (lambda x, w: w[-1] * x[-1] - w[0], "=accumulate"),
        (lambda x, w: x @ w, "=operand"),
        (lambda x, w: x @ w + w[0], "=sign"),
        (lambda x, w: x[:-1] @ w[:-1] - w[0], "=early end"),
    ],
)
def test_a_slip_that_nobody_planted_is_named_by_its_kind(function, kind):
    assert names(function, SUM) == [kind]


def test_a_kind_of_change_goes_on_with_the_exercises_own_hint():
    packed = PackedExercise.of(SUM)
    outcomes = {"values": [answer(t.question, {"weighted_sum": lambda x, w: x @ w}) for t in packed.all_trials]}
    message = packed.answered(outcomes).message("values")
    assert message.endswith("Likely cause: A term or a factor is missing. Next: look again.")


def test_a_mistake_unlike_any_other_is_not_named():
    assert names(lambda X: np.cos(X) + X**2) == []


def test_a_pack_holds_no_outcome_of_a_wrong_program_and_no_text_of_a_right_one():
    packed = PackedExercise.of(SUM).to_json()
    assert all(set(trial) >= {"question", "expected"} and "wrong" not in trial for trial in packed["trials"]["values"])
    assert all(isinstance(row, str) and len(row) < 100 for _, row in packed["mistakes"])
    assert "total" not in str(packed)


def test_the_case_that_is_shown_is_one_that_the_named_cause_explains():
    packed = PackedExercise.of(DOUBLE)
    small, *_ = sorted(packed.all_trials, key=lambda trial: trial.question.size)
    first = answer(small.question, {"double": lambda X: X}).result

    def two_mistakes(X):
        return 7 * X if np.array_equal(X, first) else X

    names = {**DOUBLE.namespace(), "double": two_mistakes}
    outcomes = {a: [answer(t.question, names) for t in trials] for a, trials in packed.trials.items()}
    trial, found = packed.answered(outcomes).shown("values")
    assert [cause.name for cause in found.causes] == ["identity"]
    assert trial is not small
