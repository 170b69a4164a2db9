"""Course directories and submissions for the tests."""

import atexit
import copy
import gc
import os
import shutil
import sys
import tempfile
import threading
from collections import defaultdict
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from typing import ClassVar

import nbformat
import nbgrader.api
import postgresql
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from tqdm import tqdm
from xdist.scheduler import LoadScopeScheduling

from backprop_autograder.authoring.sync import KINDS, NOTEBOOK_METADATA
from backprop_autograder.classroom import grader, local
from backprop_autograder.classroom.course import Course
from backprop_autograder.cli import find_course
from backprop_autograder.workers.warm import NoSandboxError, shared_launcher

# The toy answer key has to be found by the programs that tests start, too.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
# Tests share the processors: more threads of NumPy's and PyTorch's would wait, busily, for one another.
os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
BROWSER = "browser"
CONFIG = Path(__file__).parents[1] / "course" / "nbgrader_config.py"


@pytest.fixture(autouse=True)
def a_lock_of_its_own():
    """Give each test's bars a lock: a bar that cannot be drawn, or whose process is killed, keeps it for ever."""
    tqdm.set_lock(threading.RLock())


@pytest.fixture(autouse=True, scope="session")
def the_version_of_the_gradebook_is_asked_for_once():
    """Ask for the newest version of nbgrader's tables once: a program of its own says it, for each new gradebook."""
    nbgrader.api.get_alembic_version = cache(nbgrader.api.get_alembic_version)


class KeptSlot(local._Slot):
    """A process that grades the next test's class as well: to start one with its workers takes two seconds."""

    idle: ClassVar = defaultdict(list)  # by what a process takes from the one that starts it

    def _key(self):
        sandbox, _, processor = self._arguments
        environment = {**os.environ, "PYTEST_CURRENT_TEST": ""}
        return sandbox, processor, Path.cwd(), *sys.path, *sorted(environment.items())

    def _start(self):
        self._began_with = self._key()
        if not (kept := self.idle[self._began_with]):
            return super()._start()
        self._pool, self._known = kept.pop(), set()
        self._ready = self._pool.submit(grader.ready, *self._arguments)

    def close(self):
        try:
            self._pool.submit(int).result()  # after what it is at
        except (AttributeError, BrokenProcessPool):
            return super().close()
        self.idle[self._began_with].append(self._pool)
        self._pool = None


@pytest.fixture(autouse=True)
def classes_follow_each_other_in_the_same_processes(monkeypatch):
    monkeypatch.setattr(local, "_Slot", KeptSlot)


@cache
def isolated() -> bool:
    """Whether this host can isolate submissions; where it cannot, the tests grade as ``--no-sandbox`` does."""
    try:
        shared_launcher()
    except NoSandboxError:
        return False
    return True


def the_course() -> Course:
    """Return the repository's course."""
    course = find_course(CONFIG.parent)
    course.config.Judging.sandbox = isolated()
    return course


def pytest_collection_finish():
    """Spare the collector of garbage what stays: to look through six thousand tests takes a quarter of all time."""
    gc.freeze()


def pytest_xdist_make_scheduler(config, log):
    """Keep the tests of a file in one process, and all that drive a browser: two at a time miss their deadlines."""
    return InRooms(config, log)


class InRooms(LoadScopeScheduling):
    """Hands out whole files, in order; of `test_exercises.py` a unit at a time, for together they take minutes."""

    def __init__(self, config, log):
        config.option.loadscopereorder = False  # by the number of tests: the longest ones, which are few, come last
        super().__init__(config, log)

    def _assign_work_unit(self, node):
        if BROWSER in self.workqueue:  # what takes longest begins
            self.workqueue.move_to_end(BROWSER, last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid):
        file, _, test = nodeid.partition("::")
        if file.startswith(("tests/browser/", "tests/hub/", "tests/test_binder.py", "tests/test_site.py")):
            return BROWSER
        return file + (test.partition("[")[2].split("-")[0] if file == "tests/test_exercises.py" else "")


def nbgrader_cell(kind: str, grade_id: str, source: str, points: float | None = None, cell_type: str = "code"):
    """Return a cell as nbgrader's Create Assignment would make it."""
    cell = (new_code_cell if cell_type == "code" else new_markdown_cell)(source, id=grade_id)
    grade, solution, locked = KINDS[kind]
    cell.metadata["nbgrader"] = {
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "grade_id": grade_id,
        "schema_version": 3,
        "task": False,
    }
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    return cell


def toy_source():
    """Return the source notebook of the toy unit."""
    import inspect

    from toy_key import toy

    cells = [
        nbgrader_cell("locked", "setup", "import numpy as np\n\nfrom backprop_autograder import check"),
        new_markdown_cell("Double a matrix.", id="about-double"),
        nbgrader_cell("solution", "double", inspect.getsource(toy.double).rstrip()),
        nbgrader_cell("test", "test_double", "check(double)", 2),
        nbgrader_cell("test", "test_double_large", 'check(double, "large")', 1),
        new_code_cell("double(np.ones((2, 2)))", id="try-double"),
        nbgrader_cell("solution", "row_means", inspect.getsource(toy.row_means).rstrip()),
        nbgrader_cell("test", "test_row_means", "check(row_means)", 3),
        nbgrader_cell("locked", "question_why", "Why twice?", cell_type="markdown"),
        nbgrader_cell(
            "answer", "written_why", "### BEGIN SOLUTION\nBecause.\n### END SOLUTION", 2, cell_type="markdown"
        ),
    ]
    notebook = new_notebook(cells=cells, metadata=nbformat.from_dict(NOTEBOOK_METADATA))
    notebook.nbformat_minor = 5
    return notebook


def write_toy_course(root: Path, database: str = "") -> Course:
    """Make a course directory with the toy unit in it; its gradebook is a file, or the database of a URL."""
    config = CONFIG.read_text().replace('"backprop_solutions"', '"toy_key"')
    config += f"c.Judging.sandbox = {isolated()}\n"
    if database:
        config += f"c.CourseDirectory.db_url = {database!r}\n"
    (root / "source" / "01_toy").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(config)
    nbformat.write(toy_source(), root / "source" / "01_toy" / "01_toy.ipynb")
    return ToyCourse(root)


class ToyCourse(Course):
    """A course whose first release of the toy unit is a copy of one that nbgrader made: that takes two seconds."""

    def release(self, unit: str) -> Path:
        source = self.source(unit) / f"{unit}.ipynb"
        made = released_toy_course()
        fresh = not (self.root / "gradebook.db").exists() and not (self.root / "release").exists()
        if not fresh or source.read_bytes() != (made.source("01_toy") / "01_toy.ipynb").read_bytes():
            return super().release(unit)
        shutil.copytree(made.root, self.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("nbgrader_config.py"))
        return self.root / "release" / unit


@cache
def released_toy_course() -> Course:
    """Return a course from which nbgrader has released the toy unit; nobody hands in there."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    course = Course(write_toy_course(folder / "course").root)
    course.release("01_toy")
    return course


@pytest.fixture
def toy_course(tmp_path):
    return write_toy_course(tmp_path / "course")


@pytest.fixture(scope="session")
def server():
    """URL of a PostgreSQL server."""
    if reason := postgresql.why_not():
        pytest.skip(reason)
    with postgresql.serving() as url:
        yield url


@pytest.fixture(scope="session")
def released_once_into_postgresql(server, tmp_path_factory):
    """A released course with its gradebook in PostgreSQL, to be copied."""
    root = tmp_path_factory.mktemp("released") / "course"
    course = Course(write_toy_course(root, postgresql.new_database(server)).root)
    course.release("01_toy")
    return course


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.slow)])
def released(request, tmp_path):
    """A course whose unit has been released, once with each kind of gradebook."""
    root = tmp_path / "course"
    if request.param == "SQLite":
        course = write_toy_course(root)
        course.release("01_toy")
        return course
    once = request.getfixturevalue("released_once_into_postgresql")
    shutil.copytree(once.root, root)
    url = once.directory.db_url
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text().replace(url, postgresql.copy_database(url)))
    return Course(root)


SQLITE = pytest.mark.parametrize("released", ["SQLite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("released", ["PostgreSQL"], indirect=True)


def submission(notebook, **solutions):
    """Return a released notebook with sources of cells replaced, as a student would hand it in."""
    filled = copy.deepcopy(notebook)
    for cell in filled.cells:
        if cell.id in solutions:
            cell.source = solutions[cell.id]
    return filled


def submit(course: Course, student: str, content, unit: str = "01_toy") -> Path:
    """Put a notebook (or any bytes) where nbgrader collects submissions."""
    folder = course.root / "submitted" / student / unit
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{unit}.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else nbformat.writes(content).encode())
    return path
