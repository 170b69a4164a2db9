"""xor_network: two lines that do what one cannot."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.universal_approximation.inputs import judged_by, network_outputs
from backprop_solutions.universal_approximation import xor_network

exercise = Definition(xor_network)


def of_the_student(student, X):
    return student.xor_network()


def truth_table(result, expected, X):
    outputs, words = network_outputs(result, X, "step", 1)
    if words:
        return words
    right = X[:, 0] != X[:, 1]
    if np.all(np.abs(outputs[:, 0] - right) <= 1e-9):
        return None
    says = ", ".join(f"{value:.3g}" for value in outputs[:, 0])
    return f"the network says {says}; right is {', '.join(str(int(r)) for r in right)}"


values = exercise.aspect(
    "values", hint="write down what each hidden unit says at the four corners, then what the last layer adds."
)


@values.case("the four corners", comparison=judged_by(truth_table), probe=of_the_student)
def corners(rng):
    return {"X": np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])}


@values.case("the corners in another order", comparison=judged_by(truth_table), probe=of_the_student, draws=3)
def shuffled_corners(rng):
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return {"X": X[rng.permutation([0, 1, 2, 3, *rng.integers(0, 4, size=2)])]}


# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "not_either",
    ("[-0.5, -1.5]", "[-0.5, -0.5]"),
    cause="Both units say the same at every corner, and what they say cancels.",
    next_step="where is x1 + x2 + b >= 0 for each unit? Which question tells (1, 1) from (0, 1)?",
)
exercise.slip(
    "added_up",
    ("[[1.0], [-1.0]]", "[[1.0], [1.0]]"),
    cause="At (1, 1) both units say 1, and their answers are added up.",
    next_step="what should the second unit do to the first?",
)
exercise.slip(
    "half_a_threshold",
    ("[-0.5, -1.5]", "[0.0, -1.0]"),
    cause="z = 0 already counts as 1, so each unit says 1 one input too early.",
    next_step="what does a unit with bias 0 say at (0, 0)?",
)
exercise.slip(
    "turned_round",
    ("[[1.0], [-1.0]]), np.zeros(1)", "[[-1.0], [1.0]]), np.ones(1)"),
    cause="The answers are exchanged: 1 where the inputs are equal.",
    next_step="what is right for (0, 0)?",
)
exercise.slip(
    "threshold_in_the_last_layer",
    ("[[1.0], [-1.0]]), np.zeros(1)", "[[1.0], [-2.0]]), np.array([-0.5])"),
    cause="The last layer is linear; no step follows it to turn its sum into 0 or 1.",
    next_step="which sum of the two answers is 0 or 1 by itself?",
)
exercise.slip(
    "coded_by_signs",
    ("[[1.0], [-1.0]]), np.zeros(1)", "[[2.0], [-2.0]]), -np.ones(1)"),
    cause="The outputs are -1 and 1; wanted are 0 and 1.",
    next_step="which numbers stand for no and yes here?",
)
exercise.slip(
    "row_for_column",
    ("[[1.0], [-1.0]]", "[[1.0, -1.0]]"),
    cause="The last W is a row; two units in and one output make (2, 1).",
    next_step="W has one row for each value that comes in.",
)
exercise.slip(
    "bias_as_a_row",
    ("np.array([-0.5, -1.5])", "np.array([[-0.5, -1.5]])"),
    cause="b has two axes; it is one number a unit, of shape (K,).",
    next_step="leave out one pair of brackets.",
)
exercise.slip(
    "one_unit_a_row",
    ("np.ones((2, 2))", "np.ones((2, 1))"),
    cause="W of the hidden layer has too few columns for its units: one column is one unit.",
    next_step="how many columns do two units need?",
)
exercise.slip(
    "only_one_of_them",
    ("np.ones((2, 2)), np.array([-0.5, -1.5])", "np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([-0.5, 0.5])"),
    cause="The two units ask x1 > x2 and its contrary: both depend on one question.",
    next_step="for which corner should only the second unit say 1?",
)


@exercise.misconception()
def a_line_for_or():
    """This is OR: one line cannot tell (1, 1) from (0, 1).

    which second question is needed?
    """
    return [(np.array([[1.0], [1.0]]), np.array([-0.5])), (np.ones((1, 1)), np.zeros(1))]


@exercise.misconception()
def a_line_for_and():
    """This is AND: it says 1 at one corner, and XOR says 1 at two.

    for which two corners is 1 right?
    """
    return [(np.array([[1.0], [1.0]]), np.array([-1.5])), (np.ones((1, 1)), np.zeros(1))]


@exercise.misconception()
def no_hidden_layer():
    """There is no hidden layer, so the output is a linear function of the inputs.

    how many layers does a list with one pair have?
    """
    return [(np.array([[1.0], [-1.0]]), np.zeros(1))]


@exercise.misconception()
def for_relu_units():
    """This network needs ReLU units, as in Goodfellow's book; here hidden units say 0 or 1.

    what does each hidden unit say at (0, 0)?
    """
    return [(np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0], [-2.0]]), np.zeros(1))]


@exercise.misconception()
def layers_not_in_a_list():
    """W and b of one layer are returned; wanted is a list of such pairs, one for each layer.

    return [(W1, b1), (W2, b2)].
    """
    return np.ones((2, 2)), np.array([-0.5, -1.5])


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def xor_by_two_differences():
    W = np.array([[1, -1], [-1, 1]])
    return [(W, np.array([-0.5, -0.5])), (np.array([[1], [1]]), np.array([0]))]


@exercise.alternative
def xor_in_plain_lists():
    return ([[[2, 2], [2, 2]], [-2, -4]], ([[1], [-1]], [0]))


@exercise.alternative
def xor_with_three_layers():
    first = np.array([[1.0, -1.0], [1.0, -1.0]]), np.array([-0.7, 1.2])  # or, not both
    both = np.array([[1.0], [1.0]]), np.array([-1.9])
    return [first, both, (np.array([[1.0]]), np.array([0.0]))]


@exercise.alternative
def xor_with_a_unit_for_each_corner():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    units = (2 * X - 1).T, 0.5 - X.sum(axis=1)
    return [units, (np.array([[0.0], [1.0], [1.0], [0.0]]), np.zeros(1))]


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("[-0.5, -1.5])", reason="step_network makes arrays of lists")
exercise.equivalent("([[1.0], [-1.0]], np.zeros(1))", reason="step_network makes arrays of lists")
exercise.equivalent(
    "np.array([-1.0, -1.5])",
    "np.array([-0.25, -1.5])",
    reason="any threshold from above 0 up to 1 tells one input from none",
)
