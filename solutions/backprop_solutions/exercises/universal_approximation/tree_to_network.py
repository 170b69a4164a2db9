"""tree_to_network: FAU's classification tree as a step network."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.universal_approximation.inputs import judged_by, network_outputs
from backprop_solutions.universal_approximation import tree_to_network

exercise = Definition(tree_to_network)

STEPS = 1_000_000  # far more than 50 questions in a row need, and far less than 2^50 leaves


def as_the_tree(result, expected, tree, features):
    return tree_complaint(result, tree, features)


def as_the_chain(result, expected, questions, leaves, features):
    tree = leaves[-1]
    for (feature, threshold, goes_on_right), leaf in list(zip(questions, leaves[:-1], strict=True))[::-1]:
        tree = (feature, threshold, leaf, tree) if goes_on_right else (feature, threshold, tree, leaf)
    return tree_complaint(result, tree, features)


def tree_complaint(result, tree, features):
    """Ask points of every leaf that can be reached."""
    rng, points, right, leaf = np.random.default_rng(0), [], [], []
    stack, count = [(tree, np.full(features, -np.inf), np.full(features, np.inf))], 0
    while stack:
        node, low, high = stack.pop()
        if not isinstance(node, tuple):
            count += 1
            if np.all(low + 1e-6 < high):
                start = np.where(np.isinf(low), np.where(np.isinf(high), -2.0, high - 2), low)
                end = np.where(np.isinf(high), start + 4.0, high)
                for _ in range(6):
                    points.append(start + (end - start) * rng.uniform(0.02, 0.98, size=features))
                    right.append(float(node))
                    leaf.append(count)
            continue
        feature, threshold, left, below = node
        to_left, to_right = high.copy(), low.copy()
        to_left[feature] = min(high[feature], threshold)
        to_right[feature] = max(low[feature], threshold)
        stack += [(below, to_right, high), (left, low, to_left)]
    outputs, words = network_outputs(result, np.array(points), "step", 1)
    if words:
        return words
    off = np.abs(outputs[:, 0] - right) > 1e-9 * np.maximum(1.0, np.abs(right))
    off |= ~np.isfinite(outputs[:, 0])
    if not off.any():
        return None
    first = {
        leaf[n]: f"leaf {leaf[n]} gives {outputs[n, 0]:.4g}, not {right[n]:.4g}" for n in np.flatnonzero(off)[::-1]
    }
    return "; ".join(first[k] for k in sorted(first)[:2])


def one_question(rng):
    left, right = rng.permutation([3, -2.5, 7, 1.25])[:2].tolist()
    return {"tree": (int(rng.integers(0, 3)), round(rng.uniform(0.5, 2), 1), left, right), "features": 3}


def two_levels(rng):
    """Draw three questions about different features, with four different leaves, as numbers of both kinds."""
    a, b, c = rng.permutation(3).tolist()
    s, t, u = (rng.uniform(0.3, 2, size=3) * rng.permutation([1, 1, -1])).round(1).tolist()
    leaves = [*rng.permutation([4, 6]).tolist(), *rng.permutation([-1.5, 2.25]).tolist()]
    return {"tree": (a, s, (b, t, leaves[0], leaves[2]), (c, u, leaves[3], leaves[1])), "features": 3}


def random_tree(rng, depth=3, features=4):
    def grow(level):
        if level == depth or (level > 1 and rng.uniform() < 0.3):
            return [int(rng.integers(1, 6)), round(float(rng.normal()), 2)][int(rng.integers(0, 2))]
        question = int(rng.integers(0, features)), round(float(rng.normal()), 1)
        return (*question, grow(level + 1), grow(level + 1))

    return {"tree": grow(0), "features": features}


values = exercise.aspect(
    "values",
    hint="follow one leaf: which questions lead to it, with which answers? What is its sum there, and elsewhere?",
)
TREE, CHAIN = judged_by(as_the_tree, tree_complaint), judged_by(as_the_chain, tree_complaint)


@values.case("one question", comparison=TREE, draws=3)
def a_stump(rng):
    return one_question(rng)


@values.case("three questions", comparison=TREE, draws=3)
def a_small_tree(rng):
    return two_levels(rng)


@values.case("a random tree", comparison=TREE, draws=2)
def a_tree(rng):
    return random_tree(rng)


any_tree = exercise.aspect(
    "any_tree", hint="look at a tree that is a leaf, and at one that asks about the same feature, or answers, twice."
)


@any_tree.case("a leaf alone", comparison=TREE, draws=2)
def a_leaf(rng):
    return {"tree": round(float(rng.uniform(1, 9)), 2) * int(rng.choice([-1, 1])), "features": 2}


@any_tree.case("a leaf with the value 0", comparison=TREE, draws=2)
def a_zero(rng):
    return {"tree": (2, 0.5, 0, int(rng.integers(2, 9))), "features": 5}


@any_tree.case("leaves of equal value", comparison=TREE, draws=2)
def equal_leaves(rng):
    a, b, c = rng.permutation(3).tolist()
    s, t, u = rng.uniform(-1, 1, size=3).round(1).tolist()
    return {"tree": (a, s, (b, t, 5, 2), (c, u, 2, 5)), "features": 3}


@any_tree.case("questions that repeat", comparison=TREE, draws=2)
def repeated_questions(rng):
    s, t = sorted(rng.uniform(-2, 2, size=2).round(1).tolist())
    return {"tree": (1, s, (0, t, 1, 2), (1, t + 1, (0, t, 3, 4), (1, s, 5, 6))), "features": 2}


@any_tree.case("the same question twice", comparison=TREE, draws=2)
def same_question(rng):
    a, b = rng.permutation(2).tolist()
    leaves = rng.permutation([1, 2, 3, 4]).tolist()
    return {"tree": (a, 0.0, (b, 0.0, leaves[0], leaves[1]), (b, 0.0, leaves[2], leaves[3])), "features": 2}


@any_tree.case("trees deeper on one side", comparison=TREE, draws=2, visible=False)
def a_deep_tree(rng):
    return random_tree(rng, depth=5, features=2)


def chain_of_the_student(student, questions, leaves, features):
    tree = leaves[-1]
    for (feature, threshold, goes_on_right), leaf in list(zip(questions, leaves[:-1], strict=True))[::-1]:
        tree = (feature, threshold, leaf, tree) if goes_on_right else (feature, threshold, tree, leaf)
    return student.tree_to_network(tree, features)


@any_tree.case(
    "fifty questions in a row", comparison=CHAIN, steps_at_most=STEPS, visible=False, probe=chain_of_the_student
)
def fifty_questions(rng):
    features = rng.integers(0, 4, size=50).tolist()
    thresholds = rng.uniform(-3, 3, size=50).round(2).tolist()
    right = [bool(side) for side in rng.integers(0, 2, size=50)]
    leaves = rng.integers(0, 9, size=51).tolist()
    return {"questions": list(zip(features, thresholds, right, strict=True)), "leaves": leaves, "features": 4}


# --- wrong answers ----------------------------------------------------------------------------------

ALL = ("values", "any_tree")

exercise.slip(
    "left_and_right_exchanged",
    ("(k, -1.0)", "(k, 1.00)"),
    ("right, [*path, (k, 1.0)]", "right, [*path, (k, -1.0)]"),
    cause="Left and right have changed places: a question says 1 on the right.",
    next_step="what does it say for a point that goes left?",
    loses=ALL,
)
exercise.slip(
    "threshold_with_the_wrong_sign",
    ("1.0, -threshold", "1.0, threshold"),
    cause="The questions compare x with minus the threshold.",
    next_step="where does x[feature] + b change its sign?",
    loses=ALL,
)
exercise.slip(
    "compared_with_zero",
    ("1.0, -threshold", "1.0, 0 * threshold"),
    cause="All questions compare with 0; the thresholds are not used.",
    next_step="what does the bias of a question do?",
    loses=ALL,
)
exercise.slip(
    "always_the_first_feature",
    ("ask[0][feature, k]", "ask[0][0 * feature, k]"),
    cause="All questions are about feature 0.",
    next_step="which row of W belongs to the feature asked about?",
    loses=ALL,
)
exercise.slip(
    "all_answers_yes",
    ("sum(side > 0 for _, side in path)", "len(path)"),
    cause="A leaf waits for a 1 from every question of its path.",
    next_step="what is its sum when all answers fit?",
    loses=ALL,
)
exercise.slip(
    "left_turns_ignored",
    ("(k, -1.0)", "(k, 0.0)"),
    cause="Answers that lead left count 0: several leaves say 1.",
    next_step="what must a yes do to a leaf on the left?",
    loses=ALL,
)
exercise.slip(
    "one_answer_will_do",
    ("0.5 - sum(side > 0 for _, side in path)", "-0.5"),
    cause="One answer is enough for a leaf; all answers of its path have to fit.",
    next_step="what is the largest sum a leaf can get, and what the second largest?",
    loses=ALL,
)
exercise.slip(
    "last_question_only",
    ("for k, side in path:\n", "for k, side in path[-1:]:\n"),
    ("for _, side in path)", "for _, side in path[-1:])"),
    cause="A leaf listens to the last question of its path only.",
    next_step="which questions stand between the root and this leaf?",
    loses=ALL,
)
exercise.slip(
    "number_of_the_leaf",
    ("[[value] for _, value in leaves]", "[[j] for j in range(len(leaves))]"),
    cause="The output is the number of the leaf; its value is wanted.",
    next_step="what should the last layer multiply a leaf's 1 with?",
    loses=ALL,
)
exercise.slip(
    "leaves_without_values",
    (
        "(np.array([[value] for _, value in leaves], dtype=float), np.zeros(1))",
        "(np.eye(len(leaves)), np.zeros(len(leaves)))",
    ),
    cause="There is one output for each leaf; wanted is one number, the value of the leaf that was reached.",
    next_step="which W turns a one-hot row into the value?",
    loses=ALL,
)
exercise.slip(
    "values_cut_to_integers",
    ("for _, value in leaves], dtype=float", "for _, value in leaves], dtype=int"),
    cause="The values of the leaves are cut to integers.",
    next_step="which dtype does the last W have?",
    loses=ALL,
)
exercise.slip(
    "last_layer_missing",
    (
        "[ask, reach, (np.array([[value] for _, value in leaves], dtype=float), np.zeros(1))]",
        "[ask, tuple(part @ np.array([[value] for _, value in leaves], dtype=float) for part in reach)]",
    ),
    cause="The leaves' units are missing: without a step, answers that do not fit count, too.",
    next_step="which layers does FAU's network have?",
    loses=ALL,
)
exercise.slip(
    "one_leaf_a_value",
    (
        "            leaves.append((path, node))\n",
        "            leaves[:] = [leaf for leaf in leaves if leaf[1] != node] + [(path, node)]\n",
    ),
    cause="Leaves of equal value are taken for one.",
    next_step="how many paths lead to a 5?",
    loses=("any_tree",),
)
exercise.slip(
    "one_question_a_feature",
    (
        "        k = len(questions)\n        questions.append((feature, threshold))\n",
        "        known = [old for old, _ in questions]\n"
        "        k = known.index(feature) if feature in known else len(questions)\n"
        "        questions[k : k + 1] = [(feature, threshold)]\n",
    ),
    cause="A second question about a feature replaces the first.",
    next_step="what tells them apart?",
    loses=("any_tree",),
)
exercise.slip(
    "zero_is_no_leaf",
    ("            leaves.append((path, node))\n", "            leaves.append((path, node or 1))\n"),
    cause="A leaf with the value 0 is treated as if it had none.",
    next_step="what does `or` make of 0?",
    loses=("any_tree",),
)
exercise.slip(
    "a_leaf_alone_is_zero",
    (
        "    walk(tree, [])\n",
        "    if not isinstance(tree, tuple):\n"
        "        return [(np.zeros((features, 1)), np.zeros(1))]\n"
        "    walk(tree, [])\n",
    ),
    cause="For a tree without questions the network is 0; it should say the leaf's value.",
    next_step="what does a leaf with no question on its path wait for?",
    loses=("any_tree",),
)
exercise.slip(
    "lefts_counted",
    ("sum(side > 0 for _, side in path)", "sum(side < 0 for _, side in path)"),
    cause="A leaf's bias counts the lefts on its path; the largest sum is the number of rights.",
    next_step="what is a leaf's sum when all answers fit?",
    loses=ALL,
)
exercise.slip(
    "never_reached",
    ("0.5 - sum(side > 0", "-0.5 - sum(side > 0"),
    cause="The biases are larger in size than the largest sums, so no leaf ever says 1.",
    next_step="between which two sums should a leaf change its answer?",
    loses=ALL,
)
exercise.slip(
    "questions_numbered_by_depth",
    ("k = len(questions)", "k = len(path)"),
    cause="A question's number is its depth, so two questions of one level share a number.",
    next_step="how many questions got a number before this one?",
    loses=ALL,
)
exercise.slip(
    "numbered_after_it_was_added",
    (
        "        k = len(questions)\n        questions.append((feature, threshold))\n",
        "        questions.append((feature, threshold))\n        k = len(questions)\n",
    ),
    cause="A question's number is taken after it joined the list, so each is one too high.",
    next_step="which number has the first question?",
    loses=ALL,
)
exercise.slip(
    "one_path_for_all",
    (
        "        walk(left, [*path, (k, -1.0)])\n        walk(right, [*path, (k, 1.0)])\n",
        "        path.append((k, -1.0))\n        walk(left, path)\n"
        "        path.append((k, 1.0))\n        walk(right, path)\n",
    ),
    cause="All leaves share one list: what is appended for one branch stays for the others.",
    next_step="what makes a new list, unlike append?",
    loses=ALL,
)
exercise.slip(
    "leaves_are_integers",
    ("not isinstance(node, tuple)", "isinstance(node, int)"),
    cause="Only an int is taken for a leaf; a leaf may be any number.",
    next_step="what tells a question from every number?",
    loses=ALL,
)
exercise.slip(
    "summed_along_the_path",
    ("[*path, (k, 1.0)]", "[(k, 1.0)]"),
    cause="On the way right, the questions before are forgotten.",
    next_step="which answers does a leaf on the right rely on?",
    loses=ALL,
)
exercise.slip(
    "one_wrong_answer_forgiven",
    ("0.5 - sum(side > 0", "1.5 - sum(side > 0"),
    cause="The biases are so high that a leaf forgives one wrong answer.",
    next_step="between which two sums should a leaf change its answer?",
    loses=ALL,
)

# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def tree_with_a_queue(tree, features):
    """Go through the tree with a list of what is still to be done, and keep equal questions once."""
    todo, questions, leaves = [(tree, {})], [], []
    while todo:
        node, path = todo.pop()
        if isinstance(node, (int, float)):
            leaves.append((path, node))
            continue
        feature, threshold, left, right = node
        if (feature, threshold) not in questions:
            questions.append((feature, threshold))
        k = questions.index((feature, threshold))
        for child, side in ((left, 0), (right, 1)):
            if path.get(k, side) == side:
                todo.append((child, {**path, k: side}))
    W1 = np.array([[1.0 if f == d else 0.0 for f, _ in questions] for d in range(features)]).reshape(features, -1)
    b1 = np.array([-t for _, t in questions])
    W2 = np.array([[(2 * p[k] - 1 if k in p else 0) for p, _ in leaves] for k in range(len(questions))])
    b2 = np.array([0.5 - sum(p.values()) for p, _ in leaves])
    W3 = np.array([[v] for _, v in leaves])
    return [(W1, b1), (W2.reshape(len(questions), len(leaves)), b2), (W3, np.array([0.0]))]


@exercise.alternative
def tree_by_differences(tree, features):
    """Take the first leaf as the bias, and let each further leaf add its difference to it."""
    if not isinstance(tree, tuple):
        return [(np.zeros((features, 1)), np.array([float(tree)]))]
    columns, shifts, paths = [], [], []

    def visit(node, wants, refuses):
        if isinstance(node, tuple):
            feature, threshold, left, right = node
            unit = len(columns)
            columns.append(np.eye(features)[feature] * -1.0)
            shifts.append(threshold)  # the unit says 1 on the left
            visit(left, [*wants, unit], refuses)
            visit(right, wants, [*refuses, unit])
        else:
            paths.append((wants, refuses, node))

    visit(tree, [], [])
    base = paths[0][2]
    W = np.zeros((len(columns), len(paths)))
    for j, (wants, refuses, _) in enumerate(paths):
        W[wants, j], W[refuses, j] = 1.0, -1.0
    gates = W, np.array([0.3 - len(wants) for wants, _, _ in paths])
    output = np.array([[value - base] for _, _, value in paths]), np.array([base])
    return [(np.array(columns).T, np.array(shifts)), gates, output]


@exercise.alternative
def tree_recursively(tree, features):
    def build(node):
        if not isinstance(node, tuple):
            return np.zeros((features, 0)), np.zeros(0), np.zeros((0, 1)), np.array([0.5]), np.array([float(node)])
        feature, threshold, *halves = node
        (A, a, B, b, u), (C, c, D, d, v) = map(build, halves)
        own = np.eye(features)[:, [feature]]
        W1, b1 = np.hstack([own, A, C]), np.concatenate([[-threshold], a, c])
        top = np.concatenate([-np.ones(len(u)), np.ones(len(v))])[None]
        W2 = np.zeros((len(a) + len(c), len(u) + len(v)))
        W2[: len(a), : len(u)], W2[len(a) :, len(u) :] = B, D
        return W1, b1, np.vstack([top, W2]), np.concatenate([b, d - 1.0]), np.concatenate([u, v])

    W1, b1, W2, b2, leaves = build(tree)
    return [(W1, b1), (W2, b2), (leaves[:, None], np.zeros(1))]


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent(
    "list(enumerate(questions))[::-1]",
    "list(enumerate(leaves))[::-1]",
    "list(path)[::-1]",
    reason="each turn writes entries of its own",
)
exercise.equivalent("np.ones(len(questions))", "np.ones(len(leaves))", reason="every entry is written over")
exercise.equivalent("([[value] for _, value in leaves], np.zeros(1))", reason="step_network makes arrays of lists")
exercise.equivalent("side >= 0", reason="sides are 1 and -1")
exercise.equivalent("reach[-1][j]", "ask[-1][k]", reason="the second of two is the last")
exercise.equivalent("0.25 - sum", reason="any threshold between two counts tells them apart")
exercise.equivalent("(k, -2.0)", reason="an answer that rules a leaf out may weigh more")
