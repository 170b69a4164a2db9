"""Knowledge runs in one direction, and what students install holds no answer."""

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from backprop_autograder.cli import find_course
from backprop_autograder.judging.answer_key import load_exercises

ROOT = Path(__file__).parents[1]
COURSE = find_course(Path(__file__))
AUTOGRADER = ROOT / "autograder" / "backprop_autograder"
# What `check` imports must run in a plain environment with numpy alone.
LAYERS = ("engine", "workers", "judging", "classroom", "authoring", "pages")  # each builds on those before it


def imported(path: Path) -> set[str]:
    """Return the top-level names of all packages that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("path", sorted(AUTOGRADER.rglob("*.py")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_the_autograder_imports_no_exercise(path):
    assert not imported(path) & {"backprop_solutions", "tests", "toy_key"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_from_itself_and_those_below(layer):
    allowed = {*LAYERS[: LAYERS.index(layer) + 1], "quick"}
    for path in (AUTOGRADER / layer).glob("*.py"):
        names = re.findall(r"^ *(?:from|import) backprop_autograder\.(\w+)", path.read_text(encoding="utf-8"), re.M)
        assert set(names) <= allowed, path.name


@pytest.mark.parametrize("path", sorted((ROOT / "course" / "backprop_course").glob("*.py")), ids=lambda p: p.stem)
def test_the_students_package_imports_no_answer(path):
    assert not imported(path) & {"backprop_solutions", "tests"}


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").rglob("*.py")), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_the_answer_key_imports_numpy_and_definitions_only(path):
    allowed = set(sys.stdlib_module_names) | {"numpy", "backprop_autograder", "backprop_solutions", "backprop_course"}
    assert imported(path) <= allowed


@pytest.mark.parametrize("unit", COURSE.units())
def test_notebooks_import_check_their_own_unit_and_numpy_only(unit):
    notebook = nbformat.read(COURSE.source(unit) / f"{unit}.ipynb", as_version=4)
    code = "\n".join(c.source for c in notebook.cells if c.cell_type == "code" and not c.source.startswith("%"))
    names = {
        name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [node.module])
    }
    own = f"backprop_course.{unit.split('_', 1)[1]}"
    shared = {f"backprop_course.{name}" for name in ("digits", "progress", "submitting")}
    assert names <= {"numpy", "math", "matplotlib.pyplot", "backprop_autograder", "backprop_course", own} | shared


def test_check_imports_without_jupyter_or_nbgrader():
    code = (
        "import sys\n"
        "for name in ('nbgrader', 'nbformat', 'IPython', 'ipywidgets', 'matplotlib', 'click', 'tqdm'):\n"
        "    sys.modules[name] = None\n"
        "from backprop_autograder import check\n"
        "print(sorted(m for m in sys.modules if m.startswith('backprop_autograder.')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {name.split(".")[1] for name in ast.literal_eval(done.stdout)} == {"engine"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that ``pip wheel .`` builds."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


@pytest.mark.slow
def test_the_wheel_holds_the_two_packages_and_nothing_else(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"backprop_autograder", "backprop_course"}


@pytest.mark.slow
def test_the_wheel_holds_no_text_of_any_solution(wheel):
    text = "\n".join(wheel.values())
    assert "import backprop_solutions" not in text
    for unit in COURSE.units():
        for exercise in load_exercises(unit).values():
            for body in solution_bodies(exercise.reference):
                assert body not in text, exercise.name


def solution_bodies(reference) -> list[str]:
    """Return the solution regions of a reference that are long enough to be told from a coincidence."""
    import inspect
    import textwrap

    regions = inspect.getsource(reference).split("### BEGIN SOLUTION")[1:]
    bodies = (textwrap.dedent(r.split("### END SOLUTION")[0]).strip() for r in regions)
    return [body for body in bodies if len(body) > 40]


def test_every_public_name_is_found_when_it_is_asked_for():
    import backprop_autograder

    assert set(backprop_autograder._HOMES) == set(backprop_autograder.__all__)
    assert all(getattr(backprop_autograder, name) for name in backprop_autograder.__all__)


def test_grading_starts_its_processes_before_numpy_is_imported():
    program = (
        "import sys; from backprop_autograder.classroom import batch, grader, local; print('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"
