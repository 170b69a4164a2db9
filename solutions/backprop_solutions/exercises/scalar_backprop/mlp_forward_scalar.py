"""mlp_forward_scalar: run a multilayer perceptron forward by loops."""

import math

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.scalar_backprop.inputs import network, signed
from backprop_solutions.scalar_backprop import mlp_forward_scalar


def forward_arguments(*sizes):
    """Return a function that draws an input and a network."""

    def arguments(rng):
        return {"x": [round(signed(rng), 3) for _ in range(sizes[0])], **network(rng, sizes)}

    return arguments


exercise = Definition(mlp_forward_scalar, ("zs ys", "layer {}"))

exercise.aspect(
    "values",
    hint="compute the first unit of the first layer by hand and compare.",
    cases=[
        Case(label="one layer", arguments=forward_arguments(3, 2)),
        Case(label="two layers", arguments=forward_arguments(4, 3, 2), draws=3),
        Case(label="three layers", arguments=forward_arguments(2, 4, 3, 5), draws=2),
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception()
def tanh_at_the_output(x, weights, biases):
    """The output layer is linear here, but tanh was applied to it.

    which values can tanh never reach, and may a target be there?
    """
    zs, ys, y = [], [], x
    for W, b in zip(weights, biases, strict=True):
        z = [b[j] + sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(b))]
        y = [float(np.tanh(z_j)) for z_j in z]
        zs.append(z)
        ys.append(y)
    return zs, ys


@exercise.misconception()
def weight_indices_swapped(x, weights, biases):
    """The indices are swapped: weights[k][i][j] leads from input i to unit j.

    how many rows has weights[0] with 4 inputs and 3 units?
    """
    zs, ys, y = [], [], x
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[j][i] * y[i] for i in range(len(y))) for j in range(len(b))]
        y = [float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z
        zs.append(z)
        ys.append(y)
    return zs, ys


@exercise.misconception()
def printed_index(x, weights, biases):
    """The sum over i multiplies by y_j, as one of CMU's slides prints.

    which index must change within the sum?
    """
    zs, ys, y = [], [], x
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[i][j] * y[j] for i in range(len(y))) for j in range(len(b))]
        y = [float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z
        zs.append(z)
        ys.append(y)
    return zs, ys


@exercise.misconception()
def biases_left_out(x, weights, biases):
    """The biases take no part.

    what is z when every input is 0?
    """
    zs, ys, y = [], [], x
    for k, W in enumerate(weights):
        z = [sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(W[0]))]
        y = [float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z
        zs.append(z)
        ys.append(y)
    return zs, ys


@exercise.misconception()
def next_layer_reads_z(x, weights, biases):
    """The next layer reads z of the layer below instead of y.

    what is depth worth if no layer sees a tanh?
    """
    zs, ys, below = [], [], x
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[i][j] * below[i] for i in range(len(below))) for j in range(len(b))]
        zs.append(z)
        ys.append([float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z)
        below = z
    return zs, ys


@exercise.misconception()
def every_layer_reads_x(x, weights, biases):
    """Every layer reads the network's input; only the first one should.

    what is the input of layer 2?
    """
    zs, ys = [], []
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[i][j] * x[i] for i in range(len(W))) for j in range(len(b))]
        zs.append(z)
        ys.append([float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z)
    return zs, ys


@exercise.misconception()
def input_among_the_activations(x, weights, biases):
    """The input x is returned as if it were a layer's activation.

    how many lists does a network of two layers return as ys?
    """
    zs, ys = [], [list(x)]
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        y = ys[-1]
        z = [b[j] + sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(b))]
        zs.append(z)
        ys.append([float(np.tanh(z_j)) for z_j in z] if k < len(weights) - 1 else z)
    return zs, ys


@exercise.misconception()
def sigmoid_for_tanh(x, weights, biases):
    """The hidden units use the sigmoid; tanh is asked for.

    what are tanh(0) and sigmoid(0)?
    """
    zs, ys, y = [], [], x
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = [b[j] + sum(W[i][j] * y[i] for i in range(len(y))) for j in range(len(b))]
        y = [float(1 / (1 + np.exp(-z_j))) for z_j in z] if k < len(weights) - 1 else z
        zs.append(z)
        ys.append(y)
    return zs, ys


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def forward_by_matrices(x, weights, biases):
    zs, ys, y = [], [], np.array(x)
    for k, (W, b) in enumerate(zip(weights, biases, strict=True)):
        z = y @ np.array(W) + np.array(b)
        y = np.tanh(z) if k + 1 < len(weights) else z.copy()
        zs.append(z)
        ys.append(y)
    return [zs, ys]


@exercise.alternative
def forward_by_explicit_loops(x, weights, biases):
    zs, ys = [], []
    for k in range(len(weights)):
        below = ys[-1] if ys else x
        zs.append([])
        for j in range(len(biases[k])):
            total = biases[k][j]
            for i in range(len(below)):
                total += weights[k][i][j] * below[i]
            zs[-1].append(total)
        ys.append(zs[-1] if k == len(weights) - 1 else [math.tanh(z) for z in zs[-1]])
    return zs, ys


@exercise.alternative
def forward_by_recursion(x, weights, biases):
    columns = list(zip(*weights[0], strict=True))
    z = [b + math.fsum(w * y for w, y in zip(c, x, strict=True)) for b, c in zip(biases[0], columns, strict=True)]
    if len(weights) == 1:
        return [z], [z]
    y = [math.tanh(value) for value in z]
    zs, ys = forward_by_recursion(y, weights[1:], biases[1:])
    return [z, *zs], [y, *ys]
