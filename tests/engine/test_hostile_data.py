"""What a worker sends costs the judge bounded time and memory, and can always be written to a file."""

import json
import socket
import struct
import threading
import time

import pytest

from backprop_autograder.engine.data import DataError, decode
from backprop_autograder.engine.probe import Outcome
from backprop_autograder.workers.wire import MAX_FRAME, GoneError, WireError, WireTimeoutError, receive, send
from backprop_autograder.workers.worker import MAX_OUTPUTS, MAX_SHOWN, safe_outputs

OUTCOME = {"result": 1.0, "error": [], "message": "", "warnings": [], "mutated": [], "calls": {}, "line": ""}


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def sent(theirs, body, length=None):
    threading.Thread(
        target=theirs.sendall, args=(struct.pack(">I", len(body) if length is None else length) + body,), daemon=True
    ).start()


@pytest.mark.parametrize("tag", ["set", "dict"])
def test_keys_chosen_to_collide_are_refused_at_once(tag):
    keys = [k * (2**61 - 1) for k in range(50_000)]
    body = keys if tag == "set" else [[key, 0] for key in keys]
    start = time.monotonic()
    with pytest.raises(DataError, match="more than 1000 keys"):
        decode({tag: body})
    assert time.monotonic() - start < 2


def test_many_honest_keys_are_accepted():
    assert len(decode({"set": list(range(1000))})) == 1000
    assert len(decode({"dict": [[f"node {k}", -k] for k in range(1000)]})) == 1000


def test_an_empty_array_of_a_billion_rows_is_refused():
    with pytest.raises(DataError, match="enormous"):
        decode({"array": ["<f8", [10**9, 0], ""]})
    assert decode({"array": ["<f8", [3, 0], ""]}).shape == (3, 0)


@pytest.mark.parametrize("key", ["message", "error", "warnings", "mutated", "calls", "result"])
def test_half_characters_are_replaced(key):
    odd = {"message": "\ud800", "calls": {"\ud800": 1}, "result": "\ud800"}.get(key, ["\ud800"])
    outcome = Outcome.from_json(json.loads(json.dumps({**OUTCOME, key: odd})))
    str(outcome).encode()


def test_texts_and_lists_of_names_are_cut():
    outcome = Outcome.from_json({**OUTCOME, "message": "m" * 10**6, "warnings": ["w" * 10**5] * 5000})
    assert len(outcome.message) < 1000 and len(outcome.warnings) <= 1000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[" + b"[]," * 400_000 + b"[]]", "too many items"),
        (b"[" * 100_000, "malformed"),
        (b"{", "malformed"),
        (b"9" * 10_000, "malformed"),
        (b"\xff\xfe\x00", "malformed"),
    ],
)
def test_a_frame_that_would_hurt_is_refused(pair, body, words):
    ours, theirs = pair
    sent(theirs, body)
    with pytest.raises(WireError, match=words) as caught:
        receive(ours, 5)
    assert not caught.value.gone  # it was the worker's doing


def test_a_frame_that_announces_too_much_is_not_waited_for(pair):
    ours, theirs = pair
    sent(theirs, b"", MAX_FRAME + 1)
    with pytest.raises(WireError, match="too large"):
        receive(ours, 5)


def test_a_closed_socket_is_told_from_bad_manners(pair):
    ours, theirs = pair
    theirs.close()
    with pytest.raises(GoneError):
        receive(ours, 5)


def test_sending_to_somebody_who_does_not_read_ends(pair):
    ours, _ = pair
    start = time.monotonic()
    with pytest.raises(WireTimeoutError):
        send(ours, "x" * 10**7, 0.2)
    assert time.monotonic() - start < 3


def test_outputs_are_cut_off_in_number_and_size():
    stream = {"output_type": "stream", "name": "stdout", "text": "x" * 1000}
    assert len(safe_outputs([stream] * 10**5)) <= MAX_OUTPUTS
    assert sum(len(o["text"]) for o in safe_outputs([{**stream, "text": "x" * 300_000}] * 9)) <= MAX_SHOWN
    assert safe_outputs({"not": "a list"}) == []


def test_values_of_the_wrong_type_become_empty_text():
    deep = []
    for _ in range(500):
        deep = [deep]
    (safe,) = safe_outputs([{"output_type": "error", "ename": deep, "evalue": 3, "traceback": [deep, "line"]}])
    assert safe == {"output_type": "error", "ename": "", "evalue": "", "traceback": ["", "line"]}
