"""One reader: what a file is, however large; and what it is instead, where it is no notebook."""

import io
import json
import random
import tracemalloc

import pytest

from backprop_autograder.judging import reading
from backprop_autograder.judging.reading import ReadError, read_file, read_limited, read_notebook
from backprop_autograder.judging.sources import is_solution

CONFLICT = """{"cells": [
<<<<<<< HEAD
 {"cell_type": "code", "source": "x = 1"}
=======
 {"cell_type": "code", "source": "x = 2"}
>>>>>>> theirs
]}"""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no notebook"),
        (b"", "the file is empty"),
        (b"\0" * 5000, "the file is empty"),
        (CONFLICT.encode(), "marks of a merge conflict"),
        (b"PK\x03\x04...", "is a zip"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"import numpy as np", "is not a notebook"),
    ],
)
def test_what_is_no_notebook_is_called_what_it_is(content, words):
    with pytest.raises(ReadError, match=words):
        read_notebook(content)


def test_the_version_of_a_notebooks_python_is_read_and_nothing_else_taken_for_one():
    for version, found in (("3.14.0rc1", "3.14.0rc1"), ("3.9", "3.9"), ("<script>", ""), (3, ""), ("2.7.1", "")):
        data = {"cells": [], "metadata": {"language_info": {"version": version}}}
        assert read_notebook(json.dumps(data).encode()).python == found


def a_notebook(rng: random.Random) -> dict:
    """Return a notebook whose texts are full of what ends JSON strings and lists."""
    odd = '"outputs": [\\" }]'
    outputs = [{"data": {"x": '"]\\' * rng.randint(0, 50)}, "t": ["a\\\\", {}]}]
    return {
        "metadata": {"widgets": {"a": [']}"\\'] * rng.randint(0, 3)}, "k": 1},
        "cells": [
            {
                "cell_type": "code",
                "source": odd * rng.randint(0, 4),
                "outputs": outputs * rng.randint(0, 4),
                "id": str(k),
            }
            for k in range(rng.randint(0, 6))
        ],
    }


def test_outputs_are_dropped_and_nothing_else_wherever_a_chunk_ends(monkeypatch):
    rng = random.Random(0)
    for _ in range(600):
        data = a_notebook(rng)
        content = json.dumps(data, indent=rng.choice([None, 1])).encode()
        monkeypatch.setattr(reading, "CHUNK", rng.randint(1, 60))
        first = rng.randint(0, len(content))
        left = json.loads(reading._without_outputs(content[:first], io.BytesIO(content[first:])))
        expected = {**data, "metadata": {**data["metadata"], "widgets": {}}}
        expected["cells"] = [{**cell, "outputs": []} for cell in data["cells"]]
        assert left == expected


class Endless(io.RawIOBase):
    """A notebook with an output of many megabytes, made as it is read."""

    def __init__(self, megabytes: int, part: bytes):
        head = b'{"metadata": {}, "cells": [{"cell_type": "code", "source": "x = 1", "outputs": [{"data": ["'
        self._parts = iter([head, *[part * ((1 << 20) // len(part))] * megabytes, b'"]}]}]}'])
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._left) < size and (part := next(self._parts, None)) is not None:
            self._left += part
        found, self._left = self._left[:size], self._left[size:]
        return found


# One string of 500 MB, and twice the memory in lines: 7 million of them would show no more.
LARGE = {"one string": (b"A", 500), "lines": (b"A" * 76 + b'\\n", "', 120), "backslashes": (b"\\\\", 500)}


@pytest.mark.parametrize(
    ("part", "megabytes"),
    [pytest.param(part, 60, id=f"{name}-60") for name, (part, _) in LARGE.items()]
    + [pytest.param(part, most, id=f"{name}-{most}", marks=pytest.mark.slow) for name, (part, most) in LARGE.items()],
)
def test_a_large_notebook_is_read_in_bounded_memory(part, megabytes):
    tracemalloc.start()
    content = read_limited(Endless(megabytes, part))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert json.loads(content)["cells"] == [{"cell_type": "code", "source": "x = 1", "outputs": []}]
    assert most < 48 << 20  # what is read at once, a few times


def test_a_file_that_is_too_large_without_its_outputs_is_a_verdict_not_a_crash(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "AS_IT_IS", 1 << 10)
    monkeypatch.setattr(reading, "MAX_BYTES", 1 << 16)
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"cells": [{"source": "x" * (1 << 17)}]}))
    with pytest.raises(ReadError, match="larger than"):
        read_notebook(read_file(path))


@pytest.mark.parametrize(
    ("source", "solved"),
    [
        ("def f(x):\n    return x", True),
        ("%%time\n%pip install x\nfiles = !ls\ndef f(x):\n    return x", True),
        ("f = lambda x: x", True),
        ("from helpers import g as f", True),
        ("if True:\n    def f(x):\n        return x", True),
        ("def f(x):\n    print(x)\n    return x", True),
        ("def f(node):\n    print(node)\n    node.grad = 0", True),
        ("def f(x):\n    print(x)", False),
        ("def f(x):\n    '''Words.'''\n    raise NotImplementedError('f')", False),
        (
            "class f:\n    def a(self):\n        return 1\n    def b(self):\n        raise NotImplementedError('f')",
            False,
        ),
        ("def f(x):\n    pass", False),
        ("def g(x):\n    return x", False),
        ("def f(x)\n    return x", False),
        ("f(3)", False),
        ("def f(x):\n    return x[", False),
        ("def f(x):\n    raise NotImplementedError(" + "-" * 400 + "1)", False),  # deeper than Python writes it
    ],
)
def test_a_solution_is_a_definition_that_can_be_read_and_returns_something(source, solved):
    assert is_solution(source, "f") is solved
