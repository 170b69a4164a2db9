"""neuron: compute one neuron: the activation of the weighted sum of the inputs plus the bias."""

from backprop_autograder import Definition, script
from backprop_solutions.exercises.scalar_backprop.engines import CLOSURES
from backprop_solutions.exercises.scalar_backprop.inputs import signed
from backprop_solutions.scalar_backprop import Value, neuron

THREE_INPUTS = "w = [Value($u), Value($v), Value($w)]\nx = [Value($x), Value($y), Value($z)]\nb = Value($b)\n"
NUMBERS = "w = [Value($u), Value($v), Value($w)]\nx = [$x, $y, $z]\nb = Value($b)\n"
ACTIVATIONS = ("linear", "tanh", "sigmoid", "relu")


def three_inputs(rng):
    """Draw a neuron whose sum lies between 0.3 and 1 in size: off relu's kink, where tanh and sigmoid are not flat."""
    numbers = {name: round(signed(rng), 3) for name in "uvwxyz"}
    products = sum(numbers[w] * numbers[x] for w, x in zip("uvw", "xyz", strict=True))
    return numbers | {"b": rng.choice([-1, 1]) * rng.uniform(0.3, 1) - products}


exercise = Definition(neuron)

values = exercise.aspect("values", hint="first the weighted sum with its bias, then the activation, once.")
gradients = exercise.aspect("gradients", hint="does every step from the weights to the result use operations of Value?")
for kind in ACTIVATIONS:
    line = f'n = neuron(w, x, b, "{kind}")'
    values.add(script(f"a {kind} neuron", THREE_INPUTS + line, "n.data", draw=three_inputs, draws=2))
    gradients.add(
        script(
            f"gradients of a {kind} neuron",
            f"{THREE_INPUTS}{line}\nbackward(n)",
            *("[v.grad for v in w]", "[v.grad for v in x]", "b.grad"),
            draw=three_inputs,
            draws=2,
        )
    )
values.add(
    script("inputs that are numbers", f'{NUMBERS}n = neuron(w, x, b, "tanh")', "n.data", draw=three_inputs),
    script(
        "a neuron with one input",
        'w, b = Value($u), Value(0.1)\nn = neuron([w], [$x], b, "linear")',
        *("n.data", "w.data", "b.data"),
        draw=three_inputs,
    ),
)

# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "bias_forgotten",
    ("bias + sum", "sum"),
    cause="The bias takes no part.",
    next_step="what does the neuron answer when all its inputs are 0?",
    loses=("values", "gradients"),
)


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
def last_input_left_out(weights, inputs, bias, activation):
    """The last weight takes no part: the loop ends one too early.

    how many products has the sum with three weights?
    """
    z = bias
    for k in range(len(weights) - 1):
        z = z + weights[k] * inputs[k]
    return z if activation == "linear" else getattr(z, activation)()


@exercise.misconception("values", "gradients")
def no_activation(weights, inputs, bias, activation):
    """The sum is returned without its activation.

    what does the argument activation say?
    """
    return bias + sum(w * x for w, x in zip(weights, inputs, strict=True))


@exercise.misconception("values", "gradients")
def bias_subtracted(weights, inputs, bias, activation):
    """The bias is subtracted, as a threshold would be.

    which sign does the bias have in the formula of z?
    """
    z = sum(w * x for w, x in zip(weights, inputs, strict=True)) - bias
    return z if activation == "linear" else getattr(z, activation)()


exercise.slip(
    "bias_for_every_input",
    ("bias + sum(w * x for", "sum(w * x + bias for"),
    cause="The bias is added once for every input.",
    next_step="is the bias inside or outside the sum over the inputs?",
    loses=("values", "gradients"),
)
exercise.slip(
    "linear_called_as_a_method",
    ('z if activation == "linear" else getattr(z, activation)()', "getattr(z, activation)()"),
    cause="There is no method called linear: a linear neuron returns its sum.",
    next_step="what is f(z) if there is no activation?",
    loses=("values", "gradients"),
)
exercise.slip(
    "data_of_the_weights_alone",
    ("bias + sum(w * x for", "bias.data + sum(w.data * x for"),
    ("z if activation", "Value(z) if activation"),
    ("getattr(z,", "getattr(Value(z),"),
    cause="The sum takes .data of the weights; numbers know no graph, and inputs may be Values, too.",
    next_step="what if Values themselves are multiplied and added?",
    loses=("values", "gradients"),
)


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
