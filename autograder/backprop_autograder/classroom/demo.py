"""A synthetic class: people of every kind hand in, so that an instructor can try the whole loop."""

import ast
import inspect
import json
import re
import shutil
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from symtable import SymbolTable, symtable

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.utils import is_solution
from tqdm import tqdm

from backprop_autograder.classroom.course import CONFIG_NAME, Course, CourseError
from backprop_autograder.engine.definition import MARKS
from backprop_autograder.engine.exercise import Exercise
from backprop_autograder.engine.source import cell_of, source_of
from backprop_autograder.judging.answer_key import load_exercises

PLAN_NAME = "class.json"
ANSWERS = (  # to any question, so that there is something to grade by hand
    "I tried it with small numbers. It follows from the *definition* above, step by step.",
    "It follows from the chain rule: $\\frac{dz}{dx} = \\frac{dz}{dy}\\,\\frac{dy}{dx}$.",
    "",
    "I am not sure.",
    "Because that is what the check says.",
)


@dataclass
class Submission:
    """What one student hands in for one unit, and what was planted in it.

    Attributes
    ----------
    kind : str
    content : bytes or None
        The notebook file; None if none is handed in.
    planted : dict
        Misconception by exercise.
    """

    kind: str
    content: bytes | None
    planted: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """A released unit and its answers.

    Attributes
    ----------
    name : str
    released : NotebookNode
    exercises : dict
    key : str
        Package of the answer key.
    answer : str
        What is written wherever an answer in words is asked for.
    """

    name: str
    released: NotebookNode
    exercises: dict[str, Exercise]
    key: str
    answer: str = ""

    def filled(self, sources: dict[str, str]) -> NotebookNode:
        """Return the released notebook with solution cells replaced."""
        notebook = nbformat.from_dict(self.released)
        for cell in notebook.cells:
            words = self.answer if cell.cell_type == "markdown" and is_solution(cell) else ""
            cell.source = sources.get(cell.id, words or cell.source)
        return notebook

    def references(self) -> dict[str, str]:
        """Return the text of every reference implementation, as a student would have written it."""
        return {name: _written(e.reference) for name, e in self.exercises.items()}

    def builds_on(self, name: str) -> set[str]:
        """Return the other exercises whose functions run when this one's is tested."""
        exercise = self.exercises[name]
        probes = (case.probe for aspect in exercise.aspects for case in aspect.cases if case.probe)
        asked = {word for probe in probes for word in re.findall(r"\bstudent\.(\w+)", source_of(probe))}
        found, new = set(), {name} | asked & self.exercises.keys()
        while new:
            found, new = found | new, set().union(*map(self._calls, new)) - found - new
        return found - {name}

    def _calls(self, name: str) -> set[str]:
        exercise = self.exercises[name]
        functions = [exercise.reference, *(m.implementation for m in exercise.misconceptions)]
        return frozenset().union(*map(_names_in, functions)) & self.exercises.keys()


def perfect(unit: Unit, rng: np.random.Generator) -> Submission:
    """Everything right."""
    return Submission("perfect", _bytes(unit.filled(unit.references())))


def own_ways(unit: Unit, rng: np.random.Generator) -> Submission:
    """Everything right, but not as the reference does it: with helpers of their own in a cell at the top."""
    chosen = _choose({name: exercise.alternatives for name, exercise in unit.exercises.items()}, rng)
    notebook = unit.filled({name: f"{name} = {function.__name__}" for name, function in chosen.items()})
    helpers: dict[tuple[str, str], str] = {}
    for function in chosen.values():
        _gather(function.__name__, function.__module__, unit.key, helpers, set())
    notebook.cells.insert(2, new_code_cell("\n\n".join(dict.fromkeys(helpers.values()))))
    return Submission("own ways", _bytes(notebook))


def _gather(name: str, module: str, key: str, found: dict[tuple[str, str], str], begun: set[tuple[str, str]]) -> None:
    """Add the text that defines `name` in a module of the answer key, after all that it needs."""
    place = module, name
    if place in begun or place in found:  # functions may call each other
        return
    begun.add(place)
    for statement in _statements(module).get(name, ()):
        if isinstance(statement, ast.ImportFrom) and statement.module.startswith(f"{key}."):
            if ".exercises." in statement.module:
                _gather(name, statement.module, key, found, begun)
            continue  # what the unit itself defines, the notebook has under the same name
        plain = _undecorated(statement)
        for needed in sorted({node.id for node in ast.walk(plain) if isinstance(node, ast.Name)}):
            _gather(needed, module, key, found, begun)
        found[place] = ast.unparse(plain)


@cache
def _statements(module: str) -> dict[str, list[ast.stmt]]:
    """Return the statements at the top of a module that define a name, by that name."""
    statements: dict[str, list[ast.stmt]] = {}
    for statement in ast.parse(inspect.getsource(import_module(module))).body:
        for name in _defined_by(statement):
            statements.setdefault(name, []).append(statement)
    return statements


def _defined_by(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
        case ast.Assign(targets=targets):
            return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return []


def _undecorated(statement: ast.stmt) -> ast.stmt:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        statement = copy(statement)
        statement.decorator_list = []
    return statement


def _choose(alternatives: dict[str, tuple], rng: np.random.Generator) -> dict[str, Callable]:
    """Choose an implementation of each exercise; those that belong together (a forward and its backward) together."""
    together = [entry for others in alternatives.values() for entry in others if not callable(entry)]
    chosen: dict[str, Callable] = {}
    for name, others in alternatives.items():
        if name not in chosen:
            fitting = [t for t in together if name in t and all(chosen.get(k, f) is f for k, f in t.items())]
            alone = [{name: f} for f in others if callable(f)]
            chosen |= rng.choice(np.array(fitting or alone, dtype=object))
    return chosen


def partial(unit: Unit, rng: np.random.Generator) -> Submission:
    """The first half solved, the rest untouched."""
    names = list(unit.exercises)[: (len(unit.exercises) + 1) // 2]
    return Submission("half done", _bytes(unit.filled({n: unit.references()[n] for n in names})))


def untouched(unit: Unit, rng: np.random.Generator) -> Submission:
    """Nothing solved."""
    return Submission("untouched", _bytes(unit.released))


def mistaken(unit: Unit, rng: np.random.Generator) -> Submission:
    """Two exercises solved wrongly, each with a misconception; what builds on them untouched, the rest right."""
    sources, planted = unit.references(), {}
    for name in rng.permutation([name for name, exercise in unit.exercises.items() if exercise.misconceptions]):
        apart = not any(name in unit.builds_on(p) or p in unit.builds_on(name) for p in planted)
        if len(planted) < 2 and apart:
            misconception = rng.choice(np.array(unit.exercises[name].misconceptions, dtype=object))
            sources[name] = _mistaken_source(misconception.implementation, name, sources[name])
            planted[str(name)] = misconception.name
    # A mistake in one function would look like another in those that call it.
    needed = set().union(*map(unit.builds_on, planted))
    blocked = {name for name in sources if unit.builds_on(name) & planted.keys()} - needed
    return Submission("mistaken", _bytes(unit.filled({n: s for n, s in sources.items() if n not in blocked})), planted)


def damaged(unit: Unit, rng: np.random.Generator) -> Submission:
    """Right answers in a notebook whose cells were deleted, duplicated, renamed, retyped or tagged."""
    notebook = unit.filled(unit.references())
    tests = [k for k, cell in enumerate(notebook.cells) if cell.metadata.get("nbgrader", {}).get("grade")]
    one, two, three = rng.choice(tests, size=3, replace=len(tests) < 3)
    notebook.cells[one].metadata["tags"] = ["skip-execution"]
    notebook.cells[two].metadata["nbgrader"]["points"] = 1000
    notebook.cells[three].cell_type = "raw"
    notebook.cells.append(nbformat.from_dict(notebook.cells[one]))
    notebook.metadata["kernelspec"] = {"name": "julia-1.9", "display_name": "Julia", "language": "julia"}
    del notebook.cells[tests[0]]
    return Submission("damaged", json.dumps(notebook).encode())


def corrupt(unit: Unit, rng: np.random.Generator) -> Submission:
    """A file cut off in the middle."""
    whole = _bytes(unit.filled(unit.references()))
    return Submission("corrupt", whole[: len(whole) // 2])


def missing(unit: Unit, rng: np.random.Generator) -> Submission:
    """A folder without a notebook."""
    return Submission("no notebook", None)


# In this order, round and round; most people are neither perfect nor damaged.
CLASS: tuple[Callable[[Unit, np.random.Generator], Submission], ...] = (
    perfect, mistaken, mistaken, partial, own_ways, mistaken, damaged, mistaken, untouched, corrupt, mistaken, missing,
)  # fmt: skip


def make_course(original: Course, root: Path) -> Course:
    """Copy configuration and sources of a course into a new directory.

    Raises
    ------
    CourseError
        If `root` holds something already.
    """
    if root.exists() and any(root.iterdir()):
        raise CourseError(f"{root} is not empty. Next: name another folder with --output.")
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(original.root / CONFIG_NAME, root / CONFIG_NAME)
    shutil.copytree(original.root / "source", root / "source", ignore=shutil.ignore_patterns(".*"))
    return Course(root)


def hand_in(course: Course, name: str, students: int, seed: int) -> dict[str, Submission]:
    """Let a class hand in one released unit; return what each student did."""
    key = course.answer_key
    released = nbformat.read(course.root / "release" / name / f"{name}.ipynb", as_version=4)
    unit = Unit(name, released, load_exercises(name, key), key)
    handed_in = {}
    for k in tqdm(range(students), desc=f"{name} is handed in", unit="student", leave=False):
        rng = np.random.default_rng([seed, k, len(unit.exercises)])
        student = f"s{k + 1:03d}"
        handed_in[student] = CLASS[k % len(CLASS)](replace(unit, answer=ANSWERS[k % len(ANSWERS)]), rng)
        folder = course.root / "submitted" / student / name
        folder.mkdir(parents=True)
        if (content := handed_in[student].content) is not None:
            (folder / f"{name}.ipynb").write_bytes(content)
    return handed_in


def write_plan(course: Course, plan: dict[str, dict[str, Submission]]) -> None:
    """Write down what was planted, by unit and student, beside the course."""
    data = {
        unit: {student: {"kind": s.kind, "planted": s.planted} for student, s in students.items()}
        for unit, students in plan.items()
    }
    (course.root / PLAN_NAME).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


@cache
def _names_in(function: Callable) -> frozenset[str]:
    """Return the global names that a function or class uses."""
    (table,) = symtable(_written(function), function.__name__, "exec").get_children()
    return frozenset(_globals_of(table))


def _globals_of(table: SymbolTable) -> set[str]:
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return names.union(*map(_globals_of, table.get_children()))


def _written(function: Callable) -> str:
    """Return the text of a function without nbgrader's marks."""
    return MARKS.sub("", source_of(function))


def _mistaken_source(function: Callable, name: str, reference: str) -> str:
    """Return the text of a wrong function, bound to the exercise's name, as a student's cell would hold it."""
    source = _written(function)
    if hasattr(function, "__source__") or not re.search(rf"\b{name}\b", source):
        return cell_of(function, name)
    # It spoils a right result, for which it needs the right function.
    source = re.sub(rf"\b{name}\b", f"first_{name}", f"{reference}\n\n{source}")
    return f"{source}\n\n{name} = {function.__name__}\n"


def _bytes(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()
