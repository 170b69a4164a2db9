"""neuron: compute one neuron: the activation of the weighted sum of the inputs plus the bias."""

import numpy as np

from backprop_autograder import Case, Definition
from backprop_solutions.exercises.scalar_backprop.inputs import signed
from backprop_solutions.exercises.scalar_backprop.value import CLOSURES
from backprop_solutions.scalar_backprop import Value, neuron


def neuron_arguments(activation):
    """Return a function that draws a neuron of three inputs."""

    def arguments(rng):
        weights, inputs = [signed(rng) for _ in range(3)], [signed(rng) for _ in range(3)]
        z = float(np.dot(weights, inputs))
        # Between 0.3 and 1 in size: away from relu's kink, and where tanh and sigmoid are not flat.
        wanted = float(rng.choice([-1, 1]) * rng.uniform(0.3, 1))
        return {"weights": weights, "inputs": inputs, "bias": wanted - z, "activation": activation}

    return arguments


def neuron_data(student, weights, inputs, bias, activation):
    weights, bias = [student.Value(w) for w in weights], student.Value(bias)
    return float(student.neuron(weights, [student.Value(x) for x in inputs], bias, activation).data)


def neuron_of_numbers(student, weights, inputs, bias, activation):
    weights = [student.Value(w) for w in weights]
    return float(student.neuron(weights, inputs, student.Value(bias), activation).data)


def neuron_gradients(student, weights, inputs, bias, activation):
    weights, inputs = [student.Value(w) for w in weights], [student.Value(x) for x in inputs]
    bias = student.Value(bias)
    student.backward(student.neuron(weights, inputs, bias, activation))
    return {
        "weights": [float(w.grad) for w in weights],
        "inputs": [float(x.grad) for x in inputs],
        "bias": float(bias.grad),
    }


ACTIVATIONS = ("tanh", "relu", "sigmoid", "linear")

exercise = Definition(neuron)

exercise.aspect(
    "values",
    hint="first the weighted sum with its bias, then the activation, once.",
    cases=[
        *(
            Case(label=f"a {kind} neuron", arguments=neuron_arguments(kind), draws=2, probe=neuron_data)
            for kind in ACTIVATIONS
        ),
        Case(label="inputs that are numbers", arguments=neuron_arguments("tanh"), probe=neuron_of_numbers),
    ],
)

exercise.aspect(
    "gradients",
    hint="does every step from the weights to the result use operations of Value?",
    cases=[
        Case(
            label=f"gradients of a {kind} neuron",
            arguments=neuron_arguments(kind),
            draws=2,
            probe=neuron_gradients,
        )
        for kind in ACTIVATIONS
    ],
)

# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("values", "gradients")
def bias_forgotten(weights, inputs, bias, activation):
    """The bias takes no part.

    what does the neuron answer when all its inputs are 0?
    """
    z = sum(w * x for w, x in zip(weights, inputs, strict=True))
    return z if activation == "linear" else getattr(z, activation)()


@exercise.misconception("values", "gradients")
def bias_after_the_activation(weights, inputs, bias, activation):
    """The bias is added after the activation; it belongs into the sum.

    what is z, and where does the bias enter it?
    """
    z = sum(w * x for w, x in zip(weights, inputs, strict=True))
    return (z if activation == "linear" else getattr(z, activation)()) + bias


@exercise.misconception("values", "gradients")
def activation_of_every_product(weights, inputs, bias, activation):
    """The activation is applied to every product, not once to their sum.

    how many activations does one neuron have?
    """
    products = [w * x for w, x in zip(weights, inputs, strict=True)]
    return sum(p if activation == "linear" else getattr(p, activation)() for p in products) + bias


@exercise.misconception("values", "gradients")
def always_tanh(weights, inputs, bias, activation):
    """The activation is tanh whatever was asked for.

    what does the argument activation say?
    """
    return (sum(w * x for w, x in zip(weights, inputs, strict=True)) + bias).tanh()


@exercise.misconception("values", "gradients")
def sums_multiplied(weights, inputs, bias, activation):
    """Weights and inputs are summed before they are multiplied, so that pairs are lost.

    write out z for two inputs: how many products has it?
    """
    z = sum(weights) * sum(inputs) + bias
    return z if activation == "linear" else getattr(z, activation)()


@exercise.misconception("gradients")
def graph_cut_off(weights, inputs, bias, activation):
    """The sum is computed from .data, so the result does not know its weights.

    what if Values themselves are multiplied and added?
    """
    z = bias.data + sum(w.data * getattr(x, "data", x) for w, x in zip(weights, inputs, strict=True))
    return Value(z) if activation == "linear" else getattr(Value(z), activation)()


@exercise.misconception("values", "gradients")
def bias_for_every_input(weights, inputs, bias, activation):
    """The bias is added once for every input.

    is the bias inside or outside the sum over the inputs?
    """
    z = sum(w * x + bias for w, x in zip(weights, inputs, strict=True))
    return z if activation == "linear" else getattr(z, activation)()


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def neuron_by_cases(weights, inputs, bias, activation):
    z = bias
    for k in range(len(weights)):
        z = z + inputs[k] * weights[k]
    if activation == "tanh":
        return z.tanh()
    if activation == "relu":
        return z.relu()
    if activation == "sigmoid":
        return z.sigmoid()
    return z


@exercise.alternative
def neuron_by_table(weights, inputs, bias, activation):
    z = sum([w * x for w, x in zip(weights, inputs, strict=True)], bias)
    functions = {"tanh": lambda: z.tanh(), "relu": lambda: z.relu(), "sigmoid": lambda: z.sigmoid()}
    return functions.get(activation, lambda: z + 0)()


@exercise.alternative
def neuron_from_exponentials(weights, inputs, bias, activation):
    z = sum(x * w for x, w in zip(inputs, weights, strict=True)) + bias
    if activation == "sigmoid":
        return 1 / (1 + (-z).exp())
    if activation == "tanh":
        return 2 / (1 + (z * -2).exp()) - 1
    return z.relu() if activation == "relu" else z


exercise.alternative({"neuron": neuron_by_cases, **CLOSURES})
