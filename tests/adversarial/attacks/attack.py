"""What an attack is. Every one is bounded in count and time, and reaches for nothing but what the stage set up.

Words in capitals with an @ before and after them are filled in by the stage: attackers know all paths and numbers.
Success is printed as BROKEN-OUT, written into the beacon folder, or shows in the points.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field

STUB = "def double(X):\n    raise NotImplementedError('double')\n"
WRONG = "def double(X):\n    return X\n\ndef row_means(X):\n    return X\n"
HONEST_DOUBLE = "def double(X):\n    return 2 * X"
HONEST_MEANS = "def row_means(X):\n    return X.mean(axis=1)"


@dataclass(frozen=True)
class Attack:
    """A submission that tries to take what it has not earned.

    Attributes
    ----------
    name, family, tries : str
        What it is called, which kind it is of, and what it tries, in words.
    code : str
        Source of the first solution cell.
    honest : bool
        Whether the second exercise is solved honestly: those three points must not be lost.
    files : dict
        Further files that are handed in.
    change : callable
        Changes the notebook as JSON data, and returns it, or the bytes to hand in.
    ours_only : bool
        Whether it is aimed at this autograder's own machinery, which stock nbgrader does not have.
    slow : bool
        Whether it takes more than a few seconds.
    """

    name: str
    family: str
    tries: str
    code: str = STUB
    honest: bool = False
    files: dict[str, str] = field(default_factory=dict)
    change: Callable[[dict], dict | bytes] = lambda notebook: notebook
    ours_only: bool = False
    slow: bool = False

    def notebook(self, released: dict, fill: Callable[[str], str]) -> bytes:
        """Return the file that is handed in."""
        notebook = copy.deepcopy(released)
        for cell in notebook["cells"]:
            if cell["id"] == "double":
                cell["source"] = fill(self.code)
            if cell["id"] == "row_means" and self.honest:
                cell["source"] = HONEST_MEANS
            elif cell["id"] == "row_means" and self.code != STUB:
                cell["source"] = "pass  # the first cell defined it"
        changed = self.change(notebook)
        return changed if isinstance(changed, bytes) else json.dumps(changed).encode()


ATTACKS: list[Attack] = []  # as they come: `attacks` has them in the order of the page


def attack(name: str, family: str, tries: str, code: str = "", **options) -> None:
    """Add an attack to the list; code that defines nothing gets wrong answers to go with it."""
    if "def double(" not in code and "double =" not in code:
        code = (STUB if options.get("honest") else WRONG) + code
    ATTACKS.append(Attack(name, family, tries, code, **options))
