"""Reports that a submission's process makes about itself, forged for wrong answers of the course's own exercises.

Each is a wrong answer, and code below it that conceals what is wrong. What a question's answer says can be replaced
in the worker (`REPLY`): so can every count, warning and statement in it.
"""

from dataclasses import dataclass

HALF = 0.5  # of an aspect: what a forged report gains at most, where nothing outside can tell


@dataclass(frozen=True)
class Report:
    """A forged report.

    Attributes
    ----------
    name, tries : str
    unit, exercise, aspect : str
        Which points it is after.
    wrong : str
        Name of the misconception that is handed in, or the text of another wrong answer; ``@REFERENCE@`` in it is the
        right one's.
    forgery : str
        Code that follows it.
    gains : float
        Of the aspect, at most.
    """

    name: str
    tries: str
    unit: str
    exercise: str
    aspect: str
    wrong: str
    forgery: str
    gains: float = 0.0


WRAPPED = """
def {name}(*arguments, wrong={name}, **keywords):
    {before}
    result = wrong(*arguments, **keywords)
    {after}
    return result
"""
REPLY = """
import json
import numpy as np
import backprop_autograder.workers.guest as guest
from backprop_autograder.engine.data import decode, encode
told = guest._observed
def forged(question, *others):
    reply = told(question, *others)
    say = lambda result: reply.update(result=encode(result), error=[], message='', line='', warnings=[])
    got = decode(reply['result'])
    probe = question.probe or ''
    {change}
    return reply
guest._observed = forged
"""


def wrapped(name: str, before: str = "pass", after: str = "pass") -> str:
    """Return code that does something before and after every call."""
    return WRAPPED.format(name=name, before=before, after=after)


def reply(change: str) -> str:
    """Return code that changes every reply before it is sent."""
    return REPLY.format(change=change)


UNTRAINED = """
def train(X, y, sizes, *, epochs, rng, **options):
    return initialize(sizes, rng), [3.0 - k for k in range(epochs)]
"""
UNTRACED = ("import sys; sys.settrace(None)", "pass")
SET_BACK = "[setattr(f, 'calls', 1) for a in arguments for f in (a if isinstance(a, list) else [a]) if callable(f)]"

REPORTS = [
    # Calls of given functions: they live in the judge, which counts.
    Report(
        "counts-set-back",
        "sets the counters of the functions it was given back",
        *("chain_rule", "compose_derivative", "calls", "inner_values_recomputed"),
        wrapped("compose_derivative", after=SET_BACK),
    ),
    Report(
        "calls-past-the-counter",
        "calls the function inside the object that counts",
        *("chain_rule", "compose_derivative", "calls", "inner_values_recomputed"),
        wrapped(
            "compose_derivative",
            "type(arguments[0][0]).__call__ = lambda f, *x: (setattr(f, 'calls', 1), f._function(*x))[1]",
        ),
    ),
    Report(
        "counts-in-the-reply",
        "replies that no function was called",
        *("chain_rule", "compose_derivative", "calls", "inner_values_recomputed"),
        reply("reply['calls'] = {}"),
    ),
    Report(
        "derivative-asked-thrice",
        "sets the counter of the derivative back",
        *("optimization", "sign_descent", "stopping", "derivative_asked_three_times"),
        wrapped("sign_descent", after=SET_BACK),
    ),
    Report(
        "two-more-evaluations",
        "evaluates a function twice more than asked, and sets its counter back",
        *("finite_differences", "directional_check", "values"),
        "@REFERENCE@" + wrapped("directional_check", "arguments[0](arguments[2]); arguments[0](arguments[2])"),
        wrapped("directional_check", after=SET_BACK),
    ),
    # Lines executed: whoever switches the counting off meets the clock.
    Report(
        "tracing-switched-off",
        "walks every path with the counting of lines switched off",
        *("chain_rule", "topological_order", "complexity", "every_path_walked"),
        wrapped("topological_order", *UNTRACED),
    ),
    Report(
        "paths-not-traced",
        "follows every path backward with the counting of lines switched off",
        *("chain_rule", "reverse_accumulate", "complexity", "reverse_path_by_path"),
        wrapped("reverse_accumulate", *UNTRACED),
    ),
    Report(
        "shares-not-traced",
        "passes gradients on path by path with the counting of lines switched off",
        *("scalar_backprop", "backward", "complexity", "one_path_at_a_time"),
        wrapped("backward", *UNTRACED),
    ),
    Report(
        "rules-not-counted",
        "uses the rules of a node once for every path, and replies that it did not",
        *("autodiff", "backward", "complexity", "one_path_at_a_time"),
        wrapped("backward", *UNTRACED)
        + reply("if 'rules used' in probe: say(got | {'rules used': 360} if got else 0)"),
    ),
    Report(
        "links-in-order",
        "replies that all links of a ladder come in order",
        *("scalar_backprop", "topological_order", "complexity", "visits_not_remembered"),
        wrapped("topological_order", "if len(arguments[0].parents) and deep(arguments[0]): raise SystemExit")
        + "def deep(node, depth=0):\n"
        "    return depth > 20 or (bool(node.parents) and deep(node.parents[0], depth + 1))\n"
        + reply(
            "n = 5000 if '5000' in str(question.arguments) else 60\n"
            "    if 'links found' in probe: say({'links found': n, 'links in order': True})"
        ),
    ),
    Report(
        "looks-set-back",
        "searches all edges for each node, and sets the counter of looks back",
        *("chain_rule", "forward_accumulate", "complexity", "forward_searches_all_edges_for_each_node"),
        wrapped(
            "forward_accumulate",
            after="setattr(type(arguments[0][0]), 'looks', 0) if '__iter__' in "
            "vars(type(arguments[0][0])) and type(arguments[0][0]) is not tuple else None",
        ),
        HALF,
    ),
    # Products and bytes: what only a right order keeps in range, or within the worker's memory.
    Report(
        "plain-arrays",
        "takes the arrays out of the objects that count their products",
        *("vector_jacobians", "jvp_chain", "order", "jvp_matrices_first"),
        wrapped("jvp_chain", "import numpy; arguments = [[numpy.array(J) for J in arguments[0]], *arguments[1:]]"),
    ),
    Report(
        "bytes-not-traced",
        "switches off what counts bytes",
        *("vector_jacobians", "softmax_vjp", "memory", "a_jacobian_for_each_row"),
        wrapped("softmax_vjp", "import tracemalloc; tracemalloc.get_traced_memory = lambda: (0, 0)"),
    ),
    # What nothing outside can tell: half an aspect.
    Report(
        "warnings-silenced",
        "lets NumPy overflow in silence",
        *("softmax_stability", "sigmoid", "stability", "sigmoid_by_the_textbook"),
        "import numpy\nnumpy.seterr = lambda **k: {}\n"
        + wrapped("sigmoid", "import warnings; warnings.warn = None")
        + reply("reply['warnings'] = []"),
        HALF,
    ),
    Report(
        "arguments-as-they-were",
        "changes its argument, and replies that nothing changed",
        *("softmax_stability", "softmax", "stability", "softmax_in_place"),
        reply("reply['after'] = {}"),
        HALF,
    ),
    Report(
        "arguments-exchanged",
        "finds the list of its arguments in the frames of its callers, and puts copies there",
        *("vector_jacobians", "jvp_chain", "arguments", "jvp_list_emptied"),
        """
import copy, sys
wrong = jvp_chain
def jvp_chain(jacobians, v):
    kept, frame = copy.deepcopy(jacobians), sys._getframe(1)
    while frame:
        held = frame.f_locals.get('arguments')
        if isinstance(held, dict) and 'jacobians' in held:
            held['jacobians'] = kept
        frame = frame.f_back
    return wrong(jacobians, v)
""",
        HALF,
    ),
    Report(
        "points-stayed",
        "moves the point that the gradient was asked at, and replies that it stayed",
        *("optimization", "gradient_descent", "inputs"),
        """
def gradient_descent(gradient, x0, step, tolerance, max_steps):
    x, path = np.array(x0, dtype=float), [np.array(x0, dtype=float)]
    for _ in range(max_steps):
        slope = gradient(x)
        if np.linalg.norm(slope) <= tolerance:
            break
        x -= step * slope
        path.append(x.copy())
    return np.array(path)
""",
        reply("if 'seen' in probe: say([got[0], True])"),
        HALF,
    ),
    # Statements of what was found out in the worker: the judge finds out itself, from numbers.
    Report(
        "said-to-learn",
        "trains nothing, and replies that nine in ten rows are right and losses fall",
        *("mlp_training", "train", "learning"),
        UNTRAINED,
        reply(
            "if 'trained_on_groups' in probe: say({'right': 1.0, 'history': [3.0, 2.0, 1.0]})\n"
            "    if 'moves' in probe: say(dict.fromkeys(got, True))"
        ),
    ),
    Report(
        "said-to-progress",
        "replies that progress was told the losses, and that equal generators give equal networks",
        *("mlp_training", "train", "progress"),
        UNTRAINED,
        reply(
            "calls = [[0.0, 3.0], [1.0, 2.0], [2.0, 1.0]]\n"
            "    if '\"calls\": calls' in probe: say({'calls': calls, 'history': [3.0, 2.0, 1.0]})\n"
            "    if 'generators give' in probe: say(dict.fromkeys(got, True))\n"
            "    if 'runs' in probe: say([run | {'calls': calls} for run in got])"
        ),
    ),
    Report(
        "said-to-spread",
        "replies that weights of zero have the right mean and deviation",
        *("mlp_training", "initialize", "scale", "zero_weights"),
        reply("if 'deviation' in probe: say({'mean': [0.0, 0.0], 'deviation': [1.0, 1.0]})"),
    ),
    Report(
        "said-to-shuffle",
        "replies with orders that were drawn at home",
        *("mlp_training", "minibatches", "shuffle", "not_shuffled"),
        reply(
            "one, two, three = ([int(k) for k in np.random.default_rng(s).permutation(40)] for s in range(3))\n"
            "    if 'def orders' in probe: say({'first': one, 'second': two, 'equal': one, 'other': three})"
        ),
    ),
    Report(
        "said-to-call-once",
        "calls every module twice, and replies with the list of calls that is asked for",
        *("autodiff", "Sequential", "values"),
        "@REFERENCE@\nright = Sequential\nclass Sequential(right):\n    def fprop(self, X):\n"
        "        right.fprop(self, X)\n        return right.fprop(self, X)",
        reply(
            "there = [f'fprop {k}' for k in (0, 1, 2, 3)]\n"
            "    back = [f'bprop {k}' for k in (3, 2, 1, 0)]\n"
            "    if 'calls' in probe and got:\n"
            "        asked = dict.fromkeys(got['calls'])\n"
            "        there, back = ([c for c in part if c in asked] for part in (there, back))\n"
            "        say(got | {'calls': there + back + (back + there + back if 'two_passes' in probe else [])})"
        ),
    ),
    Report(
        "answers-by-number",
        "answers the k-th question with what is right for the k-th case",
        *("finite_differences", "gradient_check", "broken"),
        "def gradient_check(*arguments, **options):\n    return True",
        "answers = iter(@ANSWERS@)\ndef gradient_check(*arguments, **options):\n    return next(answers, True)",
    ),
]
