"""mlp_backward_scalar: run the same perceptron backward by loops: gradients of 1/2 sum_j (y_j - target_j)^2."""

import math

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.scalar_backprop.engines import LazyValue, lazy_backward
from backprop_solutions.exercises.scalar_backprop.inputs import network, signed
from backprop_solutions.exercises.scalar_backprop.mlp_forward_scalar import forward_by_explicit_loops
from backprop_solutions.scalar_backprop import mlp_backward_scalar


def backward_arguments(*sizes):
    """Return a function that draws an input, a network and a target."""

    def arguments(rng):
        x = [round(signed(rng), 3) for _ in range(sizes[0])]
        return {"x": x, **network(rng, sizes), "target": [round(signed(rng), 3) for _ in range(sizes[-1])]}

    return arguments


exercise = Definition(mlp_backward_scalar, ("dweights dbiases", "layer {}"))

exercise.aspect(
    "values",
    hint="which of the three steps of a layer (through f, into the weights, to the layer below) differs first?",
    cases=[
        Case(label="one layer", arguments=backward_arguments(3, 2)),
        Case(label="two layers", arguments=backward_arguments(4, 3, 2), draws=3),
        Case(label="three layers", arguments=backward_arguments(2, 4, 3, 5), draws=2),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


exercise.slip(
    "derivative_taken_at_y",
    ("(1 - y**2) * g", "float(1 - np.tanh(y) ** 2) * g"),
    cause="tanh's derivative is evaluated at y=tanh(z); it belongs at z.",
    next_step="how does tanh'(z) read in terms of y?",
)
exercise.slip(
    "output_treated_as_tanh",
    ("[y - d for", "[(1 - y**2) * (y - d) for"),
    cause="A factor 1 - y^2 is applied at the output layer too, which is linear.",
    next_step="what is dy/dz where y = z?",
)
exercise.slip(
    "activation_skipped",
    ("dz = [(1 - y**2) * g for y, g in zip(below, dy, strict=True)]", "dz = dy"),
    cause="The derivative of tanh is missing at hidden units.",
    next_step="what lies between dDiv/dy and dDiv/dz there?",
)
exercise.slip(
    "error_sign_flipped",
    ("[y - d for", "[d - y for"),
    cause="The sign is flipped: the derivative is y-d, not d-y.",
    next_step="if y is too large, does the loss rise with it?",
)
exercise.slip(
    "half_forgotten",
    ("[y - d for", "[2 * (y - d) for"),
    cause="The 1/2 in the loss cancels the 2 of the derivative; here it stays.",
    next_step="differentiate 1/2 (y-d)^2 on paper.",
)
exercise.slip(
    "weights_not_used_on_the_way",
    ("sum(w * g for", "sum(g for"),
    cause="On the way down, gradients are not weighted by the connections.",
    next_step="by how much does z_j change with y_i?",
)
exercise.slip(
    "weight_gradient_from_z",
    ("ys = mlp_forward_scalar(x, weights, biases)[1]", "zs, ys = mlp_forward_scalar(x, weights, biases)"),
    ("for y in below])", "for y in (zs[k - 1] if k > 0 else x)])"),
    cause="A weight's gradient takes z of the layer below, not y.",
    next_step="which number did w_ij multiply?",
)
exercise.slip(
    "gradient_transposed",
    ("[[y * g for g in dz] for y in below]", "[[y * g for y in below] for g in dz]"),
    cause="The weight gradients are laid out as [j][i], weights as [i][j].",
    next_step="how many rows has dweights[0], and how many has weights[0]?",
)

exercise.slip(
    "slope_of_tanh_from_z",
    ("ys = mlp_forward_scalar(x, weights, biases)[1]", "zs, ys = mlp_forward_scalar(x, weights, biases)"),
    ("zip(below, dy, strict=True)]", "zip(zs[k - 1] if k > 0 else x, dy, strict=True)]"),
    cause="1 - y^2 is the derivative of tanh with y for its result; z was put in.",
    next_step="which of the two lists of the forward pass holds the results of tanh?",
)
exercise.slip(
    "last_layer_first",
    ("dweights.insert(0, ", "dweights.append("),
    ("dbiases.insert(0, ", "dbiases.append("),
    cause="The layers are returned in the order of the sweep, the last one first.",
    next_step="which layer's gradients belong at place 0?",
)
exercise.slip(
    "weights_of_the_last_layer_first",
    ("dweights.insert(0, ", "dweights.append("),
    cause="The weights' gradients are returned in the order of the sweep, the last layer first.",
    next_step="which layer's gradients belong at place 0?",
)
exercise.slip(
    "bias_before_the_activation",
    ("dbiases.insert(0, dz)", "dbiases.insert(0, dz if k == len(weights) - 1 else dy)"),
    cause="The bias of a hidden layer takes dDiv/dy; it belongs into z, before the activation.",
    next_step="which derivative arrives at the sum z?",
)
exercise.slip(
    "own_output_for_the_input",
    ("[[y * g for g in dz] for y in below]", "[[y * g for g in dz] for y in ys[k]]"),
    cause="A weight's gradient takes the layer's own output; the weight multiplied the layer below.",
    next_step="which number did w_ij multiply?",
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def backward_by_matrices(x, weights, biases, target):
    ys = [np.array(y) for y in forward_by_explicit_loops(x, weights, biases)[1]]
    inputs = [np.array(x), *ys[:-1]]
    dz = ys[-1] - np.array(target)
    dweights, dbiases = [], []
    for k in range(len(weights) - 1, -1, -1):
        dweights.append(np.outer(inputs[k], dz))
        dbiases.append(dz)
        dz = (np.array(weights[k]) @ dz) * (1 - inputs[k] ** 2)
    return [W.tolist() for W in dweights[::-1]], dbiases[::-1]


@exercise.alternative
def backward_by_recursion(x, weights, biases, target):
    def below(y, k):
        z = [b + sum(y[i] * weights[k][i][j] for i in range(len(y))) for j, b in enumerate(biases[k])]
        if k == len(weights) - 1:
            dz = [z_j - d for z_j, d in zip(z, target, strict=True)]
        else:
            g = below([math.tanh(z_j) for z_j in z], k + 1)
            dz = [g_j / math.cosh(z_j) ** 2 for g_j, z_j in zip(g, z, strict=True)]
        dbiases[k] = dz
        dweights[k] = [[y_i * g for g in dz] for y_i in y]
        return [sum(w * g for w, g in zip(row, dz, strict=True)) for row in weights[k]]

    dweights, dbiases = [None] * len(weights), [None] * len(biases)
    below(x, 0)
    return [dweights, dbiases]


@exercise.alternative
def backward_by_the_engine(x, weights, biases, target):
    W = [[[LazyValue(w) for w in row] for row in layer] for layer in weights]
    b = [[LazyValue(value) for value in layer] for layer in biases]
    y = x
    for k in range(len(W)):
        z = [sum((W[k][i][j] * y[i] for i in range(len(y))), b[k][j]) for j in range(len(b[k]))]
        y = [value.tanh() for value in z] if k < len(W) - 1 else z
    lazy_backward(sum((o - d) ** 2 for o, d in zip(y, target, strict=True)) / 2)
    return [[[w.grad for w in row] for row in layer] for layer in W], [[v.grad for v in layer] for layer in b]


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("biases)[-1]", reason="the second of two results is the last")
