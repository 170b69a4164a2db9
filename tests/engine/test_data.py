"""Data crosses between processes unchanged, and what comes from strangers is checked before it is read."""

import json
import math
from collections import Counter, OrderedDict, defaultdict

import numpy as np
import pytest

from backprop_autograder.engine.data import DataError, Formula, Opaque, decode, encode


def travel(value, trusted=False):
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)), trusted=trusted)


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -(2**300), 0.1, 1e308, "x₁", [1, [2.5]], (1, ()), {"a": (1,), 2: None}, {("a", 1): 2.0}, 1 + 2j],
)
def test_plain_data_travels_unchanged(value):
    assert travel(value) == value
    assert type(travel(value)) is type(value)


@pytest.mark.parametrize("value", [Counter("aab"), OrderedDict(a=1, b=2), defaultdict(float, a=1.5)], ids=repr)
def test_a_dict_of_the_standard_library_arrives_as_a_plain_one(value):
    assert travel(value) == dict(value)
    assert type(travel(value)) is dict


def test_a_dict_of_ones_own_making_is_read_past_its_own_methods():
    class Impostor(dict):
        def items(self):
            return [("a", 1)]

    assert travel(Impostor(a=2)) == {"a": 2}


def test_special_floats_travel():
    assert math.isnan(travel(float("nan")))
    assert travel([float("inf"), float("-inf")]) == [float("inf"), float("-inf")]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool", "complex128", ">f8"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
def test_arrays_travel_with_dtype_and_shape(dtype, shape):
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    got = travel(array)
    assert got.dtype == array.dtype and got.shape == shape
    assert np.array_equal(got, array)


def test_array_views_of_any_memory_order_travel():
    array = np.arange(12.0).reshape(3, 4).T[::2]
    assert np.array_equal(travel(array), array)


def test_a_set_travels_and_its_order_does_not_matter():
    assert travel({"a", "b"}) == {"a", "b"}
    assert encode({"a", "b", "c"}) == encode({"c", "b", "a"})


def test_a_formula_travels_with_its_constants():
    f = travel(Formula("lambda x: np.sum(a * x)", a=np.array([1.0, 2.0])), trusted=True)
    assert f(np.array([3.0, 4.0])) == 11.0
    assert f.calls == 1


def test_a_generator_travels_with_its_state():
    rng = np.random.default_rng(5)
    rng.random(3)
    assert travel(rng, trusted=True).random() == rng.random()


@pytest.mark.parametrize("value", [Formula("lambda x: x"), np.random.default_rng(1)])
def test_functions_and_generators_are_not_made_from_untrusted_data(value):
    with pytest.raises(DataError):
        travel(value)


class Liar(np.ndarray):
    def __eq__(self, other):
        return True


class Yes(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class Malicious:
    def __reduce__(self):
        return (exec, ("raise SystemExit",))


@pytest.mark.parametrize(
    "value", [np.zeros(2).view(Liar), Yes(1.0), Malicious(), object(), np.array([Malicious()]), lambda: 0, 10**2000]
)
def test_what_is_not_plain_data_arrives_as_the_name_of_its_type(value):
    assert isinstance(travel(value), Opaque)


def test_cycles_end():
    loop = []
    loop.append(loop)
    assert "deep" in json.dumps(encode(loop))


@pytest.mark.parametrize(
    "data",
    [
        {"array": ["<f8", [2], "AAAA"]},
        {"array": ["<f8", [10**12], ""]},
        {"array": ["<f8", [-1], ""]},
        {"array": ["O", [1], "AAAAAAAAAAA="]},
        {"array": ["|V8", [1], "AAAAAAAAAAA="]},
        {"array": ["<f8", [1], "!!!!!!!!!!!="]},
        {"array": "x"},
        {"float": "1"},
        {"unknown": 1},
        {"a": 1, "b": 2},
        {"set": [[1]]},
        {"dict": [[{"set": []}]]},
        {},
    ],
)
def test_malformed_data_is_refused(data):
    with pytest.raises(DataError):
        decode(data)


def test_data_nested_too_deep_is_refused():
    data = 0
    for _ in range(500):
        data = [data]
    with pytest.raises(DataError):
        decode(data)
