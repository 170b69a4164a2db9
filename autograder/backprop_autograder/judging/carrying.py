"""Which failed exercises another one relies on, so that a slip costs once: by names, without running anything.

Too many names cost a little time and no points: whether an answer is right with the course's function is measured.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable

from backprop_autograder.judging.sources import bindings


def uses(sources: Iterable[str]) -> dict[str, set[str]]:
    """Return the names that each function, class or variable of these cells mentions."""
    found: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        for name, statement in bindings(source):
            found[name] |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return found
