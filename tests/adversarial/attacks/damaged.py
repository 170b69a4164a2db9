"""Files that are no notebooks."""

import copy
import json

from adversarial.attacks.attack import STUB, attack
from adversarial.attacks.verdict import tests_of


def _duplicated(notebook: dict) -> dict:
    notebook["cells"] += copy.deepcopy(notebook["cells"])
    return notebook


def _renamed(notebook: dict) -> dict:
    for number, cell in enumerate(notebook["cells"]):
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = cell["id"] = f"renamed-{number}"
    return notebook


def _odd_metadata(notebook: dict) -> dict:
    for cell, odd in zip(tests_of(notebook), ({}, {"schema_version": 99}, []), strict=True):
        cell["metadata"]["nbgrader"] = odd
    return notebook


def _foreign_kernel(notebook: dict) -> dict:
    notebook["metadata"]["kernelspec"] = {"name": "../../evil", "display_name": "R", "language": "R"}
    return notebook


def _odd_types(notebook: dict) -> dict:
    notebook["cells"] += [7, None, {"cell_type": 3, "source": {"a": 1}}, {"cell_type": "code", "source": "\ud800"}]
    notebook["nbformat"] = "four"
    return notebook


DAMAGED = "damaged files"
attack("duplicated-cells", DAMAGED, "every cell twice", honest=True, change=_duplicated)
attack("renamed-cells", DAMAGED, "every id renamed", honest=True, change=_renamed)
attack("odd-metadata", DAMAGED, "nbgrader metadata empty, of version 99, a list", honest=True, change=_odd_metadata)
attack("foreign-kernel", DAMAGED, "a kernelspec that is a path", honest=True, change=_foreign_kernel)
attack("odd-types", DAMAGED, "numbers for cells, half a character for a source", honest=True, change=_odd_types)
attack("corrupt-json", DAMAGED, "half a notebook", STUB, change=lambda notebook: json.dumps(notebook).encode()[:500])
attack("nested-json", DAMAGED, "brackets nested 100,000 deep", STUB, change=lambda notebook: b"[" * 100_000)
attack("not-text", DAMAGED, "bytes that are no text", STUB, change=lambda notebook: bytes(range(256)) * 100)


def _tiny_objects(notebook: dict) -> bytes:
    notebook["metadata"]["tiny"] = 0
    return json.dumps(notebook).replace('"tiny": 0', '"tiny": [' + "[]," * 10_000_000 + "[]]").encode()


attack(
    "tiny-objects",
    DAMAGED,
    "thirty megabytes of empty lists, which take twenty times as much",
    STUB,
    change=_tiny_objects,
    ours_only=True,
)


def _long_code(text: str):
    """Return what adds forty cells of as much code as is read of one."""

    def change(notebook: dict) -> dict:
        for number in range(40):
            source = f"double = {number}\n" + text * (199_000 // len(text))
            cell = {"cell_type": "code", "id": f"long-{number}", "metadata": {}, "outputs": [], "execution_count": None}
            notebook["cells"].append({**cell, "source": source})
        return notebook

    return change


attack(
    "code-of-many-statements",
    DAMAGED,
    "eight megabytes of code, which take gigabytes as a tree",
    STUB,
    change=_long_code("a\n"),
    ours_only=True,
    slow=True,
)
attack(
    "code-that-is-slow-to-read",
    DAMAGED,
    "texts with sixty thousand fields, for each of which Python reads all of the text",
    STUB,
    change=_long_code("f'" + "{x}" * 60_000 + "'\n"),
    ours_only=True,
    slow=True,
)
