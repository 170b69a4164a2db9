"""Write the instructors' table of ten wrong answers with the words of before and after.

Run ``python tests/write_recognised.py`` when words change. Nobody planted these answers: none is a misconception.
What a student read before is kept as it was; what is read now is asked anew.
"""

from pathlib import Path

from backprop_autograder.cli import find_course
from backprop_autograder.engine.pack import read_pack
from backprop_autograder.engine.probe import answer
from backprop_autograder.engine.source import source_of
from backprop_autograder.judging.answer_key import load_exercises
from backprop_autograder.judging.packing import pack_of

COURSE = find_course(Path(__file__))
GUIDE = COURSE.root / "INSTRUCTORS.md"
BEGIN, END = "<!-- ten wrong answers: python tests/write_recognised.py -->", "<!-- end -->"

# Unit, exercise, what was written, as changes of the reference or as a text, and the advice of before.
ANSWERS = (
    (
        "01_chain_rule",
        "reverse_accumulate",
        "`=` for `+=`, edge by edge",
        [("adjoints[source] += ", "adjoints[source] = ")],
        "start with 1 at the target; each edge passes on what its end has collected, once that is complete.",
    ),
    (
        "01_chain_rule",
        "evaluate_graph",
        "`b = 2 * x2` and `g = e - 3` at once",
        [("b = 3 * x2", "b = 2 * x2"), ("e + 3", "e - 3")],
        "compute one node a line, in the order a, b, c, e, g, and compare each with your own calculation.",
    ),
    (
        "01_chain_rule",
        "compose_derivative",
        "`return` inside the loop",
        [("x = function(x)", "x = function(x)\n        return total")],
        "write down, for two functions, at which number each of the two derivatives is evaluated.",
    ),
    (
        "02_finite_differences",
        "relative_error",
        "the smaller of the two sizes in the denominator",
        [("np.maximum(np.abs(a), np.abs(b))", "np.minimum(np.abs(a), np.abs(b))")],
        "compute a relative difference for each entry, with its own denominator, then take the largest.",
    ),
    (
        "03_scalar_backprop",
        "Dual",
        "tangents multiplied in `*`, and `log` times instead of over the value",
        [
            ("self.tangent * other.value + self.value * other.tangent", "self.tangent * other.tangent"),
            ("self.tangent / self.value", "self.tangent * self.value"),
        ],
        "each result is [value, tangent]: which operand's tangent is missing from the sum?",
    ),
    (
        "03_scalar_backprop",
        "mlp_backward_scalar",
        "a factor 2 in the loss's gradient, and the slope of tanh left out",
        [("[y - d for", "[2 * (y - d) for"), ("(1 - y**2) * g", "g")],
        "which of the three steps of a layer (through f, into the weights, to the layer below) differs first?",
    ),
    (
        "04_vector_jacobians",
        "three_linear_gradients",
        "a factor 2, and the results in reverse order",
        "def three_linear_gradients(W1, W2, W3, x, y):\n"
        "    h1 = W1 @ x\n    h2 = W2 @ h1\n    g3 = 2 * (W3 @ h2 - y)\n    g2 = W3.T @ g3\n"
        "    return np.outer(g3, h2), np.outer(g2, h1), np.outer(W2.T @ g2, x)\n",
        "name what flows backwards into each layer, and what flowed forwards into it; multiply the two.",
    ),
    (
        "05_softmax_stability",
        "softmax",
        "rounded to four decimals",
        [("return exponentials / exponentials.sum(axis=-1, keepdims=True)",
          "return np.round(exponentials / exponentials.sum(axis=-1, keepdims=True), 4)")],
        "compare with the lecture's table: exponentiate, then divide each row by its own sum.",
    ),
    (
        "06_mlp_training",
        "loss",
        "the norm of the weights, not its square",
        [("np.sum(W**2)", "np.sqrt(np.sum(W**2))")],
        "the penalty is weight_decay times the sum of all squared weights, of every layer, once.",
    ),
    (
        "06_mlp_training",
        "train",
        "the stepped parameters bound to another name",
        [("parameters = sgd_step", "stepped = sgd_step")],
        "for each batch of each epoch: forward, loss, backward, one step with parameters replaced.",
    ),
)  # fmt: skip


def now(unit: str, name: str, written) -> str:
    """Return the advice that a student reads today in the first aspect that fails."""
    exercise = load_exercises(unit)[name]
    text = written if isinstance(written, str) else source_of(exercise.reference)
    for right, wrong in written if isinstance(written, list) else ():
        assert text.count(right) >= 1, (name, right)
        text = text.replace(right, wrong)
    names = dict(exercise.namespace())
    exec(text, names)
    packed = read_pack(pack_of(COURSE.source(unit)).encode())[name]
    outcomes = {a: [answer(t.question, names) for t in trials] for a, trials in packed.trials.items()}
    answered = packed.answered(outcomes)
    return next(found for a in packed.trials if (found := answered.shown(a)))[1].advice


def table() -> str:
    """Return the table as Markdown."""
    rows = ["| exercise | what was written | advice before | advice now |", "|---|---|---|---|"]
    for unit, name, what, written, before in ANSWERS:
        rows.append(f"| `{name}` | {what} | Next: {before} | {now(unit, name, written)} |")
    return "\n".join(row.replace("||", "|") for row in rows)


def page(text: str) -> str:
    """Return the guide's text with today's table in its place."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    GUIDE.write_text(page(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
