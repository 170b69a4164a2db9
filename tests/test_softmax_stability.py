"""Unit 5: the references against independent oracles, the lectures' numbers, and the explorers."""

import itertools
import math
from collections import Counter
from decimal import Decimal, localcontext

import ipywidgets as widgets
import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
import scipy.special

from backprop_course import names as n
from backprop_course import softmax_stability as explorers
from backprop_course.given import softmax_stability as given
from backprop_course.softmax_stability import loss_gradient_explorer, stability_explorer
from backprop_solutions import softmax_stability as unit

LOGITS = np.array([-3.44, 1.16, -0.81, 3.91])
IMPOSSIBLE = np.array([[-np.inf, 0.5, 2.0], [1.0, -np.inf, -np.inf]])
HEAVY_METAL, TIGER = 3, 0
# A handful of operations in float64, each of relative error 1.1e-16.
ROUND_OFF = {"rtol": 1e-13, "atol": 0.0}


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def decimals(function, *numbers):
    """Evaluate with 60 digits, so that rounding to float is the only error."""
    with localcontext() as context:
        context.prec = 60
        return float(function(*(Decimal(float(x)) for x in numbers)))


def complex_step(function, X):
    """Gradient of an analytic function: no difference is taken, so no digit is lost."""
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        shifted = X.astype(complex)
        shifted[index] += 1e-30j
        gradient[index] = function(shifted).imag / 1e-30
    return gradient


# --- logsumexp, softmax, log_softmax ----------------------------------------------------------------


@pytest.mark.parametrize("shape", [(4,), (3, 5), (2, 3, 4), (2, 1, 3, 4)])
@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
@pytest.mark.parametrize("size", [1.0, 1e4])
def test_functions_of_logits_agree_with_scipy_for_every_shape_and_size(rng, name, shape, size):
    Z = size * rng.normal(size=shape)
    expected = getattr(scipy.special, name)(Z, axis=-1)
    # Logits of 1e4 are spaced by 2e-12, and so are their differences.
    np.testing.assert_allclose(getattr(unit, name)(Z), expected, rtol=1e-11, atol=1e-11)


def test_softmax_reproduces_the_table_of_the_lecture():
    np.testing.assert_array_equal(unit.softmax(LOGITS).round(4), [0.0006, 0.0596, 0.0083, 0.9315])


def test_rounded_exponentials_give_the_other_table():
    rounded = np.exp(LOGITS).round(2)
    np.testing.assert_array_equal((rounded / rounded.sum()).round(4), [0.0006, 0.0596, 0.0082, 0.9317])


def test_softmax_as_rwth_prints_it_prefers_the_tiger():
    assert round(unit.softmax(-LOGITS)[TIGER], 4) == 0.9236


def test_softmax_is_exact_in_the_tails():
    p = unit.softmax(np.array([0.0, -40.0, -700.0]))
    total = decimals(lambda a, b: 1 + a.exp() + b.exp(), -40, -700)
    np.testing.assert_allclose(p, [1 / total, math.exp(-40) / total, math.exp(-700) / total], **ROUND_OFF)


def test_log_softmax_of_a_nearly_certain_class_keeps_its_digits():
    expected = decimals(lambda a: -(1 + a.exp()).ln(), -40)
    np.testing.assert_allclose(unit.log_softmax(np.array([40.0, 0.0]))[0], expected, **ROUND_OFF)


def test_rows_of_mixed_size_do_not_disturb_each_other(rng):
    Z = rng.normal(size=(3, 4))
    mixed = Z + np.array([[1e4], [0.0], [-1e4]])
    # The shift itself rounds each logit to a multiple of 2e-12.
    np.testing.assert_allclose(unit.softmax(mixed), unit.softmax(Z), rtol=1e-11)


def test_softmax_changes_under_a_shift_that_is_not_constant():
    shifted = unit.softmax(LOGITS + np.array([1.0, 0.0, 0.0, 0.0]))
    assert shifted[TIGER] > 2 * unit.softmax(LOGITS)[TIGER]


def test_a_logit_of_minus_infinity_removes_its_class(rng):
    z = rng.normal(size=3)
    masked = np.array([z[0], -np.inf, z[1], z[2]])
    np.testing.assert_allclose(unit.softmax(masked), np.insert(scipy.special.softmax(z), 1, 0.0), **ROUND_OFF)
    assert unit.log_softmax(masked)[1] == -np.inf
    np.testing.assert_allclose(unit.logsumexp(masked), scipy.special.logsumexp(z), **ROUND_OFF)


# --- one_hot, cross_entropy -------------------------------------------------------------------------


def test_one_hot_has_a_column_for_absent_classes():
    np.testing.assert_array_equal(unit.one_hot(np.array([2, 0]), 4), [[0, 0, 1, 0], [1, 0, 0, 0]])


@pytest.mark.parametrize("label", [-1, 3, 100])
def test_one_hot_refuses_labels_out_of_range(label):
    with pytest.raises(ValueError, match=r"0\.\.2"):
        unit.one_hot(np.array([0, label]), 3)


@pytest.mark.parametrize(("label", "expected"), [(HEAVY_METAL, 0.0709), (TIGER, 7.4209)])
def test_cross_entropy_reproduces_the_numbers_of_the_lecture(label, expected):
    assert round(float(unit.cross_entropy(LOGITS[None], np.array([label]))), 4) == expected


def test_cross_entropy_is_the_mean_of_the_rows(rng):
    Z, y = rng.normal(size=(4, 5)), np.array([0, 4, 2, 2])
    rows = [math.log(math.fsum(map(math.exp, z))) - z[k] for z, k in zip(Z, y, strict=True)]
    np.testing.assert_allclose(unit.cross_entropy(Z, y), math.fsum(rows) / 4, **ROUND_OFF)


def test_cross_entropy_of_a_hopeless_mistake_is_the_distance_of_the_logits():
    assert unit.cross_entropy(np.array([[1e4, -1e4]]), np.array([1])) == 2e4


def test_cross_entropy_gradient_agrees_with_a_complex_step(rng):
    Z, y = rng.normal(size=(4, 5)), np.array([0, 4, 2, 2])
    rows = np.arange(4)
    expected = complex_step(lambda A: (np.log(np.exp(A).sum(axis=1)) - A[rows, y]).mean(), Z)
    np.testing.assert_allclose(unit.cross_entropy_gradient(Z, y), expected, **ROUND_OFF)


def test_cross_entropy_gradient_of_a_nearly_certain_class_keeps_its_digits():
    gradient = unit.cross_entropy_gradient(np.array([[40.0, 0.0]]), np.array([0]))
    small = decimals(lambda a: a.exp() / (1 + a.exp()), -40)
    np.testing.assert_allclose(gradient, [[-small, small]], **ROUND_OFF)


def test_cross_entropy_gradient_is_finite_and_balanced_for_huge_logits():
    Z = np.array([[1e4, 0.0, -1e4], [-1e4, 1e4, 0.0]])
    np.testing.assert_array_equal(unit.cross_entropy_gradient(Z, np.array([2, 1])), [[0.5, 0, -0.5], [0, 0, 0]])


# --- sigmoid, softplus and the losses behind one logit ----------------------------------------------


ARGUMENTS = [-700.0, -300.0, -40.0, -2.0, -1e-9, 0.0, 0.5, 3.0, 40.0, 700.0]


def test_sigmoid_is_exact_everywhere():
    expected = [decimals(lambda x: 1 / (1 + (-x).exp()), z) for z in ARGUMENTS]
    np.testing.assert_allclose(unit.sigmoid(np.array(ARGUMENTS)), expected, **ROUND_OFF)


def test_softplus_is_exact_everywhere():
    with localcontext() as context:
        context.prec = 400  # 1 + exp(-700) needs 305 digits
        expected = [float((1 + Decimal(z).exp()).ln()) for z in ARGUMENTS]
    np.testing.assert_allclose(unit.softplus(np.array(ARGUMENTS)), expected, **ROUND_OFF)


def test_sigmoid_of_minus_40_is_the_number_in_the_text():
    assert f"{unit.sigmoid(np.array([-40.0]))[0]:.1e}" == "4.2e-18"


@pytest.mark.parametrize("name", ["sigmoid", "softplus"])
def test_huge_arguments_reach_the_limits_without_a_warning(name):
    limits = {"sigmoid": [0.0, 1.0], "softplus": [0.0, 1e4]}
    np.testing.assert_array_equal(getattr(unit, name)(np.array([-1e4, 1e4])), limits[name])


def test_binary_cross_entropy_is_the_likelihood_of_the_targets(rng):
    z, t = rng.normal(size=(3, 4)), rng.integers(0, 2, size=(3, 4)).astype(float)
    p = scipy.special.expit(z)
    # log1p is as exact here as the log of p: values are of order one.
    np.testing.assert_allclose(unit.binary_cross_entropy(z, t), -np.where(t, np.log(p), np.log1p(-p)).mean(), 1e-12)


def test_binary_cross_entropy_of_a_hopeless_mistake_is_its_logit():
    assert unit.binary_cross_entropy(np.array([-1e4, 1e4]), np.array([1.0, 0.0])) == 1e4


def test_binary_cross_entropy_is_cross_entropy_of_two_classes(rng):
    z, t = rng.normal(size=5), np.array([0, 1, 1, 0, 1])
    two = np.stack([np.zeros(5), z], axis=1)
    np.testing.assert_allclose(unit.binary_cross_entropy(z, t), unit.cross_entropy(two, t), **ROUND_OFF)


def test_binary_gradient_agrees_with_a_complex_step(rng):
    z, t = rng.normal(size=(3, 4)), rng.integers(0, 2, size=(3, 4)).astype(float)
    expected = complex_step(lambda a: np.log(1 + np.exp((1 - 2 * t) * a)).mean(), z)
    np.testing.assert_allclose(unit.binary_cross_entropy_gradient(z, t), expected, **ROUND_OFF)


def test_squared_error_gradient_agrees_with_a_complex_step(rng):
    z, t = rng.normal(size=(3, 4)), rng.integers(0, 2, size=(3, 4)).astype(float)
    expected = complex_step(lambda a: (0.5 * (1 / (1 + np.exp(-a)) - t) ** 2).sum(), z)
    np.testing.assert_allclose(unit.squared_error_sigmoid_gradient(z, t), expected, **ROUND_OFF)


def test_squared_error_gradient_vanishes_where_cross_entropy_pulls():
    z, t = np.array([-40.0]), np.array([1.0])
    expected = decimals(lambda x: -x.exp() / (1 + x.exp()) ** 3, -40)
    np.testing.assert_allclose(unit.squared_error_sigmoid_gradient(z, t), [expected], **ROUND_OFF)
    assert unit.binary_cross_entropy_gradient(z, t)[0] == -1.0


# --- what a perfect fit outputs ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distribution", "loss", "samples", "bounds"),
    [
        ("gaussian", lambda y, c: 0.5 * (y - c) ** 2, [1.0, 2.0, 3.0, 4.0, 100.0], (0, 100)),
        ("laplace", lambda y, c: abs(y - c), [1.0, 2.0, 3.0, 4.0, 100.0], (0, 100)),
        ("bernoulli", lambda y, c: -y * np.log(c) - (1 - y) * np.log(1 - c), [1.0, 0.0, 0.0, 1.0, 1.0], (0.01, 0.99)),
    ],
)
def test_nll_minimizer_is_where_a_numerical_search_ends(distribution, loss, samples, bounds):
    samples = np.array(samples)
    search = scipy.optimize.minimize_scalar(
        lambda c: loss(samples, c).mean(), bounds=bounds, method="bounded", options={"xatol": 1e-9}
    )
    # Near a smooth minimum the loss is flat: it cannot tell points 1e-8 apart, relatively; the search is coarser.
    assert unit.nll_minimizer(samples, distribution) == pytest.approx(search.x, rel=1e-5)


def test_nll_minimizer_refuses_an_unknown_distribution():
    with pytest.raises(ValueError, match="cauchy"):
        unit.nll_minimizer(np.ones(3), "cauchy")


def test_relative_frequencies_agree_with_counting_by_hand(rng):
    X, y = rng.integers(0, 2, size=(30, 3)).astype(float), rng.integers(0, 3, size=30)
    counted = Counter(zip(map(tuple, X), y.tolist(), strict=True))
    total = Counter(map(tuple, X))
    rows, frequencies = unit.relative_frequencies(X, y, 4)
    assert set(map(tuple, rows)) == set(total)
    for row, p in zip(map(tuple, rows), frequencies, strict=True):
        np.testing.assert_allclose(p, [counted[row, k] / total[row] for k in range(4)], **ROUND_OFF)


# --- the explorers ----------------------------------------------------------------------------------


def unsolved(*_):
    raise NotImplementedError("softmax")


def own_stability_explorer():
    return stability_explorer(unit.softmax)


def own_loss_explorer():
    return loss_gradient_explorer(unit.squared_error_sigmoid_gradient, unit.binary_cross_entropy_gradient)


def seen(explorer):
    """Return picture and words."""
    return explorer._image.value, explorer.description


def test_given_functions_agree_with_the_references():
    z, t = np.linspace(-10, 10, 7), np.array([0.0, 1, 1, 0, 1, 0, 1])
    pairs = [
        (given.softmax(LOGITS), unit.softmax(LOGITS)),
        (given.softmax(IMPOSSIBLE), unit.softmax(IMPOSSIBLE)),
        (given.squared_error_sigmoid_gradient(z, t), unit.squared_error_sigmoid_gradient(z, t)),
        (given.binary_cross_entropy_gradient(z, t), unit.binary_cross_entropy_gradient(z, t)),
    ]
    for got, expected in pairs:
        # 1 + tanh(-5) loses the digits below 1e-16.
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-15)
    X, y = np.array([[1.0, 2.0], [0.0, 5.0], [1.0, 2.0]]), np.array([3, 0, 1])
    for got, expected in zip(given.relative_frequencies(X, y, 4), unit.relative_frequencies(X, y, 4), strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [("z0", 4.0), ("z1", -2.0), ("z2", 1.0), ("z3", 0.0), ("scale", 10.0), ("shift", 1000.0)],
)
def test_every_slider_changes_the_picture_of_the_logits(name, value):
    explorer = own_stability_explorer()
    before = seen(explorer)[0]
    explorer.controls[name].value = value
    assert seen(explorer)[0] != before


def test_the_number_format_changes_the_picture():
    explorer = own_stability_explorer()
    before = seen(explorer)[0]
    explorer.controls["number_format"].value = "float16"
    assert seen(explorer)[0] != before


def test_the_true_class_changes_the_loss_in_words():
    explorer = own_stability_explorer()
    assert "0.0709" in explorer.description
    explorer.controls["truth"].value = "Tiger"
    assert "7.4209" in explorer.description


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ("Shift +1000", "inf/inf is nan"),
        ("Shift -1000", "0/0 is nan"),
        ("Scale 300", "exp of Heavy Metal overflows"),
        ("float16, scale 3", "exp of Heavy Metal overflows"),
        ("Lecture's logits", "the formula works as printed"),
    ],
)
def test_each_button_shows_what_it_promises(button, words):
    explorer = own_stability_explorer()
    explorer.controls["shift"].value = 17.0
    presets = explorer.children[-1].children[0]
    next(b for b in presets.children if b.description == button).click()
    assert words in explorer.description


def test_a_constant_shift_leaves_the_stable_probabilities_as_they_are():
    explorer = own_stability_explorer()
    explorer.controls["shift"].value = -1000.0
    assert "Tiger 0.0006, Airplane 0.0596, Boat 0.0083, Heavy Metal 0.9315" in explorer.description


@pytest.mark.parametrize(("name", "value"), [("z", 3.0), ("target", 0), ("logarithmic", True)])
def test_every_control_changes_the_picture_of_the_losses(name, value):
    explorer = own_loss_explorer()
    before = seen(explorer)[0]
    explorer.controls[name].value = value
    assert seen(explorer)[0] != before


@pytest.mark.parametrize("make", [own_stability_explorer, own_loss_explorer])
def test_a_prediction_comes_before_the_picture(make):
    explorer = make()
    question, body = explorer.children
    assert body.layout.display == "none"
    buttons = next(w for w in question.children if isinstance(w, widgets.ToggleButtons))
    buttons.value = buttons.options[0]
    assert body.layout.display != "none"


@pytest.mark.parametrize(
    "make",
    [
        lambda: stability_explorer(unsolved),
        lambda: loss_gradient_explorer(*2 * [unsolved]),
        lambda: explorers.explore_names(*2 * [unsolved]),
    ],
)
def test_explorers_work_before_the_exercises_are_solved(make):
    assert "the given function" in make().description


def test_the_explorer_names_the_functions_it_draws():
    assert (
        "your squared_error_sigmoid_gradient and your binary_cross_entropy_gradient" in own_loss_explorer().description
    )


@pytest.mark.parametrize("wrong", [lambda Z: None, lambda Z: Z[:2], lambda Z: 1 / 0, lambda Z: "text"])
def test_a_softmax_that_errs_is_shown_in_words(wrong):
    explorer = stability_explorer(wrong)
    assert "Error" in explorer.description
    assert explorer._image.layout.display == "none"


@pytest.mark.parametrize("wrong", [lambda z, t: None, lambda z, t: z.sum(), lambda z, t: 1 / 0])
def test_a_gradient_that_errs_is_shown_in_words(wrong):
    assert "Error" in loss_gradient_explorer(wrong, unit.binary_cross_entropy_gradient).description


def test_a_softmax_that_works_in_place_does_not_harm_the_explorer():
    def in_place(Z):
        Z -= Z.max()
        return unit.softmax(Z)

    assert seen(stability_explorer(in_place))[0] == seen(own_stability_explorer())[0]


@pytest.mark.parametrize("number_format", ["float16", "float32", "float64"])
def test_the_band_ends_where_the_number_format_does(number_format):
    low, high = explorers.exponent_range(number_format)
    dtype = np.dtype(number_format).type
    inside, outside = np.array([low + 0.1, high - 0.1], dtype), np.array([low - 0.1, high + 0.1], dtype)
    with np.errstate(over="ignore"):
        assert np.all((np.exp(inside) > 0) & np.isfinite(np.exp(inside)))
        np.testing.assert_array_equal(np.exp(outside), [0, np.inf])


@pytest.mark.parametrize("margin", [-12.0, -8.0, -0.5])
def test_steps_to_the_boundary_are_the_time_of_the_gradient_flow(margin):
    steps = explorers.steps_to_boundary(margin)
    slope = {
        "cross-entropy": lambda u: scipy.special.expit(-u),
        "squared error": lambda u: scipy.special.expit(u) * scipy.special.expit(-u) ** 2,
    }
    for name, speed in slope.items():
        time, _ = scipy.integrate.quad(lambda u, speed=speed: 1 / speed(u), margin, 0)
        assert steps[name] == pytest.approx(time, rel=1e-7)  # quad promises 1.5e-8


def test_naive_functions_fail_quietly_where_the_notebook_shows_it():
    assert np.all(np.isnan(explorers.naive_softmax(LOGITS + 1000)))
    assert np.isnan(explorers.naive_cross_entropy(LOGITS[None] + 1000, np.array([0])))


# --- names of elements ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fits():
    return {before: n.Fit(before, unit.relative_frequencies, unit.softmax) for before in n.CONTEXTS}


def test_there_are_118_elements_each_of_which_counts_once_for_each_letter_and_its_end():
    assert len(set(n.ELEMENTS)) == 118
    X, y = n.next_letters(2)
    assert len(X) == len(y) == sum(len(name) + 1 for name in n.ELEMENTS)
    assert "".join(n.LETTERS[k] for k in y[:9]) == "hydrogen "


def test_from_three_letters_on_more_than_every_second_name_exists(fits):
    exist = {before: fit.measure(1.0)[1] for before, fit in fits.items()}
    assert exist[2] < 0.5 < exist[3]
    assert round(exist[3], 2) == 0.61 and round(exist[5], 2) == 0.99


def test_the_share_of_names_that_exist_is_that_of_drawn_names(fits):
    drawn = fits[3].names(4000, 1.0, np.random.default_rng(0))
    share = np.mean([name in n.ELEMENTS for name in drawn])
    # The standard deviation of a share near 0.6 among 4000 is 0.008.
    assert abs(share - fits[3].measure(1.0)[1]) < 4 * 0.008


@pytest.mark.parametrize("before", n.CONTEXTS)
def test_the_cross_entropy_is_least_at_temperature_1(fits, before):
    losses = [fits[before].measure(temperature)[0] for temperature in n.TEMPERATURES]
    assert n.TEMPERATURES[int(np.argmin(losses))] == 1.0


def test_the_cross_entropy_is_the_entropy_of_the_letters_given_those_before(fits):
    pairs, rows = Counter(), Counter()
    for name in n.ELEMENTS:
        text = f" {name} "
        for one, two in itertools.pairwise(text):
            pairs[one, two] += 1
            rows[one] += 1
    total = sum(pairs.values())
    entropy = -sum(count / total * math.log(count / rows[one]) for (one, _), count in pairs.items())
    assert math.isclose(fits[1].measure(1.0)[0], entropy, rel_tol=1e-12)


def test_no_letter_is_drawn_that_never_followed_at_any_temperature(fits):
    known = {text[k : k + 3] for text in (f"  {name} " for name in n.ELEMENTS) for k in range(len(text) - 2)}
    for name in fits[2].names(200, 5.0, np.random.default_rng(1)):
        assert all(f"  {name}"[k : k + 3] in known for k in range(len(name)))


@pytest.mark.parametrize(("name", "value"), [("before", 3), ("temperature", 0.2), ("drawing", 2)])
def test_every_control_changes_the_names(name, value):
    explorer = explorers.explore_names(unit.relative_frequencies, unit.softmax)
    before = seen(explorer)[0]
    explorer.controls[name].value = value
    assert seen(explorer)[0] != before


def test_frequencies_that_err_are_shown_in_words():
    assert "Error" in explorers.explore_names(lambda X, y, K: 1 / 0, unit.softmax).description
