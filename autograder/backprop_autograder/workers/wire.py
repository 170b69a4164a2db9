"""Frames of JSON over a socket: what the grader and a worker say to each other.

A frame is four bytes of length and that many bytes of JSON. Reading checks the length before it allocates,
and takes no more time than it is given: the other end may be hostile.
"""

import json
import socket
import struct
import time
from typing import Any

MAX_FRAME = 16 << 20
MAX_ITEMS = 1 << 18  # of a frame's lists and dicts; an empty list of two bytes takes sixty in memory
_HEADER = struct.Struct(">I")


class WireError(Exception):
    """The other end is gone, silent, or talks nonsense."""

    gone = False


class GoneError(WireError):
    """The other end closed the socket."""

    gone = True


class WireTimeoutError(WireError):
    """Nothing came within the time allowed."""


def send(channel: socket.socket, message: Any, seconds: float | None = None) -> None:
    """Send one frame.

    Parameters
    ----------
    channel : socket.socket
    message : JSON data
    seconds : float, optional
        Time allowed, for the other end may not read; None waits for ever.

    Raises
    ------
    WireTimeoutError
        If the other end did not take it in time.
    WireError
        If the other end is gone.
    """
    body = json.dumps(message).encode()
    try:
        channel.settimeout(seconds)
        channel.sendall(_HEADER.pack(len(body)) + body)
    except TimeoutError as error:
        raise WireTimeoutError("it does not listen") from error
    except OSError as error:
        raise GoneError("the process is gone") from error


def receive(channel: socket.socket, seconds: float | None = None) -> Any:
    """Receive one frame.

    Parameters
    ----------
    channel : socket.socket
    seconds : float, optional
        Time allowed for the whole frame; None waits for ever.

    Raises
    ------
    WireTimeoutError
        If no whole frame came in time.
    WireError
        If the other end is gone, or the frame is too large or no JSON.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    (length,) = _HEADER.unpack(_read(channel, _HEADER.size, deadline))
    if length > MAX_FRAME:
        raise WireError(f"a message of {length >> 20} MB is too large")
    body = _read(channel, length, deadline)
    if body.count(b",") > MAX_ITEMS:
        raise WireError("a message with too many items")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WireError("a malformed message") from error


def _read(channel: socket.socket, size: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        try:
            channel.settimeout(None if deadline is None else max(deadline - time.monotonic(), 0.001))
            part = channel.recv(min(size - len(parts), 1 << 20))
        except TimeoutError as error:
            raise WireTimeoutError("no answer in time") from error
        except OSError as error:
            raise GoneError("the process is gone") from error
        if not part:
            raise GoneError("the process is gone")
        parts += part
        if deadline is not None and time.monotonic() > deadline and len(parts) < size:
            raise WireTimeoutError("no answer in time")
    return bytes(parts)
