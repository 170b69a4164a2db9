"""Sequential: a module that is a chain of modules."""

from itertools import pairwise

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.autodiff import Sequential
from backprop_solutions.exercises.autodiff.inputs import signed


def one_pass(student, X, matrices, G):
    log = []

    class Step:  # tanh(X M): no two of them can change places
        def __init__(self, name, M):
            self.name, self.M = name, M

        def fprop(self, X):
            log.append(f"fprop {self.name}")
            self.Y = np.tanh(X @ self.M)
            return self.Y

        def bprop(self, G):
            log.append(f"bprop {self.name}")
            return (G * (1 - self.Y**2)) @ self.M.T

    chain = student.Sequential([Step(k, M) for k, M in enumerate(matrices)])
    Y = chain.fprop(X)
    return {"Y": Y, "dX": chain.bprop(G), "calls": log}


def two_passes(student, X, matrices, G):
    log = []

    class Step:
        def __init__(self, name, M):
            self.name, self.M = name, M

        def fprop(self, X):
            log.append(f"fprop {self.name}")
            self.Y = np.tanh(X @ self.M)
            return self.Y

        def bprop(self, G):
            log.append(f"bprop {self.name}")
            return (G * (1 - self.Y**2)) @ self.M.T

    chain = student.Sequential([Step(k, M) for k, M in enumerate(matrices)])
    chain.fprop(2 * X)
    chain.bprop(G)
    chain.bprop(G)
    Y = chain.fprop(X)
    return {"Y": Y, "dX": chain.bprop(G), "calls": log}


def chain_in_a_chain(student, X, matrices, G):
    class Step:
        def __init__(self, M):
            self.M = M

        def fprop(self, X):
            self.Y = np.tanh(X @ self.M)
            return self.Y

        def bprop(self, G):
            return (G * (1 - self.Y**2)) @ self.M.T

    first, *others = [Step(M) for M in matrices]
    chain = student.Sequential([first, student.Sequential(others)])
    Y = chain.fprop(X)
    return {"Y": Y, "dX": chain.bprop(G)}


def every_call_differs(student, X, matrices, G, factors):
    class Step:  # whoever calls a method once more than needed gets another number
        def __init__(self, M):
            self.M = M

        def fprop(self, X):
            self.Y = np.tanh(X @ self.M) * factors.pop()
            return self.Y

        def bprop(self, G):
            return (G * factors.pop()) @ self.M.T

    chain = student.Sequential([Step(M) for M in matrices])
    Y = chain.fprop(X)
    return {"Y": Y, "dX": chain.bprop(G), "factors left": len(factors)}


def chain_of(*sizes):
    """Return a function that draws a batch of three rows, the matrices between layers of these sizes, and G."""

    def arguments(rng):
        matrices = [signed(rng, *pair) / 2 for pair in pairwise(sizes)]
        return {"X": signed(rng, 3, sizes[0]), "matrices": matrices, "G": signed(rng, 3, sizes[-1])}

    return arguments


exercise = Definition(Sequential)

values = exercise.aspect("values", hint="what does each module hand to the next one, there and back?")
values.case("two modules", draws=2, probe=one_pass)(chain_of(2, 4, 5))
values.case("two modules of one width", draws=2, probe=one_pass)(chain_of(2, 2, 2))
values.case("one module", probe=one_pass)(chain_of(2, 4))
values.case("four modules", draws=2, probe=one_pass)(chain_of(4, 2, 5, 3, 2))
values.case("a chain that is used again", draws=2, probe=two_passes)(chain_of(2, 2, 2, 2))
values.case("a chain in a chain", probe=chain_in_a_chain)(chain_of(2, 4, 5, 3))


@values.case("modules that answer differently each time", probe=every_call_differs, visible=False)
def changing_modules(rng):
    return {**chain_of(4, 2, 5, 3, 2)(rng), "factors": rng.uniform(0.5, 2.0, size=12).tolist()}


# --- wrong answers ----------------------------------------------------------------------------------

FORWARD = "            X = module.fprop(X)\n        return X"
BACK = "            G = module.bprop(G)\n        return G"
exercise.slip(
    "back_in_the_same_order",
    ("reversed(self.modules)", "self.modules"),
    cause="The way back begins with the first module; its output's gradient is not known yet.",
    next_step="G belongs to the output of which module?",
)
exercise.slip(
    "every_module_reads_the_input",
    (FORWARD, "            Y = module.fprop(X)\n        return Y"),
    cause="Every module gets the input of the chain, not what the one before put out.",
    next_step="what should the second module's fprop be called with?",
)
exercise.slip(
    "every_module_gets_the_last_gradient",
    (BACK, "            dX = module.bprop(G)\n        return dX"),
    cause="Every module gets the gradient of the chain's output, not its own.",
    next_step="what does the last module's bprop return, and who needs it?",
)
exercise.slip(
    "list_turned_round_for_good",
    (
        "        for module in reversed(self.modules):",
        "        self.modules.reverse()\n        for module in self.modules:",
    ),
    cause="The list itself is turned round: the next call runs backwards.",
    next_step="how is a list read in reverse and left alone?",
)
exercise.slip(
    "modules_used_up",
    (
        "        for module in reversed(self.modules):\n            G = module.bprop(G)\n        return G",
        "        while self.modules:\n            G = self.modules.pop().bprop(G)\n        return G",
    ),
    cause="bprop takes the modules out of the list: a second call finds none.",
    next_step="how can a list be run through without being emptied?",
)
exercise.slip(
    "first_module_left_out",
    ("reversed(self.modules)", "self.modules[:0:-1]"),
    cause="The way back ends before the first module.",
    next_step="for which index does your loop run last?",
)
exercise.slip(
    "last_module_left_out",
    ("for module in self.modules:", "for module in self.modules[:-1]:"),
    cause="The way forward ends before the last module.",
    next_step="for which index does your loop run last?",
)
exercise.slip(
    "ends_after_one_module",
    (FORWARD, "            X = module.fprop(X)\n            return X"),
    cause="return stands in the loop of fprop, which ends after one module.",
    next_step="at which indentation does the loop end?",
)
exercise.slip(
    "way_back_ends_after_one_module",
    (BACK, "            G = module.bprop(G)\n            return G"),
    cause="return stands in the loop of bprop, which ends after one module.",
    next_step="at which indentation does the loop end?",
)
exercise.slip(
    "all_outputs_returned",
    (
        "        for module in self.modules:\n            X = module.fprop(X)\n        return X",
        "        outputs = []\n        for module in self.modules:\n            X = module.fprop(X)\n"
        "            outputs.append(X)\n        return outputs",
    ),
    cause="fprop returns the outputs of all modules; the last one's is asked for.",
    next_step="what would the next module be given?",
)
exercise.slip(
    "gradients_added",
    (BACK, "            G = G + module.bprop(G)\n        return G"),
    cause="Gradients before and after a module are added, as if a way led around it.",
    next_step="how many ways lead through a chain?",
)
exercise.slip(
    "forward_again_on_the_way_back",
    ("G = module.bprop(G)", "G = module.fprop(G)"),
    cause="bprop runs the modules forward on the gradient.",
    next_step="which method of a module takes a gradient?",
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
class SequentialByReduce:
    def __init__(self, modules):
        self.modules = modules

    def fprop(self, X):
        from functools import reduce

        return reduce(lambda value, module: module.fprop(value), self.modules, X)

    def bprop(self, G):
        from functools import reduce

        return reduce(lambda value, module: module.bprop(value), self.modules[::-1], G)


@exercise.alternative
class SequentialByRecursion:
    def __init__(self, modules):
        self.modules = modules

    def fprop(self, X, k=0):
        return X if k == len(self.modules) else self.fprop(self.modules[k].fprop(X), k + 1)

    def bprop(self, G, k=0):
        return G if k == len(self.modules) else self.modules[k].bprop(self.bprop(G, k + 1))


@exercise.alternative
class SequentialByIndex:
    def __init__(self, modules):
        self.modules = tuple(modules)

    def fprop(self, X):
        values = [X]
        for k in range(len(self.modules)):
            values.append(self.modules[k].fprop(values[k]))
        return values[-1]

    def bprop(self, G):
        k = len(self.modules) - 1
        while k >= 0:
            G, k = self.modules[k].bprop(G), k - 1
        return G
