"""Similar solutions: copies are found under other names, and what everybody writes is no copy."""

import pytest
from toy_key.exercises.toy.row_means import exercise

from backprop_autograder.pages.similarity import known_sources, shingles, similar_pairs, tokens_of

STUB = "def row_means(X):\n    raise NotImplementedError('row_means')"
KNOWN = known_sources(exercise.build(), STUB)
LONG_WAY = """
def row_means(X):
    total = X[:, 0] * 0.0
    for k in range(X.shape[1]):
        total = total + X[:, k]
    return total / max(X.shape[1], 1)
"""
RENAMED = '''
def row_means(data):
    """My own words."""
    # and my own remarks
    acc = data[:, 0] * 0.0
    for column in range(data.shape[1]):
        acc = acc + data[:, column]

    return acc / max(data.shape[1], 1)
'''
ANOTHER_WAY = """
def row_means(X):
    result = []
    for row in X:
        result.append(sum(float(x) for x in row) / len(row))
    return np.array(result)
"""
SHORT = "def row_means(X):\n    return X.mean(axis=1)"


def pairs(**solutions):
    return [(p.first, p.second) for p in similar_pairs("row_means", solutions, KNOWN)]


def test_a_copy_with_other_names_comments_and_layout_is_found():
    assert pairs(ann=LONG_WAY, bob=RENAMED, cem=ANOTHER_WAY) == [("ann", "bob")]


def test_the_share_of_an_exact_copy_is_one():
    (pair,) = similar_pairs("row_means", {"ann": LONG_WAY, "bob": LONG_WAY}, KNOWN)
    assert pair.share == 1.0


def test_short_solutions_that_look_alike_by_nature_are_no_pair():
    assert pairs(ann=SHORT, bob=SHORT) == []


@pytest.mark.parametrize("source", KNOWN)
def test_the_reference_the_stub_and_known_mistakes_are_no_pair(source):
    assert pairs(ann=source, bob=source) == []


def test_what_the_rest_of_the_class_writes_is_no_pair():
    assert pairs(**{f"s{k}": LONG_WAY for k in range(6)}) == []


def test_code_that_python_cannot_read_can_still_be_compared():
    broken = LONG_WAY.replace("range(", "range((")
    assert pairs(ann=broken, bob=broken) == [("ann", "bob")]


def test_chosen_names_are_marked_and_attributes_and_builtins_are_not():
    assert tokens_of("y = np.exp(len(y))") == ["\0y", "=", "np", ".", "exp", "(", "len", "(", "\0y", ")", ")"]


def test_docstrings_and_comments_do_not_count():
    assert shingles('def f(x):\n    """Words."""\n    # more\n    return x + 1') == shingles("def f(x): return x + 1")
