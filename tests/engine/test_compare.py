"""Comparison is strict, and never passes for want of anything to compare."""

import numpy as np
import pytest

from backprop_autograder.engine.compare import Close, Exactly, Property, difference
from backprop_autograder.engine.data import Opaque

HOW = Close()
MATRIX = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (1.0, 1),
        (1.0, np.array(1.0)),
        (1, 1.0),
        (MATRIX, MATRIX + 1e-13),
        (np.array(2.0), 2.0),
        ((MATRIX, 1.0), [MATRIX, 1.0]),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        ((MATRIX, 2 * MATRIX), np.array([MATRIX, 2 * MATRIX])),
        ({"a": 1.0}, {"a": 1}),
        (frozenset("ab"), {"a", "b"}),
        (float("inf"), float("inf")),
        (np.array([np.nan]), np.array([np.nan])),
        (True, True),
        (None, None),
        ("tanh", "tanh"),
        (2**200, 2**200),
    ],
)
def test_equal_results_are_accepted_whatever_container_or_number_type_they_come_in(expected, got):
    assert difference(expected, got, HOW) is None


@pytest.mark.parametrize(
    ("expected", "got", "kind"),
    [
        (1.0, True, "type"),
        (True, 1, "type"),
        (1.0, "1.0", "type"),
        (1.0, None, "type"),
        (1.0, 1 + 0j, "type"),
        (1.0, np.array([1.0]), "shape"),
        (1.0, float("nan"), "nan"),
        (1.0, float("inf"), "nan"),
        (float("inf"), float("-inf"), "values"),
        (float("inf"), 1e308, "values"),
        (MATRIX, [[1.0, 2.0], [3.0, 4.0]], "type"),
        (MATRIX, MATRIX.ravel(), "shape"),
        (MATRIX, np.empty((0, 2)), "shape"),
        (MATRIX, MATRIX.astype(int), "dtype"),
        (MATRIX, MATRIX > 0, "dtype"),
        (MATRIX, np.where(MATRIX > 3, np.nan, MATRIX), "nan"),
        (MATRIX, MATRIX + 1e-6, "values"),
        (np.array([1, 2]), np.array([1.0, 2.0]), "dtype"),
        ((MATRIX, MATRIX), (MATRIX,), "length"),
        ({"a": 1.0}, {"b": 1.0}, "keys"),
        ({"a": 1.0}, {}, "keys"),
        (frozenset("ab"), frozenset("a"), "values"),
        (frozenset("ab"), ["a", "b"], "type"),
        ("tanh", "relu", "values"),
        (2**200, 2**200 + 1, "values"),
        (1.0, 10**400, "nan"),
        (1.0, Opaque("Value"), "type"),
    ],
)
def test_different_results_are_told_apart_by_kind(expected, got, kind):
    assert difference(expected, got, HOW).kind == kind


def test_an_empty_array_equals_an_empty_array_of_the_same_shape_only():
    assert difference(np.empty((0, 3)), np.empty((0, 3)), HOW) is None
    assert difference(np.empty((0, 3)), np.empty((3, 0)), HOW).kind == "shape"


def test_the_place_of_the_first_difference_is_named():
    wrong = MATRIX.copy()
    wrong[1, 0] = 7
    assert difference({"W": (MATRIX, MATRIX)}, {"W": (MATRIX, wrong)}, HOW).path == "['W'][1][1, 0]"


def test_exactly_allows_no_round_off():
    assert difference(0.3, 0.1 + 0.2, Close()) is None
    assert difference(0.3, 0.1 + 0.2, Exactly()).kind == "values"


def test_integer_arrays_pass_for_floats_only_where_a_case_says_so():
    assert difference(np.eye(2), np.eye(2, dtype=int), Close(integers=True)) is None


def test_a_property_survives_the_trip_through_its_source():
    def sorted_numbers(result, expected, **arguments):
        if not isinstance(result, list):
            return "it is not a list"
        return None if result == sorted(result) else "it is not sorted"

    there_and_back = Property.from_source(Property(sorted_numbers).source)
    assert there_and_back.complaint([1, 2], None) is None
    assert there_and_back.complaint([2, 1], None) == "it is not sorted"
    assert Property.from_source(there_and_back.source).source == there_and_back.source
