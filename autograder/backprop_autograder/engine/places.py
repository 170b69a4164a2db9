"""Where in a result: "dW of layer 1, [0, 0]" says more than "[0][0][0, 0]"."""

import re
from collections.abc import Sequence

INDEX = re.compile(r"\[(\d+)\]")
KEY = re.compile(r"\['([^']*)'\]")


def in_words(path: str, parts: Sequence[str] = ()) -> str:
    """Return a place inside a result with the names of its parts.

    Parameters
    ----------
    path : str
        As in a `Mismatch`: ``"[0][1][2]"``.
    parts : sequence of str
        For each level what its items are called: names with spaces between them, or a word with ``{}`` for a number.

    Examples
    --------
    >>> in_words("[0][0][0, 0]", ("layer {}", "dW db"))
    'dW of layer 1, [0, 0]'
    >>> in_words("['dX'][0, 0]"), in_words("[1][2]", ("w b",))
    ('dX[0, 0]', 'b[2]')
    """
    if key := KEY.match(path):
        return key[1] + path[key.end() :]
    names, numbered = [], []
    for level in parts:
        index = INDEX.match(path)
        if not index or ("{}" not in level and int(index[1]) >= len(level.split())):
            break
        k, path = int(index[1]), path[index.end() :]
        if "{}" in level:
            numbered.append(level.format(k + 1))
        else:
            names.append(level.split()[k])
    text = " of ".join([*names, *numbered])
    return f"{text}, {path}" if numbered and path else text + path
