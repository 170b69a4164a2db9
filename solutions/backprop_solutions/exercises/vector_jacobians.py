"""How the exercises of unit 4 are judged."""

from itertools import pairwise

import numpy as np

from backprop_autograder import Aspect, Case, Exercise, Formula, Misconception
from backprop_solutions import vector_jacobians as reference

N, D, K = 4, 3, 5  # all different and above 1: a transpose in the wrong place cannot hide

# --- linear_forward ---------------------------------------------------------------------------------


def small_layer(rng):
    X, W = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[2.0, 0.0], [1.0, 3.0]])
    return {"X": X, "W": W, "b": np.array([5.0, 7.0])}


def random_layer(rng):
    return {"X": rng.normal(size=(N, D)), "W": rng.normal(size=(D, K)), "b": rng.normal(size=K)}


def square_layer(rng):
    return {"X": rng.normal(size=(D, D)), "W": rng.normal(size=(D, D)), "b": rng.normal(size=D)}


def bias_forgotten(X, W, b):
    return X @ W


def bias_subtracted(X, W, b):
    return X @ W - b


def bias_added_to_the_weights(X, W, b):
    return X @ (W + b)


def bias_summed_into_one_number(X, W, b):
    return X @ W + b.sum()


def outputs_as_columns(X, W, b):
    return W.T @ X.T + b[:, None]


def matrix_before_the_batch(X, W, b):
    return W @ X + b


LINEAR_FORWARD = Exercise(
    reference.linear_forward,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a small layer", arguments=small_layer),
                Case(label="outputs for a random batch", arguments=random_layer, draws=3),
                Case(label="a layer with as many outputs as inputs", arguments=square_layer),
                Case(
                    label="a batch of one row",
                    arguments=lambda rng: {**random_layer(rng), "X": rng.normal(size=(1, D))},
                    visible=False,
                ),
            ],
            hint="write the shapes (N, D), (D, K) and (K,) below each other; which product gives (N, K)?",
        )
    ],
    misconceptions=[
        Misconception(
            bias_forgotten,
            cause="The bias is not added.",
            next_step="what does the layer put out for a row of zeros?",
        ),
        Misconception(
            bias_subtracted,
            cause="The bias is subtracted; it is added to each row.",
            next_step="what does the layer put out for a row of zeros?",
        ),
        Misconception(
            bias_added_to_the_weights,
            cause="The bias is added to the weights, so the inputs multiply it.",
            next_step="what should the layer put out for a row of zeros?",
        ),
        Misconception(
            bias_summed_into_one_number,
            cause="All biases are summed; each output has a bias of its own.",
            next_step="how does NumPy add an array of shape (K,) to one of shape (N, K)?",
        ),
        Misconception(
            outputs_as_columns,
            cause="Examples run along columns, as in lectures that write W x; here they are rows.",
            next_step="which order of X and W keeps N in front?",
        ),
        Misconception(
            matrix_before_the_batch,
            cause="W x is the rule for a column; with examples as rows X stands on the left.",
            next_step="which lengths must agree in a matrix product?",
        ),
    ],
)

# --- linear_backward --------------------------------------------------------------------------------


def small_backward(rng):
    G, X = np.array([[1.0, 0.0], [2.0, 3.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    return {"G": G, "X": X, "W": np.array([[2.0, 0.0], [1.0, 3.0]])}


def random_backward(rng):
    return {"G": rng.normal(size=(N, K)), "X": rng.normal(size=(N, D)), "W": rng.normal(size=(D, K))}


def square_backward(rng):
    return {"G": rng.normal(size=(D, D)), "X": rng.normal(size=(D, D)), "W": rng.normal(size=(D, D))}


def inputs_and_weights(student, G, X, W):
    dX, dW, _ = student.linear_backward(G, X, W)
    return {"dX": dX, "dW": dW}


def biases(student, G, X, W):
    _, _, db = student.linear_backward(G, X, W)
    return {"db": db}


def bias_gradient_not_summed(G, X, W):
    return G @ W.T, X.T @ G, G


def bias_gradient_over_the_outputs(G, X, W):
    return G @ W.T, X.T @ G, G.sum(axis=1)


def bias_gradient_averaged(G, X, W):
    return G @ W.T, X.T @ G, G.mean(axis=0)


def bias_gradient_of_zeros(G, X, W):
    return G @ W.T, X.T @ G, np.zeros(G.shape[1])


def parameters_averaged_over_the_batch(G, X, W):
    return G @ W.T, X.T @ G / len(X), G.mean(axis=0)


def weight_gradient_transposed(G, X, W):
    return G @ W.T, G.T @ X, G.sum(axis=0)


def weights_not_transposed(G, X, W):
    return G @ W, X.T @ G, G.sum(axis=0)


def weight_gradient_first(G, X, W):
    return X.T @ G, G @ W.T, G.sum(axis=0)


def upstream_taken_as_ones(G, X, W):
    ones = np.ones_like(G)
    return ones @ W.T, X.T @ ones, ones.sum(axis=0)


LINEAR_BACKWARD = Exercise(
    reference.linear_backward,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="dX and dW of a small layer", arguments=small_backward, probe=inputs_and_weights),
                Case(label="dX and dW of a random batch", arguments=random_backward, probe=inputs_and_weights, draws=3),
                Case(label="dX and dW when N = D = K", arguments=square_backward, probe=inputs_and_weights, draws=2),
            ],
            hint="each gradient is one product of two matrices and has the shape of what it belongs to.",
        ),
        Aspect(
            "bias",
            [
                Case(label="db of a small layer", arguments=small_backward, probe=biases),
                Case(label="db for a random batch", arguments=random_backward, probe=biases, draws=3),
                Case(label="db when N = D = K", arguments=square_backward, probe=biases),
            ],
            hint="each bias is used once in every row; what happens to gradients of things used several times?",
        ),
    ],
    misconceptions=[
        Misconception(
            bias_gradient_not_summed,
            cause="Every row uses the same biases, so the rows' gradients have to be summed.",
            next_step="what shape does b have?",
            loses=("bias",),
        ),
        Misconception(
            bias_gradient_over_the_outputs,
            cause="The sum runs over the outputs; it has to run over the batch.",
            next_step="which axis of G is the batch?",
            loses=("bias",),
        ),
        Misconception(
            bias_gradient_averaged,
            cause="The bias gradient is averaged over the batch; contributions of several uses are summed.",
            next_step="where did the 1/N of a mean loss enter already?",
            loses=("bias",),
        ),
        Misconception(
            bias_gradient_of_zeros,
            cause="The bias is treated as a constant without gradient.",
            next_step="by how much does an output change when its bias grows by one?",
            loses=("bias",),
        ),
        Misconception(
            parameters_averaged_over_the_batch,
            cause="The layer divides by N again; the loss's mean is in G already.",
            next_step="what would ten such layers do to the gradient?",
            loses=("values", "bias"),
        ),
        Misconception(
            weight_gradient_transposed,
            cause="dW is transposed, as in lectures that write W x.",
            next_step="which order of X and G gives the shape of W?",
        ),
        Misconception(
            weights_not_transposed,
            cause="G is multiplied by W itself, although it travels from outputs to inputs.",
            next_step="which matrix turns shape (N, K) into (N, D)?",
        ),
        Misconception(
            weight_gradient_first,
            cause="The gradients are right but returned in another order.",
            next_step="compare with the docstring: which comes first, dX or dW?",
        ),
        Misconception(
            upstream_taken_as_ones,
            cause="The upstream gradient is ignored, as if the loss were the sum of all outputs.",
            next_step="where does G enter each formula?",
            loses=("values", "bias"),
        ),
    ],
)

# --- elementwise_jacobian ---------------------------------------------------------------------------


def slopes_of_squares(rng):
    return {"derivative": Formula("lambda z: 2 * z"), "z": np.array([1.0, -2.0, 3.0])}


def slopes_of_tanh(rng):
    return {"derivative": Formula("lambda z: 1 - np.tanh(z) ** 2"), "z": rng.normal(size=D)}


def slopes_of_exponential(rng):
    return {"derivative": Formula("lambda z: a * np.exp(a * z)", a=rng.uniform(0.5, 1.5)), "z": rng.normal(size=K)}


def slopes_as_a_vector(derivative, z):
    return derivative(z)


def same_slopes_in_each_row(derivative, z):
    return np.ones((len(z), 1)) * derivative(z)


def products_of_slopes(derivative, z):
    return np.outer(derivative(z), derivative(z))


def derivative_of_a_diagonal_matrix(derivative, z):
    return derivative(np.diag(z))


def first_slope_everywhere(derivative, z):
    return np.eye(len(z)) * derivative(z)[0]


def inputs_on_the_diagonal(derivative, z):
    return np.diag(z)


def slopes_times_inputs(derivative, z):
    return np.diag(derivative(z) * z)


ELEMENTWISE_JACOBIAN = Exercise(
    reference.elementwise_jacobian,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="Jacobian of squares", arguments=slopes_of_squares),
                Case(label="Jacobian of tanh", arguments=slopes_of_tanh, draws=2),
                Case(label="Jacobian of exponentials", arguments=slopes_of_exponential, draws=2),
            ],
            hint="entry (i, j) asks how output i moves with input j; for which pairs is that not zero?",
        )
    ],
    misconceptions=[
        Misconception(
            slopes_as_a_vector,
            cause="These are the slopes alone; a Jacobian has a row for each output and a column for each input.",
            next_step="where do the slopes belong?",
        ),
        Misconception(
            same_slopes_in_each_row,
            cause="Every row holds all slopes, as if each output depended on every input.",
            next_step="which inputs does output 0 read?",
        ),
        Misconception(
            products_of_slopes,
            cause="Slopes are multiplied with one another, but no output passes through two of them.",
            next_step="which inputs does output 0 read?",
        ),
        Misconception(
            derivative_of_a_diagonal_matrix,
            cause="The derivative is applied to a diagonal matrix, so f'(0) fills the places that should be 0.",
            next_step="in which order do you apply the derivative and build the matrix?",
        ),
        Misconception(
            first_slope_everywhere,
            cause="One slope is used for all entries; each entry has its own pre-activation.",
            next_step="at which point is output i differentiated?",
        ),
        Misconception(
            inputs_on_the_diagonal,
            cause="The diagonal holds the inputs; it should hold the slopes at them.",
            next_step="where is `derivative` called?",
        ),
        Misconception(
            slopes_times_inputs,
            cause="The slopes are multiplied by the inputs: that is a tangent pushed forward, not the Jacobian.",
            next_step="does a Jacobian of f(z) = 2 z depend on z?",
        ),
    ],
)

# --- relu_vjp ---------------------------------------------------------------------------------------


def small_relu(rng):
    return {"G": np.array([[2.0, -3.0, 5.0]]), "Z": np.array([[1.0, 4.0, -2.0]])}


def random_relu(rng):
    return {"G": rng.normal(size=(N, D)), "Z": rng.normal(size=(N, D))}


def relu_at_the_kink(rng):
    Z = rng.normal(size=(N, D))
    Z[1] = 0.0
    return {"G": rng.normal(size=(N, D)), "Z": Z}


def mask_from_the_upstream_sign(G, Z):
    return G * (G > 0)


def both_signs_masked(G, Z):
    return G * (G > 0) * (Z > 0)


def slope_one_at_zero(G, Z):
    return G * (Z >= 0)


def relu_in_place_of_its_slope(G, Z):
    return G * np.maximum(Z, 0)


def relu_upstream_dropped(G, Z):
    return 1.0 * (Z > 0)


def relu_of_the_upstream_array_overwritten(G, Z):
    G[Z <= 0] = 0
    return G


def relu_mask_reversed(G, Z):
    return G * (Z < 0)


RELU_VJP = Exercise(
    reference.relu_vjp,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a small batch", arguments=small_relu),
                Case(label="random gradients of both signs", arguments=random_relu, draws=3),
                Case(label="pre-activations of exactly 0", arguments=relu_at_the_kink, draws=2),
            ],
            hint="for each entry ask: did the forward pass let it through, and with which slope?",
        )
    ],
    misconceptions=[
        Misconception(
            mask_from_the_upstream_sign,
            cause="The mask comes from the sign of G; what passed forward is decided by Z.",
            next_step="may a unit that was active receive a negative gradient?",
        ),
        Misconception(
            both_signs_masked,
            cause="Negative upstream gradients are cut off too; only the sign of Z matters.",
            next_step="may a unit that was active receive a negative gradient?",
        ),
        Misconception(
            slope_one_at_zero,
            cause="At 0 the slope is taken as 1, CMU's choice; this course takes 0.",
            next_step="which comparison leaves 0 out?",
        ),
        Misconception(
            relu_in_place_of_its_slope,
            cause="G is multiplied by the activation; the chain rule wants its slope.",
            next_step="what is the slope of max(0, z) at z = 7?",
        ),
        Misconception(
            relu_upstream_dropped,
            cause="This is the local slope alone; the upstream gradient is missing.",
            next_step="what does the chain rule do with the slope and G?",
        ),
        Misconception(
            relu_of_the_upstream_array_overwritten,
            cause="The caller's G is overwritten; another branch of the graph may still need it.",
            next_step="how can you get a new array from G and a mask?",
        ),
        Misconception(
            relu_mask_reversed,
            cause="The mask lets the inactive units through.",
            next_step="what is the slope of max(0, z) at z = 7?",
        ),
    ],
)

# --- tanh_vjp ---------------------------------------------------------------------------------------


def small_tanh(rng):
    return {"G": np.array([[3.0, -2.0, 4.0]]), "A": np.array([[0.5, -0.5, 0.0]])}


def random_tanh(rng):
    return {"G": rng.normal(size=(N, D)), "A": np.tanh(rng.normal(size=(N, D)))}


def tanh_applied_again(G, A):
    return G * (1 - np.tanh(A) ** 2)


def tanh_square_forgotten(G, A):
    return G * (1 - A)


def tanh_with_the_sigmoid_rule(G, A):
    return G * A * (1 - A)


def tanh_upstream_dropped(G, A):
    return 1 - A**2


def tanh_slope_with_a_plus(G, A):
    return G * (1 + A**2)


def tanh_upstream_squared(G, A):
    return G * (1 - G**2)


def tanh_in_place_of_its_slope(G, A):
    return G * A


TANH_VJP = Exercise(
    reference.tanh_vjp,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a small batch of activations", arguments=small_tanh),
                Case(label="random activations", arguments=random_tanh, draws=3),
            ],
            hint="write the slope of tanh in terms of its own output.",
        )
    ],
    misconceptions=[
        Misconception(
            tanh_applied_again,
            cause="tanh is applied once more, but A is the activation already.",
            next_step="which of z and tanh(z) does the function receive?",
        ),
        Misconception(
            tanh_square_forgotten,
            cause="The slope is 1 minus the square of the activation; the square is missing.",
            next_step="is the slope of tanh ever larger than 1?",
        ),
        Misconception(
            tanh_with_the_sigmoid_rule,
            cause="This is the slope of the sigmoid.",
            next_step="what is the slope of tanh at 0, where its output is 0?",
        ),
        Misconception(
            tanh_upstream_dropped,
            cause="This is the local slope alone; the upstream gradient is missing.",
            next_step="what does the chain rule do with the slope and G?",
        ),
        Misconception(
            tanh_slope_with_a_plus,
            cause="The sign before the square is wrong: where tanh saturates, its slope goes to 0.",
            next_step="what should the slope be at an activation of 1?",
        ),
        Misconception(
            tanh_upstream_squared,
            cause="The slope is computed from G; it depends on the activation.",
            next_step="which of the two arguments comes from the forward pass?",
        ),
        Misconception(
            tanh_in_place_of_its_slope,
            cause="G is multiplied by the activation; the chain rule wants its slope.",
            next_step="what is the slope of tanh at 0, where its output is 0?",
        ),
    ],
)

# --- sigmoid_vjp ------------------------------------------------------------------------------------


def small_sigmoid(rng):
    return {"G": np.array([[2.0, 3.0, -4.0]]), "A": np.array([[0.5, 0.9, 0.2]])}


def random_sigmoid(rng):
    return {"G": rng.normal(size=(N, D)), "A": 1 / (1 + np.exp(-rng.normal(size=(N, D))))}


def sigmoid_applied_again(G, A):
    S = 1 / (1 + np.exp(-A))
    return G * S * (1 - S)


def sigmoid_with_the_tanh_rule(G, A):
    return G * (1 - A**2)


def sigmoid_one_factor_only(G, A):
    return G * (1 - A)


def sigmoid_upstream_dropped(G, A):
    return A * (1 - A)


def sigmoid_sign_reversed(G, A):
    return G * A * (A - 1)


def sigmoid_in_place_of_its_slope(G, A):
    return G * A


SIGMOID_VJP = Exercise(
    reference.sigmoid_vjp,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a small batch of activations", arguments=small_sigmoid),
                Case(label="random activations", arguments=random_sigmoid, draws=3),
            ],
            hint="write the slope of the sigmoid in terms of its own output.",
        )
    ],
    misconceptions=[
        Misconception(
            sigmoid_applied_again,
            cause="The sigmoid is applied once more, but A is the activation already.",
            next_step="which of z and sigmoid(z) does the function receive?",
        ),
        Misconception(
            sigmoid_with_the_tanh_rule,
            cause="This is the slope of tanh.",
            next_step="the sigmoid is steepest at an output of 1/2; how steep is it there?",
        ),
        Misconception(
            sigmoid_one_factor_only,
            cause="One of the two factors of the slope is missing.",
            next_step="the slope is the same at outputs 0.1 and 0.9; is yours?",
        ),
        Misconception(
            sigmoid_upstream_dropped,
            cause="This is the local slope alone; the upstream gradient is missing.",
            next_step="what does the chain rule do with the slope and G?",
        ),
        Misconception(
            sigmoid_sign_reversed,
            cause="The slope comes out negative, although the sigmoid rises everywhere.",
            next_step="which of A and 1 is larger?",
        ),
        Misconception(
            sigmoid_in_place_of_its_slope,
            cause="G is multiplied by the activation; the chain rule wants its slope.",
            next_step="what is the slope where the sigmoid is saturated near 1?",
        ),
    ],
)

# --- softmax_jacobian -------------------------------------------------------------------------------


def lecture_probabilities(rng):
    p = np.exp(np.array([-3.44, 1.16, -0.81, 3.91]))
    return {"p": p / p.sum()}


def small_probabilities(rng):
    return {"p": np.array([0.5, 0.3, 0.2])}


def random_probabilities(rng):
    return {"p": rng.dirichlet(np.ones(K))}


def softmax_diagonal_only(p):
    return np.diag(p * (1 - p))


def diagonal_matrix_forgotten(p):
    return -np.outer(p, p)


def outer_product_added(p):
    return np.diag(p) + np.outer(p, p)


def identity_in_place_of_probabilities(p):
    return np.eye(len(p)) - np.outer(p, p)


def kronecker_delta_forgotten(p):
    return np.outer(p, 1 - p)


def softmax_of_probabilities(p):
    q = np.exp(p) / np.exp(p).sum()
    return np.diag(q) - np.outer(q, q)


def squares_off_the_diagonal(p):
    return np.diag(p) - np.ones((len(p), 1)) * p**2


SOFTMAX_JACOBIAN = Exercise(
    reference.softmax_jacobian,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="three classes", arguments=small_probabilities),
                Case(label="FAU's four classes", arguments=lecture_probabilities),
                Case(label="random probabilities", arguments=random_probabilities, draws=3),
                Case(
                    label="one class certain",
                    arguments=lambda rng: {"p": np.array([0.0, 1.0, 0.0, 0.0])},
                    visible=False,
                ),
            ],
            hint="the columns sum to 0, because the probabilities keep summing to 1; do yours?",
        )
    ],
    misconceptions=[
        Misconception(
            softmax_diagonal_only,
            cause="Softmax is treated as elementwise, but all outputs share one denominator.",
            next_step="what happens to the other probabilities when one logit grows?",
        ),
        Misconception(
            diagonal_matrix_forgotten,
            cause="The term with the Kronecker delta is missing.",
            next_step="what is added when i = j?",
        ),
        Misconception(
            outer_product_added,
            cause="Off the diagonal the sign is wrong: a growing logit takes probability from the others.",
            next_step="do the columns of your matrix sum to 0?",
        ),
        Misconception(
            identity_in_place_of_probabilities,
            cause="The delta stands alone; it has to be multiplied by the probability as well.",
            next_step="what is p (delta - p) on the diagonal?",
        ),
        Misconception(
            kronecker_delta_forgotten,
            cause="The rule for i = j is used for every pair.",
            next_step="by what is 1 replaced when i and j differ?",
        ),
        Misconception(
            softmax_of_probabilities,
            cause="Softmax is applied once more, but p are the probabilities already.",
            next_step="what does the function receive, logits or probabilities?",
        ),
        Misconception(
            squares_off_the_diagonal,
            cause="Each column holds squares of one probability; entry (i, j) mixes two.",
            next_step="is your matrix symmetric?",
        ),
    ],
)

# --- softmax_vjp ------------------------------------------------------------------------------------


def small_softmax(rng):
    return {"G": np.array([[1.0, 3.0], [5.0, 2.0]]), "P": np.array([[0.2, 0.8], [0.6, 0.4]])}


def random_softmax(rng):
    return {"G": rng.normal(size=(N, K)), "P": rng.dirichlet(np.ones(K), size=N)}


def many_classes(rng):
    return {"seed": int(rng.integers(10_000)), "classes": 20_000}


def few_bytes_for_many_classes(student, seed, classes):
    import tracemalloc

    rng = np.random.default_rng(seed)
    # A tenth of the classes first: a K x K array is found out while it is still small.
    for K in (classes // 10, classes):
        G, P = rng.normal(size=(2, K)), rng.dirichlet(np.ones(K), size=2)
        running = tracemalloc.is_tracing()
        tracemalloc.start()
        try:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            dZ = student.softmax_vjp(G, P)
            peak = tracemalloc.get_traced_memory()[1] - before
        finally:
            if not running:
                tracemalloc.stop()
        if peak > 40 * G.nbytes:
            raise MemoryError(f"an array far larger than G was built for {K:,} classes")
    dZ = np.asarray(dZ)
    return {"first entries": dZ[:, :3], "sum of squares": (dZ**2).sum()}


def softmax_as_an_elementwise_function(G, P):
    return G * P * (1 - P)


def unweighted_mean_subtracted(G, P):
    return P * (G - G.mean(axis=1, keepdims=True))


def weighted_mean_over_the_whole_batch(G, P):
    return P * (G - (G * P).sum())


def weighted_mean_over_the_batch_axis(G, P):
    return P * (G - (G * P).sum(axis=0, keepdims=True))


def outer_factor_forgotten(G, P):
    return G - (G * P).sum(axis=1, keepdims=True)


def cross_entropy_shortcut(G, P):
    return P - G


def weighted_mean_added(G, P):
    return P * (G + (G * P).sum(axis=1, keepdims=True))


def a_jacobian_for_each_row(G, P):
    return np.array([(np.diag(p) - np.outer(p, p)) @ g for g, p in zip(G, P, strict=True)])


SOFTMAX_VJP = Exercise(
    reference.softmax_vjp,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="two rows of three classes", arguments=small_softmax),
                Case(label="a random batch", arguments=random_softmax, draws=3),
            ],
            hint="multiply g by diag(p) - p p^T on paper: what is p^T g, and what remains?",
        ),
        Aspect(
            "memory",
            [
                Case(
                    label="20,000 classes",
                    arguments=many_classes,
                    probe=few_bytes_for_many_classes,
                    draws=2,
                    steps_at_most=1_000_000,
                )
            ],
            hint="a K x K array of float64 takes 3.2 GB at K = 20,000; which numbers of it are really needed?",
        ),
    ],
    misconceptions=[
        Misconception(
            softmax_as_an_elementwise_function,
            cause="Only the diagonal of the Jacobian is used, but all outputs share one denominator.",
            next_step="what do the other columns of the row contribute?",
        ),
        Misconception(
            unweighted_mean_subtracted,
            cause="The plain mean of G is subtracted; each entry counts with its probability.",
            next_step="what is p^T g?",
        ),
        Misconception(
            weighted_mean_over_the_whole_batch,
            cause="One number is subtracted for the whole batch, but each row has a softmax of its own.",
            next_step="over which axis does a softmax run?",
        ),
        Misconception(
            weighted_mean_over_the_batch_axis,
            cause="The sum runs over the batch; it has to run over the classes.",
            next_step="over which axis does a softmax run?",
        ),
        Misconception(
            outer_factor_forgotten,
            cause="The factor P in front of the bracket is missing.",
            next_step="what is diag(p) g?",
        ),
        Misconception(
            cross_entropy_shortcut,
            cause="P minus target is the gradient of softmax with cross-entropy; here G is any upstream gradient.",
            next_step="how do you multiply by the Jacobian of softmax alone?",
        ),
        Misconception(
            weighted_mean_added,
            cause="The sign of the outer product is wrong.",
            next_step="what should come out if all entries of g are equal?",
        ),
        Misconception(
            a_jacobian_for_each_row,
            cause="A K x K Jacobian is built for each row.",
            next_step="in which order are three factors p, p^T and g multiplied most cheaply?",
            loses=("memory",),
        ),
    ],
)

# --- left_product_vjp -------------------------------------------------------------------------------


def small_left(rng):
    G, W = np.array([[1.0, 0.0], [2.0, 3.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    return {"G": G, "W": W, "X": np.array([[2.0, 0.0], [1.0, 3.0]])}


def random_left(rng):
    return {"G": rng.normal(size=(D, K)), "W": rng.normal(size=(D, N)), "X": rng.normal(size=(N, K))}


def square_left(rng):
    return {"G": rng.normal(size=(D, D)), "W": rng.normal(size=(D, D)), "X": rng.normal(size=(D, D))}


def left_inputs_first(G, W, X):
    return W.T @ G, G @ X.T


def left_without_transposes(G, W, X):
    return G @ X, W @ G


def left_upstream_as_ones(G, W, X):
    ones = np.ones_like(G)
    return ones @ X.T, W.T @ ones


def left_weight_gradient_transposed(G, W, X):
    return X @ G.T, W.T @ G


def left_other_factor_alone(G, W, X):
    return X.T, W.T


def left_only_inputs(G, W, X):
    return W.T @ G


def left_by_the_rule_of_right(G, W, X):
    return X.T @ G, G @ W.T


LEFT_PRODUCT_VJP = Exercise(
    reference.left_product_vjp,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="small matrices", arguments=small_left),
                Case(label="random matrices", arguments=random_left, draws=3),
                Case(label="square matrices", arguments=square_left, draws=2),
            ],
            hint="work column by column: y = W x has the Jacobian W; then let the shapes check you.",
        )
    ],
    misconceptions=[
        Misconception(
            left_inputs_first,
            cause="Both gradients are right but returned in another order.",
            next_step="in which order do W and X stand in the signature?",
        ),
        Misconception(
            left_without_transposes,
            cause="The transposes are missing: gradients travel against the direction of the product.",
            next_step="with square matrices every product fits; what fits if no two lengths are equal?",
        ),
        Misconception(
            left_upstream_as_ones,
            cause="The upstream gradient is ignored, as if z were the sum of Y.",
            next_step="where does G enter each formula?",
        ),
        Misconception(
            left_weight_gradient_transposed,
            cause="dW is transposed.",
            next_step="which order of G and X gives the shape of W?",
        ),
        Misconception(
            left_other_factor_alone,
            cause="The other factor is a local derivative; the upstream gradient is missing.",
            next_step="with what is the local derivative multiplied?",
        ),
        Misconception(
            left_only_inputs,
            cause="Only the gradient of X is returned, as in the deck; the weights need theirs too.",
            next_step="how does Y change with an entry of W?",
        ),
        Misconception(
            left_by_the_rule_of_right,
            cause="These are the formulas of Y = X W.",
            next_step="on which side of X does W stand here?",
        ),
    ],
)

# --- right_product_vjp ------------------------------------------------------------------------------


def small_right(rng):
    G, X = np.array([[1.0, 0.0], [2.0, 3.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    return {"G": G, "X": X, "W": np.array([[2.0, 0.0], [1.0, 3.0]])}


def random_right(rng):
    return {"G": rng.normal(size=(N, K)), "X": rng.normal(size=(N, D)), "W": rng.normal(size=(D, K))}


def square_right(rng):
    return {"G": rng.normal(size=(D, D)), "X": rng.normal(size=(D, D)), "W": rng.normal(size=(D, D))}


def right_weights_first(G, X, W):
    return X.T @ G, G @ W.T


def right_without_transposes(G, X, W):
    return G @ W, X @ G


def right_upstream_as_ones(G, X, W):
    ones = np.ones_like(G)
    return ones @ W.T, X.T @ ones


def right_weight_gradient_transposed(G, X, W):
    return G @ W.T, G.T @ X


def right_other_factor_alone(G, X, W):
    return W.T, X.T


def right_only_inputs(G, X, W):
    return G @ W.T


def right_by_the_rule_of_left(G, X, W):
    return W.T @ G, G @ X.T


RIGHT_PRODUCT_VJP = Exercise(
    reference.right_product_vjp,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="small matrices", arguments=small_right),
                Case(label="random matrices", arguments=random_right, draws=3),
                Case(label="square matrices", arguments=square_right, draws=2),
            ],
            hint="each factor's gradient is G times the other factor, transposed, on the side where that one stood.",
        )
    ],
    misconceptions=[
        Misconception(
            right_weights_first,
            cause="Both gradients are right but returned in another order.",
            next_step="in which order do X and W stand in the signature?",
        ),
        Misconception(
            right_without_transposes,
            cause="The transposes are missing: gradients travel against the direction of the product.",
            next_step="with square matrices every product fits; what fits if no two lengths are equal?",
        ),
        Misconception(
            right_upstream_as_ones,
            cause="The upstream gradient is ignored, as if z were the sum of Y.",
            next_step="where does G enter each formula?",
        ),
        Misconception(
            right_weight_gradient_transposed,
            cause="dW is transposed.",
            next_step="which order of X and G gives the shape of W?",
        ),
        Misconception(
            right_other_factor_alone,
            cause="The other factor is a local derivative; the upstream gradient is missing.",
            next_step="with what is the local derivative multiplied?",
        ),
        Misconception(
            right_only_inputs,
            cause="Only the gradient of X is returned, as in the deck; the weights need theirs too.",
            next_step="how does Y change with an entry of W?",
        ),
        Misconception(
            right_by_the_rule_of_left,
            cause="These are the formulas of Y = W X.",
            next_step="on which side of X does W stand here?",
        ),
    ],
)

# --- unbroadcast ------------------------------------------------------------------------------------


def axis_in_front(rng):
    return {"G": np.array([[1.0, 2.0], [5.0, 7.0]]), "shape": (2,)}


def random_bias(rng):
    return {"G": rng.normal(size=(N, K)), "shape": (K,)}


def two_axes_in_front(rng):
    return {"G": rng.normal(size=(2, N, K)), "shape": (K,)}


def to_a_scalar(rng):
    return {"G": rng.normal(size=(N, K)), "shape": ()}


def nothing_broadcast(rng):
    return {"G": rng.normal(size=(N, K)), "shape": (N, K)}


def stretched_column(rng):
    return {"G": np.array([[1.0, 2.0], [5.0, 7.0]]), "shape": (2, 1)}


def random_stretched_column(rng):
    return {"G": rng.normal(size=(N, K)), "shape": (N, 1)}


def stretched_row(rng):
    return {"G": rng.normal(size=(N, K)), "shape": (1, K)}


def in_front_and_stretched(rng):
    return {"G": rng.normal(size=(2, N, K)), "shape": (N, 1)}


def stretched_in_the_middle(rng):
    return {"G": rng.normal(size=(2, N, K)), "shape": (2, 1, K)}


def new_axes_only(G, shape):
    return G.sum(axis=tuple(range(G.ndim - len(shape))))


def axes_of_length_one_dropped(G, shape):
    G = G.sum(axis=tuple(range(G.ndim - len(shape))))
    return G.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1))


def new_axes_kept(G, shape):
    padded = (1,) * (G.ndim - len(shape)) + tuple(shape)
    return G.sum(axis=tuple(k for k, n in enumerate(padded) if n == 1), keepdims=True)


def one_copy_taken(G, shape):
    for _ in range(G.ndim - len(shape)):
        G = G[0]
    return G[tuple(slice(0, 1) if n == 1 else slice(None) for n in shape)]


def copies_averaged(G, shape):
    padded = (1,) * (G.ndim - len(shape)) + tuple(shape)
    return G.mean(axis=tuple(k for k, n in enumerate(padded) if n == 1), keepdims=True).reshape(shape)


def everything_summed(G, shape):
    return np.full(shape, G.sum())


def shapes_aligned_on_the_left(G, shape):
    return G.sum(axis=tuple(range(len(shape), G.ndim)))


def stretched_axes_only(G, shape):
    return G.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


UNBROADCAST = Exercise(
    reference.unbroadcast,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="an axis added in front", arguments=axis_in_front),
                Case(label="a bias added to a batch", arguments=random_bias, draws=2),
                Case(label="two axes added in front", arguments=two_axes_in_front),
                Case(label="a scalar", arguments=to_a_scalar),
                Case(label="nothing was broadcast", arguments=nothing_broadcast),
            ],
            hint="NumPy aligns shapes on the right and adds axes in front; which axes of G are those?",
        ),
        Aspect(
            "stretched",
            [
                Case(label="a column stretched along its rows", arguments=stretched_column),
                Case(label="a random column", arguments=random_stretched_column, draws=2),
                Case(label="a row stretched over the batch", arguments=stretched_row),
                Case(label="an axis in front and one of length 1", arguments=in_front_and_stretched),
                Case(label="a middle axis of length 1", arguments=stretched_in_the_middle),
                Case(
                    label="an axis of length 1 that stayed so",
                    arguments=lambda rng: {"G": rng.normal(size=(N, 1)), "shape": (1, 1)},
                    visible=False,
                ),
            ],
            hint="an axis of length 1 was copied along; sum over it, and keep it.",
        ),
    ],
    misconceptions=[
        Misconception(
            new_axes_only,
            cause="Axes of length 1 are broadcast too, but they are not summed.",
            next_step="how often is each entry of a (4, 1) array used in a (4, 5) result?",
            loses=("stretched",),
        ),
        Misconception(
            axes_of_length_one_dropped,
            cause="The sum removes axes of length 1 that the original array had.",
            next_step="which argument of `sum` keeps an axis?",
            loses=("stretched",),
        ),
        Misconception(
            new_axes_kept,
            cause="Axes that NumPy added in front are summed but not removed.",
            next_step="does the result have exactly the shape asked for?",
            loses=("values", "stretched"),
        ),
        Misconception(
            one_copy_taken,
            cause="One copy's gradient is taken, but every copy contributes.",
            next_step="what does the chain rule do with several paths to one variable?",
            loses=("values", "stretched"),
        ),
        Misconception(
            copies_averaged,
            cause="The copies' gradients are averaged; contributions of several paths are summed.",
            next_step="what does the chain rule do with several paths to one variable?",
            loses=("values", "stretched"),
        ),
        Misconception(
            everything_summed,
            cause="All entries are summed into one number, also along axes that were never copied.",
            next_step="which entries of G does one entry of the original reach?",
            loses=("values", "stretched"),
        ),
        Misconception(
            shapes_aligned_on_the_left,
            cause="Shapes are aligned on the left, but NumPy aligns them on the right.",
            next_step="to which axis of a (4, 5) array does an array of shape (5,) belong?",
            loses=("values", "stretched"),
        ),
        Misconception(
            stretched_axes_only,
            cause="Axes that NumPy added in front are left alone; they hold copies as well.",
            next_step="how many axes does G have more than the shape?",
        ),
    ],
)

# --- multiply_vjp -----------------------------------------------------------------------------------


def small_factors(rng):
    return {"g": np.array([1.0, -2.0, 3.0]), "y": np.array([2.0, 5.0, -1.0]), "z": np.array([4.0, 0.5, 3.0])}


def random_factors(rng):
    return {"g": rng.normal(size=K), "y": rng.normal(size=K), "z": rng.normal(size=K)}


def factors_of_zero(rng):
    y, z = rng.normal(size=K), rng.normal(size=K)
    y[1] = z[3] = 0.0
    return {"g": rng.normal(size=K), "y": y, "z": z}


def own_factor_in_place_of_the_other(g, y, z):
    return g * y, g * z


def sum_of_the_factors(g, y, z):
    return g * (y + z), g * (y + z)


def multiply_upstream_dropped(g, y, z):
    return z, y


def product_divided_by_the_factor(g, y, z):
    return g * (y * z) / y, g * (y * z) / z


def second_factor_constant(g, y, z):
    return g * z, np.zeros_like(z)


def units_summed(g, y, z):
    return g @ z, g @ y


def product_in_place_of_its_slope(g, y, z):
    return g * y * z, g * y * z


MULTIPLY_VJP = Exercise(
    reference.multiply_vjp,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="three multiplicative units", arguments=small_factors),
                Case(label="random factors", arguments=random_factors, draws=3),
                Case(label="factors of 0", arguments=factors_of_zero, draws=2),
            ],
            hint="hold one factor fixed: what is the slope of o = y z in the other?",
        )
    ],
    misconceptions=[
        Misconception(
            own_factor_in_place_of_the_other,
            cause="Each gradient uses its own factor; the slope in y is z.",
            next_step="if z = 0, does the product react to y?",
        ),
        Misconception(
            sum_of_the_factors,
            cause="Both terms of the product rule are added; here y and z are separate variables.",
            next_step="what is the slope in y while z stays fixed?",
        ),
        Misconception(
            multiply_upstream_dropped,
            cause="This is the local slope alone; the upstream gradient is missing.",
            next_step="what does the chain rule do with the slope and g?",
        ),
        Misconception(
            product_divided_by_the_factor,
            cause="The other factor is found by division, which fails where a factor is 0.",
            next_step="can you use the other factor directly?",
        ),
        Misconception(
            second_factor_constant,
            cause="z is treated as a constant, but it is an output of the layer below as well.",
            next_step="what is the slope in z while y stays fixed?",
        ),
        Misconception(
            units_summed,
            cause="The units are summed into one number; each unit has its own two factors.",
            next_step="which units does entry i of y reach?",
        ),
        Misconception(
            product_in_place_of_its_slope,
            cause="g is multiplied by the product; the chain rule wants its slope.",
            next_step="what is the slope of o = y z in y?",
        ),
    ],
)

# --- product_power_vjp ------------------------------------------------------------------------------


def small_powers(rng):
    return {"g": np.array([1.0, 2.0]), "z": np.array([2.0, 3.0]), "alpha": np.array([[1.0, 2.0], [3.0, 0.0]])}


def random_powers(rng):
    return {"g": rng.normal(size=K), "z": rng.uniform(0.5, 2.0, size=D), "alpha": rng.normal(size=(D, K))}


def whole_powers(rng):
    alpha = rng.integers(-2, 4, size=(D, K)).astype(float)
    alpha[1, 2] = 0.0
    return {"g": rng.normal(size=K), "z": rng.uniform(0.5, 2.0, size=D), "alpha": alpha}


def exponent_not_lowered(g, z, alpha):
    y = np.prod(z[:, None] ** alpha, axis=0)
    return alpha @ (g * y)


def exponent_not_in_front(g, z, alpha):
    y = np.prod(z[:, None] ** alpha, axis=0)
    return (g * y).sum() / z


def other_factors_forgotten(g, z, alpha):
    return (alpha * z[:, None] ** (alpha - 1)) @ g


def own_power_forgotten(g, z, alpha):
    y = np.prod(z[:, None] ** alpha, axis=0)
    return (alpha * y / z[:, None] ** alpha) @ g


def power_upstream_dropped(g, z, alpha):
    y = np.prod(z[:, None] ** alpha, axis=0)
    return alpha @ y / z


def gradient_of_the_logarithm(g, z, alpha):
    return alpha @ g / z


def exponents_read_transposed(g, z, alpha):
    powers = z ** alpha.reshape(alpha.shape[::-1])
    y = np.prod(powers, axis=1)
    return alpha @ (g * y) / z


def product_of_own_power_twice(g, z, alpha):
    y = np.prod(z[:, None] ** alpha, axis=0)
    return (alpha * z[:, None] ** (alpha - 1) * y) @ g


PRODUCT_POWER_VJP = Exercise(
    reference.product_power_vjp,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="two inputs, three products", arguments=small_powers),
                Case(label="random exponents", arguments=random_powers, draws=3),
                Case(label="whole exponents, zero and negative ones too", arguments=whole_powers, draws=2),
            ],
            hint="lowering an exponent by one is a division by z; what does that make of CMU's formula?",
        )
    ],
    misconceptions=[
        Misconception(
            exponent_not_lowered,
            cause="The exponent comes to the front but is not lowered by one.",
            next_step="what is the derivative of z**3?",
        ),
        Misconception(
            exponent_not_in_front,
            cause="The exponent is lowered but does not come to the front as a factor.",
            next_step="what is the derivative of z**3?",
        ),
        Misconception(
            other_factors_forgotten,
            cause="Only z_j's own power is differentiated; the other factors of the product are lost.",
            next_step="what is the derivative of z**3 w**2 with respect to z?",
        ),
        Misconception(
            own_power_forgotten,
            cause="z_j's own power is left out altogether; it survives with its exponent lowered by one.",
            next_step="what is the derivative of z**3 w**2 with respect to z?",
        ),
        Misconception(
            power_upstream_dropped,
            cause="All products count alike; each has an upstream gradient of its own.",
            next_step="where does g_i enter the sum over i?",
        ),
        Misconception(
            gradient_of_the_logarithm,
            cause="This is the gradient of log y; a factor y is missing.",
            next_step="what is the derivative of y in terms of the derivative of log y?",
        ),
        Misconception(
            exponents_read_transposed,
            cause="alpha is read with its indices exchanged: alpha[l, i] belongs to input l and product i.",
            next_step="which axis of alpha has the length of z?",
        ),
        Misconception(
            product_of_own_power_twice,
            cause="The product runs over all inputs, so z_j's own power enters twice.",
            next_step="which l does CMU's product leave out?",
        ),
    ],
)

# --- max_vjp ----------------------------------------------------------------------------------------


def small_pools(rng):
    return {"g": np.array([10.0, 20.0]), "z": np.array([1.0, 3.0, 2.0, 5.0, 4.0]), "groups": [[0, 1, 2], [3, 4]]}


def random_pools(rng):
    groups = [[0, 1, 2], [3, 4], [5, 6, 7, 8]]
    return {"g": rng.normal(size=3), "z": rng.normal(size=10), "groups": groups}


def tied_pools(rng):
    return {"g": rng.normal(size=2), "z": np.array([1.0, 7.0, 7.0, 4.0, 4.0]), "groups": [[0, 1, 2], [3, 4]]}


def small_overlap(rng):
    return {"g": np.array([2.0, 3.0]), "z": np.array([1.0, 5.0, 4.0]), "groups": [[0, 1], [1, 2]]}


def random_overlap(rng):
    z = rng.normal(size=7)
    z[2] = z[5] = 5.0 + rng.uniform()
    groups = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6]]
    return {"g": rng.normal(size=5), "z": z, "groups": groups}


def shared_between_all_ties(g, z, groups):
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        group = np.array(group)
        np.add.at(dz, group[z[group] == z[group].max()], upstream)
    return dz


def last_of_the_ties(g, z, groups):
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        dz[max(group, key=lambda k: (z[k], k))] += upstream
    return dz


def overlapping_windows_overwrite(g, z, groups):
    dz = np.zeros_like(z)
    dz[[group[np.argmax(z[group])] for group in groups]] += g
    return dz


def place_in_the_group_as_index(g, z, groups):
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        dz[np.argmax(z[group])] += upstream
    return dz


def whole_group_rewarded(g, z, groups):
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        dz[group] += upstream
    return dz


def upstream_times_maximum(g, z, groups):
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        dz[group[np.argmax(z[group])]] += upstream * z[group].max()
    return dz


def max_upstream_dropped(g, z, groups):
    dz = np.zeros_like(z)
    for group in groups:
        dz[group[np.argmax(z[group])]] += 1.0
    return dz


def smallest_input_rewarded(g, z, groups):
    dz = np.zeros_like(z)
    for upstream, group in zip(g, groups, strict=True):
        dz[group[np.argmin(z[group])]] += upstream
    return dz


MAX_VJP = Exercise(
    reference.max_vjp,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="two groups", arguments=small_pools),
                Case(label="groups of different sizes", arguments=random_pools, draws=3),
                Case(label="equal maxima in a group", arguments=tied_pools, draws=2),
            ],
            hint="only the winner of a group moved the maximum; find its index in z.",
        ),
        Aspect(
            "overlap",
            [
                Case(label="one input wins two windows", arguments=small_overlap),
                Case(label="overlapping windows", arguments=random_overlap, draws=2),
            ],
            hint="what happens to the gradients of an input that two outputs read?",
        ),
    ],
    misconceptions=[
        Misconception(
            shared_between_all_ties,
            cause="All tied inputs receive the gradient; the first one is to have it alone.",
            next_step="which index does np.argmax return for a tie?",
        ),
        Misconception(
            last_of_the_ties,
            cause="Of tied inputs the last one is chosen; the lowest index counts.",
            next_step="which index does np.argmax return for a tie?",
        ),
        Misconception(
            overlapping_windows_overwrite,
            cause="An input that wins two windows keeps one gradient only; assignment loses the other.",
            next_step="what does the chain rule do with several paths?",
            loses=("overlap",),
        ),
        Misconception(
            place_in_the_group_as_index,
            cause="The winner's place inside its group is used as an index into z.",
            next_step="which entry of `group` does argmax point to?",
            loses=("values", "overlap"),
        ),
        Misconception(
            whole_group_rewarded,
            cause="All inputs of a group receive the gradient, as in a sum.",
            next_step="does the maximum move when a smaller input moves a little?",
            loses=("values", "overlap"),
        ),
        Misconception(
            upstream_times_maximum,
            cause="The gradient is multiplied by the maximum; its slope in the winner is 1.",
            next_step="by how much does the maximum grow when the winner grows by 0.1?",
            loses=("values", "overlap"),
        ),
        Misconception(
            max_upstream_dropped,
            cause="This is the local slope alone; the upstream gradient is missing.",
            next_step="what does the chain rule do with the slope and g?",
            loses=("values", "overlap"),
        ),
        Misconception(
            smallest_input_rewarded,
            cause="The smallest input of each group receives the gradient.",
            next_step="which input moves the maximum?",
            loses=("values", "overlap"),
        ),
    ],
)

# --- three_linear_gradients -------------------------------------------------------------------------


def small_network(rng):
    W1, W2, W3 = np.array([[1.0], [2.0]]), np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([[1.0, 2.0], [3.0, 1.0]])
    return {"W1": W1, "W2": W2, "W3": W3, "x": np.array([2.0]), "y": np.array([1.0, 5.0])}


def random_network(rng):
    return {
        "W1": rng.normal(size=(4, 3)),
        "W2": rng.normal(size=(5, 4)),
        "W3": rng.normal(size=(2, 5)),
        "x": rng.normal(size=3),
        "y": rng.normal(size=2),
    }


def square_network(rng):
    return {f"W{k}": rng.normal(size=(3, 3)) for k in (1, 2, 3)} | {"x": rng.normal(size=3), "y": rng.normal(size=3)}


def residual_reversed(W1, W2, W3, x, y):
    h1 = W1 @ x
    h2 = W2 @ h1
    g = y - W3 @ h2
    return np.outer(W2.T @ W3.T @ g, x), np.outer(W3.T @ g, h1), np.outer(g, h2)


def factor_two_kept(W1, W2, W3, x, y):
    h1 = W1 @ x
    h2 = W2 @ h1
    g = 2 * (W3 @ h2 - y)
    return np.outer(W2.T @ W3.T @ g, x), np.outer(W3.T @ g, h1), np.outer(g, h2)


def target_forgotten(W1, W2, W3, x, y):
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2
    return np.outer(W2.T @ W3.T @ g, x), np.outer(W3.T @ g, h1), np.outer(g, h2)


def input_in_every_layer(W1, W2, W3, x, y):
    g = W3 @ W2 @ W1 @ x - y
    return np.outer(W2.T @ W3.T @ g, x), np.outer(W3.T @ g, x), np.outer(g, x)


def outer_products_reversed(W1, W2, W3, x, y):
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2 - y
    return np.outer(x, W2.T @ W3.T @ g), np.outer(h1, W3.T @ g), np.outer(h2, g)


def residual_not_pulled_back(W1, W2, W3, x, y):
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2 - y
    return np.outer(g, x), np.outer(g, h1), np.outer(g, h2)


def transposed_weights_in_forward_order(W1, W2, W3, x, y):
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2 - y
    return np.outer(W3.T @ W2.T @ g, x), np.outer(W3.T @ g, h1), np.outer(g, h2)


def last_gradient_first(W1, W2, W3, x, y):
    h1 = W1 @ x
    h2 = W2 @ h1
    g = W3 @ h2 - y
    return np.outer(g, h2), np.outer(W3.T @ g, h1), np.outer(W2.T @ W3.T @ g, x)


THREE_LINEAR_GRADIENTS = Exercise(
    reference.three_linear_gradients,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="a small network", arguments=small_network),
                Case(label="a random network", arguments=random_network, draws=3),
                Case(label="square layers", arguments=square_network, draws=2),
            ],
            hint="name what flows backwards into each layer, and what flowed forwards into it; multiply the two.",
        )
    ],
    misconceptions=[
        Misconception(
            residual_reversed,
            cause="The residual is target minus output: every gradient points the wrong way.",
            next_step="what is the slope of a**2 / 2?",
        ),
        Misconception(
            factor_two_kept,
            cause="The 2 of the square is kept; the loss's 1/2 cancels it.",
            next_step="what is the slope of a**2 / 2?",
        ),
        Misconception(
            target_forgotten,
            cause="The output itself is sent back; the loss compares it with y.",
            next_step="which gradients should come out if the output equals y?",
        ),
        Misconception(
            input_in_every_layer,
            cause="x stands in every gradient, but later layers read other inputs.",
            next_step="what is the input of W3?",
        ),
        Misconception(
            outer_products_reversed,
            cause="The outer products are reversed, so each gradient is transposed.",
            next_step="which vector belongs to W's rows?",
        ),
        Misconception(
            residual_not_pulled_back,
            cause="The residual enters every layer unchanged; layers in between change it.",
            next_step="how does a gradient pass W3?",
        ),
        Misconception(
            transposed_weights_in_forward_order,
            cause="The transposed weights stand in the wrong order: the residual meets W3 first.",
            next_step="what is the transpose of a product?",
        ),
        Misconception(
            last_gradient_first,
            cause="The gradients are right but returned last layer first.",
            next_step="in which order does the docstring name them?",
        ),
    ],
)

# --- jvp_chain and vjp_chain ------------------------------------------------------------------------


def jacobians_of(rng, *lengths):
    """Return random Jacobians between spaces of these dimensions, J_1 first."""
    return [rng.normal(size=(m, n)) for n, m in pairwise(lengths)]


def small_tangent(rng):
    jacobians = [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])]
    return {"jacobians": jacobians, "v": np.array([1.0, 2.0])}


def random_tangent(rng):
    return {"jacobians": jacobians_of(rng, 3, 5, 4, 2), "v": rng.normal(size=3)}


def square_tangent(rng):
    return {"jacobians": jacobians_of(rng, 3, 3, 3, 3), "v": rng.normal(size=3)}


def long_tangent(rng):
    return {"jacobians": jacobians_of(rng, 4, 3, 5, 2, 4, 3), "v": rng.normal(size=4)}


def count_matrix_products(student, jacobians, v=None, g=None):
    count = [0]

    class Watched(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
            if out is not None:
                options["out"] = tuple(np.asarray(a) for a in out)
            return note(getattr(ufunc, method)(*map(plain, inputs), **options), ufunc is np.matmul)

        def __array_function__(self, function, types, arguments, options):
            products = (np.dot, np.einsum, np.inner, np.tensordot)
            return note(function(*map(plain, arguments), **options), function in products)

        def dot(self, other, out=None):
            return np.dot(self, other)

    def plain(a):
        if isinstance(a, (list, tuple)):
            return type(a)(map(plain, a))
        return np.asarray(a) if isinstance(a, Watched) else a

    def note(result, product):
        if not isinstance(result, np.ndarray):
            return result
        count[0] += product and result.ndim >= 2 and min(result.shape[-2:]) > 1
        return result.view(Watched)

    watched = [J.view(Watched) for J in jacobians]
    forward = g is None
    result = student.jvp_chain(watched, v.view(Watched)) if forward else student.vjp_chain(g.view(Watched), watched)
    return {"result": plain(result), "matrix-matrix products": int(count[0])}


def jvp_last_jacobian_first(jacobians, v):
    for J in reversed(jacobians):
        v = J @ v
    return v


def jvp_transposed(jacobians, v):
    for J in jacobians:
        v = J.T @ v
    return v


def jvp_matrices_first(jacobians, v):
    total = jacobians[0]
    for J in jacobians[1:]:
        total = J @ total
    return total @ v


def jvp_total_jacobian(jacobians, v):
    total = jacobians[0]
    for J in jacobians[1:]:
        total = J @ total
    return total


def jvp_first_jacobian_only(jacobians, v):
    return jacobians[0] @ v


def jvp_list_emptied(jacobians, v):
    while jacobians:
        v = jacobians.pop(0) @ v
    return v


def jvp_as_one_number(jacobians, v):
    for J in jacobians:
        v = J @ v
    return v.sum()


JVP_CHAIN = Exercise(
    reference.jvp_chain,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="two small Jacobians", arguments=small_tangent),
                Case(label="three random Jacobians", arguments=random_tangent, draws=3),
                Case(label="square Jacobians", arguments=square_tangent, draws=2),
            ],
            hint="follow v: which Jacobian can it meet first, and what does it become?",
        ),
        Aspect(
            "order",
            [
                Case(label="order of two products", arguments=small_tangent, probe=count_matrix_products),
                Case(
                    label="order of three products",
                    arguments=random_tangent,
                    probe=count_matrix_products,
                    draws=2,
                ),
                Case(label="order of five products", arguments=long_tangent, probe=count_matrix_products),
            ],
            hint="put the brackets so that a vector takes part in every product.",
        ),
    ],
    misconceptions=[
        Misconception(
            jvp_last_jacobian_first,
            cause="The Jacobians are applied from last to first; a tangent travels forward.",
            next_step="which Jacobian has as many columns as v has entries?",
            loses=("values", "order"),
        ),
        Misconception(
            jvp_transposed,
            cause="The Jacobians are transposed, which is for gradients; a tangent meets them as they are.",
            next_step="what does J v mean for a small step v of the input?",
            loses=("values", "order"),
        ),
        Misconception(
            jvp_matrices_first,
            cause="Matrices are multiplied with matrices before v comes in.",
            next_step="how can you place the brackets so that each product has a vector in it?",
            loses=("order",),
        ),
        Misconception(
            jvp_total_jacobian,
            cause="The whole Jacobian is returned, v is never used.",
            next_step="what shape should the result have?",
            loses=("values", "order"),
        ),
        Misconception(
            jvp_first_jacobian_only,
            cause="Only the first Jacobian is applied.",
            next_step="what happens to the result of J_1 v?",
            loses=("values", "order"),
        ),
        Misconception(
            jvp_list_emptied,
            cause="The caller's list is emptied by pop.",
            next_step="how can you go through a list without changing it?",
        ),
        Misconception(
            jvp_as_one_number,
            cause="The outputs are summed; a tangent has one entry for each output.",
            next_step="what shape does J v have?",
            loses=("values", "order"),
        ),
    ],
)


def small_cotangent(rng):
    jacobians = [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])]
    return {"g": np.array([1.0, 2.0]), "jacobians": jacobians}


def random_cotangent(rng):
    return {"g": rng.normal(size=2), "jacobians": jacobians_of(rng, 3, 5, 4, 2)}


def square_cotangent(rng):
    return {"g": rng.normal(size=3), "jacobians": jacobians_of(rng, 3, 3, 3, 3)}


def long_cotangent(rng):
    return {"g": rng.normal(size=3), "jacobians": jacobians_of(rng, 4, 3, 5, 2, 4, 3)}


def vjp_first_jacobian_first(g, jacobians):
    for J in jacobians:
        g = g @ J
    return g


def vjp_not_transposed(g, jacobians):
    for J in reversed(jacobians):
        g = J @ g
    return g


def vjp_matrices_first(g, jacobians):
    total = jacobians[0]
    for J in jacobians[1:]:
        total = J @ total
    return g @ total


def vjp_total_jacobian(g, jacobians):
    total = jacobians[0]
    for J in jacobians[1:]:
        total = J @ total
    return total


def vjp_last_jacobian_only(g, jacobians):
    return g @ jacobians[-1]


def vjp_list_emptied(g, jacobians):
    while jacobians:
        g = g @ jacobians.pop()
    return g


def vjp_kept_as_a_row(g, jacobians):
    g = g[None, :]
    for J in jacobians[::-1]:
        g = g @ J
    return g


VJP_CHAIN = Exercise(
    reference.vjp_chain,
    aspects=[
        Aspect(
            "values",
            [
                Case(label="two small Jacobians", arguments=small_cotangent),
                Case(label="three random Jacobians", arguments=random_cotangent, draws=3),
                Case(label="square Jacobians", arguments=square_cotangent, draws=2),
            ],
            hint="follow g: which Jacobian can it meet first, and from which side?",
        ),
        Aspect(
            "order",
            [
                Case(label="order of two products", arguments=small_cotangent, probe=count_matrix_products),
                Case(
                    label="order of three products",
                    arguments=random_cotangent,
                    probe=count_matrix_products,
                    draws=2,
                ),
                Case(
                    label="order of five products",
                    arguments=long_cotangent,
                    probe=count_matrix_products,
                ),
            ],
            hint="put the brackets so that a vector takes part in every product.",
        ),
    ],
    misconceptions=[
        Misconception(
            vjp_first_jacobian_first,
            cause="The Jacobians are met from first to last; a gradient travels backward.",
            next_step="which Jacobian has as many rows as g has entries?",
            loses=("values", "order"),
        ),
        Misconception(
            vjp_not_transposed,
            cause="J g is computed; a gradient meets the Jacobian from the left, or its transpose.",
            next_step="which side of J has as many entries as g?",
            loses=("values", "order"),
        ),
        Misconception(
            vjp_matrices_first,
            cause="Matrices are multiplied with matrices before g comes in.",
            next_step="how can you place the brackets so that each product has a vector in it?",
            loses=("order",),
        ),
        Misconception(
            vjp_total_jacobian,
            cause="The whole Jacobian is returned, g is never used.",
            next_step="what shape should the result have?",
            loses=("values", "order"),
        ),
        Misconception(
            vjp_last_jacobian_only,
            cause="Only the last Jacobian is used.",
            next_step="what happens to the result of g J_n?",
            loses=("values", "order"),
        ),
        Misconception(
            vjp_list_emptied,
            cause="The caller's list is emptied by pop.",
            next_step="how can you go through a list without changing it?",
        ),
        Misconception(
            vjp_kept_as_a_row,
            cause="The result is a matrix of one row; in this course gradients of vectors are vectors.",
            next_step="what shape does g have?",
            loses=("values", "order"),
        ),
    ],
)

EXERCISES = (
    LINEAR_FORWARD,
    LINEAR_BACKWARD,
    ELEMENTWISE_JACOBIAN,
    RELU_VJP,
    TANH_VJP,
    SIGMOID_VJP,
    SOFTMAX_JACOBIAN,
    SOFTMAX_VJP,
    LEFT_PRODUCT_VJP,
    RIGHT_PRODUCT_VJP,
    UNBROADCAST,
    MULTIPLY_VJP,
    PRODUCT_POWER_VJP,
    MAX_VJP,
    THREE_LINEAR_GRADIENTS,
    JVP_CHAIN,
    VJP_CHAIN,
)
