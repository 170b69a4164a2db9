"""Unit 6: the digits, the network and its training against independent oracles; the explorers under every control."""

import hashlib
import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import special

from backprop_course import digit_drawing, training_runs
from backprop_course import mlp_training as course
from backprop_course.digits import DIGITS
from backprop_course.given import mlp_training as given
from backprop_solutions import mlp_training as unit

SETTINGS = {"batch_size": 32, "learning_rate": 0.2, "weight_decay": 1e-4}


def network(rng, sizes):
    return [(rng.normal(size=(d, k)), rng.normal(size=k)) for d, k in pairwise(sizes)]


def batch(seed, sizes=(3, 5, 7, 4), N=6):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N, sizes[0])), rng.integers(0, sizes[-1], size=N), network(rng, sizes)


def loss_by_loops(X, y, parameters, weight_decay):
    """Compute the loss from sums of single products: no matrix product, no library, complex numbers allowed."""
    total = 0
    for row, label in zip(X, y, strict=True):
        signal = list(row)
        for depth, (W, b) in enumerate(parameters):
            signal = [sum(s * W[i, j] for i, s in enumerate(signal)) + b[j] for j in range(len(b))]
            if depth < len(parameters) - 1:
                signal = [s if s.real > 0 else 0 for s in signal]
        total += np.log(sum(np.exp(s) for s in signal)) - signal[label]
    return total / len(y) + weight_decay * sum(w * w for W, _ in parameters for w in W.ravel())


def complex_step(X, y, parameters, weight_decay, layer, block, place):
    moved = [[array.astype(complex) for array in pair] for pair in parameters]
    moved[layer][block][place] += 1e-30j
    return loss_by_loops(X, y, moved, weight_decay).imag / 1e-30


# --- data and given pieces --------------------------------------------------------------------------


def test_the_digits_are_the_bytes_that_the_readme_describes():
    expected = "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e"
    assert hashlib.sha256(DIGITS.read_bytes()).hexdigest() == expected


def test_the_digits_have_the_class_counts_of_the_published_test_set():
    with np.load(DIGITS) as file:
        assert np.bincount(file["labels"]).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
        assert file["images"].shape == (1797, 8, 8)
        assert file["images"].min() == 0 and file["images"].max() == 16


def test_training_and_held_out_rows_share_no_picture_and_leave_none_out():
    X_train, y_train, X_test, y_test = course.load_digits()
    with np.load(DIGITS) as file:
        everything = np.column_stack([file["images"].reshape(-1, 64), file["labels"]])
    split = np.column_stack([np.rint(16 * np.vstack([X_train, X_test])), np.hstack([y_train, y_test])])
    assert sorted(map(tuple, split.astype(int))) == sorted(map(tuple, everything.astype(int)))
    # Multisets agree, so a picture in both parts would have to exist twice; none does.
    assert len(np.unique(everything[:, :64], axis=0)) == 1797


def test_the_split_is_the_same_every_time_and_scaled_to_one():
    first, second = course.load_digits(), course.load_digits()
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert first[0].shape == (1280, 64) and first[2].shape == (517, 64)
    assert first[0].min() == 0 and first[0].max() == 1


def test_changing_the_loaded_digits_does_not_change_the_next_load():
    course.load_digits()[0][:] = 7
    assert course.load_digits()[0].max() == 1


def test_the_given_cross_entropy_agrees_with_scipy_for_logits_of_any_size():
    rng = np.random.default_rng(0)
    for scale in (1, 100, 1e4):
        Z, y = scale * rng.normal(size=(6, 4)), rng.integers(0, 4, size=6)
        expected = -special.log_softmax(Z, axis=1)[np.arange(6), y].mean()
        # Round-off of sums of a few terms.
        assert course.cross_entropy(Z, y) == pytest.approx(expected, rel=1e-13)


def test_the_given_gradient_is_probabilities_minus_truth_over_n():
    rng = np.random.default_rng(1)
    Z, y = rng.normal(size=(6, 4)), rng.integers(0, 4, size=6)
    expected = (special.softmax(Z, axis=1) - np.eye(4)[y]) / 6
    np.testing.assert_allclose(course.cross_entropy_gradient(Z, y), expected, rtol=1e-12)


def test_the_given_linear_backward_passes_random_dot_products():
    rng = np.random.default_rng(2)
    X, W, b, G = (rng.normal(size=s) for s in ((6, 3), (3, 4), (4,), (6, 4)))
    dX, dW, db = course.linear_backward(G, X, W)
    for array, slope, output in ((X, dX, lambda v: v @ W), (W, dW, lambda v: X @ v), (b, db, lambda v: v)):
        v = rng.normal(size=array.shape)
        # <G, J v> = <J^T G, v>, exact but for round-off.
        assert np.sum(G * output(v)) == pytest.approx(np.sum(slope * v), rel=1e-12)


def test_numerical_gradients_of_a_quadratic_are_exact():
    parameters = network(np.random.default_rng(3), (3, 5, 4))
    slopes = course.numerical_gradients(lambda p: sum(np.sum(a**2) for layer in p for a in layer), parameters)
    for layer, slope in zip(parameters, slopes, strict=True):
        for block, got in zip(layer, slope, strict=True):
            # Central differences have no truncation error here; round-off is 1e-16 * f / h, with f about 50.
            np.testing.assert_allclose(got, 2 * block, atol=1e-8)


@pytest.mark.parametrize("wrong", [np.full((3, 2), np.nan), np.full((3, 2), np.inf), np.zeros((2, 3))])
def test_block_errors_never_accept_nan_infinity_or_a_wrong_shape(wrong):
    right = [(np.ones((3, 2)), np.ones(2))]
    assert course.block_errors([(wrong, np.ones(2))], right) == {"W1": math.inf, "b1": 0.0}


# --- 2 or not 2 -------------------------------------------------------------------------------------


def test_always_no_is_right_for_nine_of_ten_digits_and_finds_no_two():
    with np.load(DIGITS) as file:
        truth = unit.two_or_not(file["labels"])
    nothing = np.zeros(1797, dtype=int)
    assert unit.accuracy(nothing, truth) == pytest.approx(1620 / 1797)
    assert unit.recall(nothing, truth) == 0


def test_recall_counts_found_positives_among_all_positives():
    predictions, y = np.array([1, 0, 1, 0, 1]), np.array([1, 1, 0, 0, 1])
    assert unit.recall(predictions, y) == pytest.approx(2 / 3)


def test_recall_without_positives_is_nan():
    assert math.isnan(unit.recall(np.array([1, 0]), np.array([0, 0])))


# --- the network ------------------------------------------------------------------------------------


def test_weights_start_at_he_scale_with_zero_biases():
    (W, b), (V, c) = unit.initialize((400, 300, 10), np.random.default_rng(4))
    # 120,000 weights: their sample deviation strays by 0.2 %; 3,000 by 1.3 %.
    assert W.std() == pytest.approx(math.sqrt(2 / 400), rel=0.01)
    assert V.std() == pytest.approx(math.sqrt(2 / 300), rel=0.05)
    assert not b.any() and not c.any()


@pytest.mark.parametrize("sizes", [(3, 4), (3, 5, 4), (3, 5, 7, 4)])
def test_forward_and_loss_agree_with_sums_of_single_products(sizes):
    X, y, parameters = batch(5, sizes)
    logits, _ = unit.mlp_forward(X, parameters)
    expected = loss_by_loops(X, y, parameters, 0.3)
    assert unit.loss(logits, y, parameters, 0.3) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("sizes", [(3, 4), (3, 5, 4), (3, 5, 7, 4)])
def test_every_entry_of_every_gradient_agrees_with_a_complex_step(sizes):
    X, y, parameters = batch(6, sizes)
    logits, cache = unit.mlp_forward(X, parameters)
    gradients = unit.mlp_backward(cache, logits, y, parameters, 0.3)
    for k, layer in enumerate(gradients):
        for j, block in enumerate(layer):
            expected = [complex_step(X, y, parameters, 0.3, k, j, place) for place in np.ndindex(block.shape)]
            # A complex step has no truncation error and no cancellation.
            np.testing.assert_allclose(block.ravel(), expected, rtol=1e-11, atol=1e-13)


def test_the_decks_formula_lacks_exactly_the_decay_term():
    X, y, parameters = batch(7, (3, 5, 4))
    logits, cache = unit.mlp_forward(X, parameters)
    full, deck = (unit.mlp_backward(cache, logits, y, parameters, decay) for decay in (0.3, 0.0))
    hidden = np.maximum(X @ parameters[0][0] + parameters[0][1], 0)
    G = (special.softmax(logits, axis=1) - np.eye(4)[y]) / len(y)
    np.testing.assert_allclose(deck[1][0], hidden.T @ G, rtol=1e-12)
    np.testing.assert_allclose(full[1][0] - deck[1][0], 0.6 * parameters[1][0], rtol=1e-12)


def test_a_batch_that_comes_twice_has_the_same_gradient():
    X, y, parameters = batch(8)
    once, twice = (
        unit.mlp_backward(*reversed(unit.mlp_forward(inputs, parameters)), labels, parameters, 0.1)
        for inputs, labels in ((X, y), (np.vstack([X, X]), np.hstack([y, y])))
    )
    for layer, other in zip(once, twice, strict=True):
        for block, same in zip(layer, other, strict=True):
            np.testing.assert_allclose(block, same, rtol=1e-11, atol=1e-14)


# --- training ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("N", "size"), [(10, 4), (12, 4), (3, 8), (5, 1)])
def test_minibatches_partition_the_rows_and_only_the_last_is_short(N, size):
    got = list(unit.minibatches(N, size, np.random.default_rng(9)))
    assert sorted(np.concatenate(got).tolist()) == list(range(N))
    assert [len(rows) for rows in got] == [min(size, N - start) for start in range(0, N, size)]


def test_one_step_on_a_quadratic_goes_where_calculus_says():
    parameters = [(np.array([[3.0, -2.0]]), np.array([1.0, 4.0]))]
    gradients = [(2 * parameters[0][0], 2 * parameters[0][1])]
    ((W, b),) = unit.sgd_step(parameters, gradients, 0.25)
    assert W.tolist() == [[1.5, -1.0]] and b.tolist() == [0.5, 2.0]
    assert parameters[0][0].tolist() == [[3.0, -2.0]]


def test_blank_pictures_of_one_class_follow_the_recursion_of_softmax_regression():
    settings = {"epochs": 3, "batch_size": 4, "learning_rate": 0.5, "weight_decay": 0.0}
    parameters, _ = unit.train(np.zeros((10, 5)), np.full(10, 2), (5, 6, 3), **settings, rng=np.random.default_rng(0))
    b = np.zeros(3)
    for _ in range(3 * 3):
        b = b - 0.5 * (np.exp(b) / np.exp(b).sum() - np.array([0, 0, 1]))
    np.testing.assert_allclose(parameters[-1][1], b, rtol=1e-12)


def test_decay_shrinks_the_weights_of_blank_pictures_by_a_known_factor():
    settings = {"batch_size": 4, "learning_rate": 0.5, "weight_decay": 0.2}
    start, end = (
        unit.train(np.zeros((8, 5)), np.arange(8) % 3, (5, 3), epochs=n, **settings, rng=np.random.default_rng(1))[0]
        for n in (0, 2)
    )
    np.testing.assert_allclose(end[0][0], 0.8**4 * start[0][0], rtol=1e-12)


def test_no_epochs_give_a_fresh_network_and_an_empty_history():
    X, y, _, _ = course.load_digits()
    parameters, history = unit.train(X, y, (64, 8, 10), epochs=0, **SETTINGS, rng=np.random.default_rng(2))
    assert len(history) == 0 and [W.shape for W, _ in parameters] == [(64, 8), (8, 10)]


def test_progress_hears_of_every_epoch_once():
    X, y, _, _ = course.load_digits()
    calls = []
    settings = {**SETTINGS, "rng": np.random.default_rng(3), "progress": lambda *call: calls.append(call)}
    _, history = unit.train(X[:64], y[:64], (64, 8, 10), epochs=3, **settings)
    assert calls == list(enumerate(history))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_ten_digits_reach_97_percent_on_held_out_pictures(seed):
    X, y, X_test, y_test = course.load_digits()
    parameters, _ = unit.train(X, y, (64, 64, 10), epochs=40, **SETTINGS, rng=np.random.default_rng(seed))
    assert unit.accuracy(unit.predict(X_test, parameters), y_test) >= 0.97


def test_the_notebooks_own_run_reaches_97_percent():
    X, y, X_test, y_test = course.load_digits()
    parameters, _ = unit.train(X, y, (64, 64, 10), epochs=40, **SETTINGS, rng=np.random.default_rng(0))
    assert np.mean(unit.mlp_forward(X_test, parameters)[0].argmax(axis=1) == y_test) >= 0.97


def test_after_one_epoch_accuracy_looks_good_and_recall_does_not():
    X, y, X_test, y_test = course.load_digits()
    truth = unit.two_or_not(y_test)
    parameters, _ = unit.train(X, unit.two_or_not(y), (64, 32, 2), epochs=1, **SETTINGS, rng=np.random.default_rng(0))
    found = unit.predict(X_test, parameters)
    assert unit.accuracy(found, truth) > 0.9
    assert unit.recall(found, truth) < 0.4


# --- the audit --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def audited():
    return {fault: rest for fault, *rest in course.audit(unit.mlp_forward, unit.mlp_backward)}


@pytest.mark.parametrize("fault", list(course.FAULTS))
def test_only_the_gradient_check_tells_right_gradients_from_wrong_ones(audited, fault):
    right, by_heart, error = audited[fault]
    # 1e-6 is unit 2's tolerance; every fault is far beyond it.
    assert error < 1e-6 if fault.startswith("no fault") else error > 0.1
    assert by_heart
    assert right >= (0.93 if fault == "first layer never moves" else 0.97)


# --- live curves ------------------------------------------------------------------------------------


def test_a_live_curve_draws_what_it_hears_and_counts_to_the_end(capsys):
    curve = course.LiveCurve("toy", epochs=3, every=0)
    pictures = []
    for epoch, value in enumerate((2.0, float("nan"), 0.5)):
        curve(epoch, value)
        pictures.append(curve._image.value)
    assert len(set(pictures)) == 3
    assert curve.losses[0] == 2.0 and curve._bar.n == 3
    capsys.readouterr()


# --- explorers --------------------------------------------------------------------------------------


def unsolved(*_arguments, **_named):
    raise NotImplementedError("not yet")


def broken(*_arguments, **_named):
    raise ZeroDivisionError("oh dear")


def button(explorer, name):
    row = explorer.children[-1].children[0]
    return next(b for b in row.children if b.description.startswith(name))


@pytest.fixture(scope="module")
def training():
    return course.explore_training(unit.train)


@pytest.mark.parametrize(
    ("control", "value"),
    [("learning_rate", 0.01), ("width", 8), ("batch_size", 128), ("depth", 2), ("weight_decay", 0.01)],
)
def test_every_control_of_the_training_explorer_changes_the_picture(training, control, value):
    before = training._image.value, training.description
    training.controls[control].value = value
    assert training._image.value != before[0] and training.description != before[1]


@pytest.mark.parametrize(
    ("rate", "words"), [(0.001, "steps are short"), (0.3, "93%"), (10.0, "no gradient reaches those")]
)
def test_too_small_right_and_too_large_are_told_apart_in_words(rate, words):
    explorer = course.explore_training(unit.train)
    explorer.controls["learning_rate"].value = rate
    assert words in explorer.description


def test_the_gradient_vanishes_at_large_rates_and_not_at_small_ones():
    picture = training_runs._TrainingPicture(unit.train)
    for rate in (0.001, 10.0):
        picture.draw(learning_rate=rate, width=32, batch_size=32)
    lengths = {key[0]: run.norm for key, run in picture.tries.items()}
    assert lengths[0.001] > 0.5 and lengths[10.0] == 0


def test_a_sweep_leaves_a_try_at_every_rate_and_forgetting_leaves_one():
    explorer = course.explore_training(given.train)
    picture = explorer._draw.__closure__[0].cell_contents
    button(explorer, "Sweep").click()
    assert len({round(np.log10(key[0]), 2) for key in picture.tries}) >= len(training_runs.SWEEP)
    button(explorer, "Forget").click()
    assert len(picture.tries) == 1


def test_an_unsolved_train_is_replaced_by_the_given_one_which_learns():
    explorer = course.explore_training(unsolved)
    assert "the given function" in explorer.description and "right" in explorer.description
    assert explorer._image.value


@pytest.mark.parametrize("train", [broken, lambda *a, **k: None, lambda *a, **k: ([], [])])
def test_a_wrong_train_is_told_in_words_and_raises_nothing(train):
    explorer = course.explore_training(train)
    assert "Error" in explorer.description


def test_the_first_layers_gradient_is_that_of_the_backward_pass_for_deep_networks_too():
    X, y, _, _ = course.load_digits()
    parameters = unit.initialize((64, 9, 8, 7, 10), np.random.default_rng(3))
    logits, cache = unit.mlp_forward(X[:50], parameters)
    (dW, db), *_ = unit.mlp_backward(cache, logits, y[:50], parameters, 0.0)
    # The same sums in another order: some round-off.
    assert training_runs._gradient_length(X[:50], y[:50], parameters) == pytest.approx(
        np.hypot(*map(np.linalg.norm, (dW, db)))
    )


def test_much_weight_decay_costs_more_than_the_pictures():
    _, words = training_runs._TrainingPicture(unit.train).draw(learning_rate=0.3, weight_decay=0.01)
    assert "price of the weights" in words


@pytest.fixture(scope="module")
def inside():
    return course.explore_network()


@pytest.mark.parametrize(("control", "value"), [("truth", 9), ("answer", 3)])
def test_every_control_of_the_look_inside_changes_picture_and_words(inside, control, value):
    before = inside._image.value, inside.description
    inside.controls[control].value = value
    assert inside._image.value != before[0] and inside.description != before[1]


def test_the_look_inside_counts_every_held_out_picture_once_and_opens_at_the_commonest_mistake():
    picture = course._NetworkPicture(given.trained_network())
    _, _, X_test, y_test = course.load_digits()
    found = unit.predict(X_test, given.trained_network())
    truth, answer = picture.worst
    assert truth != answer and picture.counts.sum() == len(y_test)
    mistakes = [(t, f) for t, f in zip(y_test, found, strict=True) if t != f]
    assert mistakes.count((truth, answer)) == max(map(mistakes.count, mistakes))


@pytest.mark.parametrize("sizes", [(64, 3, 10), (64, 12, 5, 10)])
def test_a_small_or_a_deep_network_can_be_looked_into(sizes):
    explorer = course.explore_network(unit.initialize(sizes, np.random.default_rng(0)))
    assert "your network" in explorer.description and "Error" not in explorer.description


@pytest.fixture(scope="module")
def drawing():
    return course.explore_digit(unit.mlp_forward, unit.mlp_backward)


@pytest.mark.parametrize("name", ["Load a test digit", "Load a mistake", "Step along", "Clear"])
def test_every_button_of_the_drawing_explorer_changes_the_picture(drawing, name):
    before = drawing._image.value
    button(drawing, name).click()
    assert drawing._image.value != before


def test_the_target_changes_the_gradient_shown(drawing):
    button(drawing, "Load a test digit").click()
    before = drawing._image.value
    drawing.controls["target"].value = "7"
    assert drawing._image.value != before and "probability of 7" in drawing.description
    drawing.controls["target"].value = digit_drawing.THE_LIKELIEST


def test_a_click_puts_ink_into_a_cell_and_the_soft_pen_beside_it():
    grid = course.InkGrid()
    grid.cells[9].click()
    assert grid.value[9] == 16 and [grid.value[k] for k in (1, 8, 10, 17)] == [5] * 4
    grid.pen = "none"
    grid.cells[9].click()
    assert grid.value[9] == 0
    grid.pen = "full"
    grid.cells[63].click()
    assert grid.value[63] == 16 and "row 8, column 8: ink 16" in grid.cells[63].tooltip


def test_ink_darkens_a_cell_evenly_from_white_to_nearly_black():
    levels = [int(digit_drawing._ink_colour(ink)[1:3], 16) for ink in range(17)]
    assert levels == sorted(levels, reverse=True) and levels[0] == 255 and levels[-1] < 30


def test_a_loaded_mistake_is_one():
    explorer = course.explore_digit(unit.mlp_forward, unit.mlp_backward)
    button(explorer, "Load a mistake").click()
    x = np.array(explorer.controls["ink"].value) / 16
    _, _, X_test, y_test = course.load_digits()
    (row,) = np.flatnonzero(np.all(X_test == x, axis=1))
    assert unit.predict(x[None], given.trained_network())[0] != y_test[row]


def test_steps_along_the_gradient_raise_the_probability():
    explorer = course.explore_digit(unit.mlp_forward, unit.mlp_backward)
    explorer.controls["target"].value = "3"
    network = given.trained_network()

    def probability():
        x = np.array(explorer.controls["ink"].value) / 16
        return special.softmax(unit.mlp_forward(x[None], network)[0][0])[3]

    before = probability()
    for _ in range(8):
        button(explorer, "Step along").click()
    assert probability() > max(0.9, before)


@pytest.mark.parametrize("label", [0, 3, 9])
def test_the_input_gradient_agrees_with_finite_differences_by_either_way(label):
    network, x = given.trained_network(), np.random.default_rng(10).random(64)
    expected = [
        (
            special.log_softmax(unit.mlp_forward((x + h)[None], network)[0][0])[label]
            - special.log_softmax(unit.mlp_forward((x - h)[None], network)[0][0])[label]
        )
        / 2e-5
        for h in 1e-5 * np.eye(64)
    ]
    own = course.input_gradient(unit.mlp_forward, unit.mlp_backward, network, x, label)
    stand_in = given.input_gradient(network, x, label)
    for p, gradient in (own, stand_in):
        assert p.sum() == pytest.approx(1)
        # Central differences at h = 1e-5: round-off 1e-11 relative to log p, truncation below.
        np.testing.assert_allclose(gradient, expected, atol=1e-7)


def test_without_a_backward_pass_the_drawing_explorer_still_shows_gradients():
    explorer = course.explore_digit(unsolved, unsolved)
    assert "the given function" in explorer.description and explorer._image.value


def test_a_wrong_backward_pass_is_told_in_words_and_raises_nothing():
    explorer = course.explore_digit(unit.mlp_forward, broken)
    assert "ZeroDivisionError: oh dear" in explorer.description


def test_the_drawing_explorer_uses_the_students_network():
    explorer = course.explore_digit(unit.mlp_forward, unit.mlp_backward, given.trained_network())
    assert "your network" in explorer.description


@pytest.mark.parametrize("name", list(course.FIGURES))
def test_static_figures_are_drawn(name):
    assert course.FIGURES[name]().axes
