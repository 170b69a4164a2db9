"""The ways in which an honest, right notebook arrives. Every one keeps its points, words, pictures and time."""

import base64
import copy
import io
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

ANSWER = "Since two is company, and größer is less."
SOLUTIONS = {"double": "def double(X):\n    return 2 * X", "row_means": "def row_means(X):\n    return X.mean(axis=1)"}


@dataclass(frozen=True)
class Way:
    """A way in which a notebook arrives.

    Attributes
    ----------
    name, family, told : str
        What it is called, which kind it is of, and what has happened, in words.
    change : callable
        Changes the solved notebook as JSON data, and returns it, or the bytes of the file.
    words : tuple of str
        What has to stand in the graded notebook.
    pictures : int
        How many pictures it has to show.
    """

    name: str
    family: str
    told: str
    change: Callable[[dict], dict | bytes | None]
    words: tuple[str, ...] = (ANSWER,)
    pictures: int = 0

    def file(self, released: dict) -> bytes:
        """Return the file that is handed in."""
        notebook = copy.deepcopy(released)
        for cell in notebook["cells"]:
            GIVEN[cell["id"]] = "".join(cell["source"])
            cell["source"] = {**SOLUTIONS, "written_why": ANSWER}.get(cell["id"], "".join(cell["source"]))
        changed = self.change(notebook)
        return changed if isinstance(changed, bytes) else text(changed or notebook).encode()


WAYS: list[Way] = []
GIVEN: dict[str, str] = {}  # sources of cells as they were released


def way(family: str, told: str, **options):
    """Add a way to the list: its change is decorated, and gives the name."""

    def add(change):
        WAYS.append(Way(change.__name__.strip("_").replace("_", "-"), family, told, change, **options))
        return change

    return add


def text(notebook: dict) -> str:
    """Return a notebook as Jupyter writes it."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def cell(notebook: dict, name: str) -> dict:
    """Return the cell with this id."""
    return next(c for c in notebook["cells"] if c.get("id") == name)


def new(kind: str, source: str, **more) -> dict:
    """Return a new cell as editors make it."""
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **code, **more}


def insert(notebook: dict, after: str, *cells: dict) -> None:
    """Insert cells below one."""
    at = notebook["cells"].index(cell(notebook, after)) + 1
    notebook["cells"][at:at] = cells


def without(notebook: dict, *names: str) -> None:
    """Delete cells."""
    notebook["cells"] = [c for c in notebook["cells"] if c.get("id") not in names]


def picture(side: int = 40, noise: bool = False) -> str:
    """Return the base64 of a PNG."""
    pixels = np.zeros((side, side, 3), np.uint8)
    pixels[: side // 2] = (200, 30, 60)
    if noise:
        pixels = np.random.default_rng(0).integers(0, 255, pixels.shape, dtype=np.uint8)
    drawn = io.BytesIO()
    Image.fromarray(pixels).save(drawn, "PNG")
    return base64.b64encode(drawn.getvalue()).decode()


# --- the file -------------------------------------------------------------------------------------------------------

FILE = "the file"


@way(FILE, "as `backprop submit` zips it")
def as_released(notebook):
    return notebook


@way(FILE, "with a byte-order mark")
def byte_order_mark(notebook):
    return b"\xef\xbb\xbf" + text(notebook).encode()


@way(FILE, "in UTF-16")
def utf_16(notebook):
    return text(notebook).encode("utf-16")


@way(FILE, "in UTF-16 without a byte-order mark, high bytes first")
def utf_16_be(notebook):
    return text(notebook).encode("utf-16-be")


@way(FILE, "in the encoding of old Windows editors")
def windows_1252(notebook):
    return text(notebook).encode("cp1252")


@way(FILE, "with the line ends of Windows")
def line_ends(notebook):
    return text(notebook).replace("\n", "\r\n").encode()


@way(FILE, "with the line ends of Windows inside of cells")
def line_ends_in_cells(notebook):
    for c in notebook["cells"]:
        c["source"] = c["source"].replace("\n", "\r\n")


@way(FILE, "with NULs behind it, as some synchronised disks leave them")
def trailing_nuls(notebook):
    return text(notebook).encode() + b"\0" * 4096


@way(FILE, "with the rest of an older, longer file behind it")
def longer_file(notebook):
    return text(notebook).encode() + text(notebook).encode()[-900:]


@way(FILE, "with tabs and line breaks inside of JSON strings")
def raw_control_characters(notebook):
    return json.dumps(notebook).replace("\\n", "\n").encode()


@way(FILE, "in nbformat 3")
def format_3(notebook):
    cells = [{k: v for k, v in c.items() if k not in ("id", "execution_count")} for c in notebook["cells"]]
    for c in cells:
        if c["cell_type"] == "code":
            c |= {"input": c.pop("source"), "prompt_number": 1, "language": "python"}
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"}, "worksheets": [{"cells": cells}]}


@way(FILE, "in nbformat 4.0, sources as lists of lines")
def format_4_0(notebook):
    for c in notebook["cells"]:
        del c["id"]
        c["source"] = c["source"].splitlines(keepends=True)
    return {**notebook, "nbformat_minor": 0}


@way(FILE, "in nbformat 4.4, without ids")
def format_4_4(notebook):
    for c in notebook["cells"]:
        del c["id"]
    return {**notebook, "nbformat_minor": 4}


@way(FILE, "without any metadata")
def metadata_lost(notebook):
    for c in notebook["cells"]:
        c["metadata"] = {}
    return {**notebook, "metadata": {}}


@way(FILE, "without ids and metadata")
def ids_and_metadata_lost(notebook):
    for c in notebook["cells"]:
        c["metadata"] = {}
        del c["id"]


@way(FILE, "with ids of another platform")
def ids_renamed(notebook):
    for k, c in enumerate(notebook["cells"]):
        c["id"] = f"cell-{k}"
        c["metadata"] = {"id": f"Xy{k}", "colab": {"base_uri": "https://localhost:8080/"}}


@way(FILE, "with 12 MB of outputs")
def large_outputs(notebook):
    lines = ["0.123456789 " * 8 + "\n"] * 1000
    for c in notebook["cells"]:
        if c["cell_type"] == "code":
            c["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}] * 16


@way(FILE, "with the state of a hundred widgets")
def widget_state(notebook):
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {str(k): "x" for k in range(100)}}


@way(FILE, "with 600 cells more")
def many_cells(notebook):
    insert(notebook, "setup", *(new("code", f"tried_{k} = {k}", id=f"tried-{k}") for k in range(300)))
    notebook["cells"] += [new("markdown", f"Note {k}.") for k in range(300)]


# --- where code stands ----------------------------------------------------------------------------------------------

CODE = "where code stands"


@way(CODE, "every cell twice")
def duplicated(notebook):
    notebook["cells"] += copy.deepcopy(notebook["cells"])


@way(CODE, "the last cell first")
def reversed_(notebook):
    notebook["cells"].reverse()


@way(CODE, "tests deleted")
def tests_deleted(notebook):
    without(notebook, "test_double", "test_double_large", "test_row_means")


@way(CODE, "tests moved to the top")
def tests_first(notebook):
    notebook["cells"].sort(key=lambda c: not c.get("id", "").startswith("test_"))


@way(CODE, "all code in one cell, the others deleted")
def one_cell(notebook):
    code = [c["source"] for c in notebook["cells"] if c["cell_type"] == "code"]
    kept = [c for c in notebook["cells"] if c["cell_type"] != "code"]
    notebook["cells"] = [new("code", "\n\n".join(code)), *kept]


@way(CODE, "both solutions in the first one's cell")
def merged_solutions(notebook):
    cell(notebook, "double")["source"] = "\n\n".join(SOLUTIONS.values())
    without(notebook, "row_means")


@way(CODE, "a solution merged with its test")
def merged_with_test(notebook):
    cell(notebook, "double")["source"] += "\n\ncheck(double)"
    without(notebook, "test_double")


@way(CODE, "a cell split below its imports, both halves with the cell's id")
def split_below_imports(notebook):
    upper = copy.deepcopy(cell(notebook, "row_means"))
    upper["source"] = "import numpy as np\nAXIS = 1"
    lower = cell(notebook, "row_means")
    lower["source"] = "def row_means(X):\n    return np.mean(X, axis=AXIS)"
    notebook["cells"].insert(notebook["cells"].index(lower), upper)


@way(CODE, "a cell split below the function, the helper in the new half")
def split_below_function(notebook):
    cell(notebook, "double")["source"] = "def double(X):\n    return times_two(X)"
    insert(notebook, "double", new("code", "def times_two(X):\n    return 2 * X"))


@way(CODE, "solved in new cells, the given ones left as they were")
def solved_below(notebook):
    for name, source in SOLUTIONS.items():
        cell(notebook, name)["source"] = GIVEN[name]
        insert(notebook, f"test_{name}", new("code", source))


@way(CODE, "solved in a new cell above the given one, which is left as it was")
def solved_above(notebook):
    cell(notebook, "double")["source"] = GIVEN["double"]
    insert(notebook, "about-double", new("code", SOLUTIONS["double"]))


@way(CODE, "solution cells turned to text")
def turned_to_text(notebook):
    for name in SOLUTIONS:
        cell(notebook, name)["cell_type"] = "markdown"


@way(CODE, "all cells turned to raw ones")
def turned_raw(notebook):
    for c in notebook["cells"]:
        c["cell_type"] = "raw"


@way(CODE, "tags that tell tools to skip cells")
def tagged(notebook):
    for c in notebook["cells"]:
        c["metadata"]["tags"] = ["skip-execution", "remove-cell"]


@way(CODE, "the locked first cell emptied")
def setup_emptied(notebook):
    cell(notebook, "setup")["source"] = ""
    cell(notebook, "row_means")["source"] = "def row_means(X):\n    return np.mean(X, axis=1)"


@way(CODE, "the locked first cell deleted")
def setup_deleted(notebook):
    without(notebook, "setup")
    cell(notebook, "row_means")["source"] = "def row_means(X):\n    return np.mean(X, axis=1)"


@way(CODE, "an import added to the locked first cell")
def setup_import_added(notebook):
    cell(notebook, "setup")["source"] += "\nfrom functools import reduce"
    cell(notebook, "double")["source"] = "def double(X):\n    return reduce(lambda a, b: a + b, [X, X])"


@way(CODE, "code typed into a test cell")
def code_in_test(notebook):
    cell(notebook, "double")["source"] = "def double(X):\n    return FACTOR * X"
    cell(notebook, "test_double")["source"] = "FACTOR = 2\ncheck(double)"


@way(CODE, "an old attempt in a note", words=(ANSWER, "My first attempt was"))
def attempt_in_note(notebook):
    note = "My first attempt was\n\n```python\ndef double(X):\n    return X\n```"
    insert(notebook, "test_double", new("markdown", note))
    notebook["cells"].append(new("markdown", "def row_means(X):\n    return X"))


@way(CODE, "an old attempt in a cell above, kept", words=(ANSWER, "# not yet"))
def attempt_above(notebook):
    insert(notebook, "about-double", new("code", "def double(X):  # not yet\n    return X"))


@way(CODE, "solved again at the end, the first attempt left")
def corrected_below(notebook):
    cell(notebook, "double")["source"] = "def double(X):\n    return X"
    notebook["cells"].append(new("code", SOLUTIONS["double"]))


@way(CODE, "another name, bound to the one that is asked for")
def another_name(notebook):
    cell(notebook, "double")["source"] = "def twice(X):\n    return 2 * X\n\ndouble = twice"


@way(CODE, "notes between all cells", words=(ANSWER, "Note 0", "Note 9"))
def notes_everywhere(notebook):
    notebook["cells"] = [x for k, c in enumerate(notebook["cells"]) for x in (c, new("markdown", f"Note {k}"))]


# --- lines that work elsewhere --------------------------------------------------------------------------------------

ELSEWHERE = "lines that work elsewhere"


def line(name: str, told: str, *lines: str) -> None:
    """Add a way in which lines stand above the functions of a cell."""

    def change(notebook):
        for solution in SOLUTIONS:
            own = cell(notebook, solution)
            own["source"] = "\n".join([*lines, own["source"]])

    WAYS.append(Way(name, ELSEWHERE, told, change))


line("install", "`%pip install` above a function", "%pip install -q numpy")
line("shell", "`!ls` and `files = !ls` above a function", "!ls", "files = !ls")
line("move", "`%cd`, `%store` and `%load_ext` above a function", "%cd ..", "%store -r", "%load_ext autoreload")
line("widget-backend", "`%matplotlib widget` above a function", "%matplotlib widget")
line("time-magic", "`%%time` above a function", "%%time")
line("unknown-magic", "a cell magic of an extension above a function", "%%memit -r 1")
line("subprocess", "a program started above a function", "import subprocess", "subprocess.run(['ls'], check=True)")
line("pool", "a pool of processes above a function", "from multiprocessing import Pool", "Pool(2).map(abs, [1])")
line("task", "an asyncio task above a function", "import asyncio", "asyncio.create_task(asyncio.sleep(0))")
line("kernel", "the kernel asked for its name above a function", "print(get_ipython().kernel.shell.name)")
line("faulthandler", "faulthandler above a function", "import faulthandler", "faulthandler.enable()")
line("question", "`input()` above a function", "name = input('Your name?')")
line("upload", "Colab's own modules above a function", "from google.colab import files", "files.upload()")
line("read-own-file", "a file of the student's read above a function", "data = open('/home/me/data.csv').read()")
line("unsolved-helper", "an experiment that fails above a function", "print(row_sums_of_mine(3))")


# --- written answers ------------------------------------------------------------------------------------------------

WRITTEN = "written answers"


@way(WRITTEN, "in a new cell below the emptied one")
def answer_below(notebook):
    cell(notebook, "written_why")["source"] = ""
    insert(notebook, "written_why", new("markdown", ANSWER))


@way(WRITTEN, "in a new cell, the given one left as it was")
def answer_below_stub(notebook):
    cell(notebook, "written_why")["source"] = "*Your answer here.*"
    insert(notebook, "written_why", new("markdown", ANSWER))


@way(WRITTEN, "in a new cell below the question, the given one deleted")
def answer_cell_deleted(notebook):
    insert(notebook, "question_why", new("markdown", ANSWER))
    without(notebook, "written_why")


@way(WRITTEN, "typed into the question")
def answer_in_question(notebook):
    cell(notebook, "question_why")["source"] += f"\n\n{ANSWER}"
    cell(notebook, "written_why")["source"] = ""


@way(WRITTEN, "in a raw cell")
def answer_raw(notebook):
    cell(notebook, "written_why")["cell_type"] = "raw"


@way(WRITTEN, "twice, the copy above left as it was given")
def answer_twice(notebook):
    stub = copy.deepcopy(cell(notebook, "written_why"))
    stub["source"] = "*Your answer here.*"
    insert(notebook, "question_why", stub)


@way(WRITTEN, "with aligned formulas", words=(ANSWER, r"a &= b \\"))
def answer_aligned(notebook):
    cell(notebook, "written_why")["source"] += "\n\n\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}"


@way(WRITTEN, "with an attached picture", words=(ANSWER, "and so on"), pictures=1)
def picture_attached(notebook):
    own = cell(notebook, "written_why")
    own["source"] += "\n\n![my sketch](attachment:my sketch.png)\n\nand so on"
    own["attachments"] = {"my sketch.png": {"image/png": picture()}}


@way(WRITTEN, "with two pictures, one of them in a note", words=(ANSWER, "A note"), pictures=2)
def pictures_attached(notebook):
    picture_attached(notebook)
    note = new("markdown", "A note ![](attachment:b.png)", attachments={"b.png": {"image/png": picture()}})
    insert(notebook, "test_double", note)


@way(WRITTEN, "with a picture of 25,000 letters in the text, as Colab writes it", words=(ANSWER, "below"), pictures=1)
def picture_in_text(notebook):
    inline = f"![image.png](data:image/png;base64,{picture(90, noise=True)})"
    cell(notebook, "written_why")["source"] = f"{ANSWER}\n\n{inline}\n\nbelow the picture"


@way(WRITTEN, "with a picture of half a million letters in the text", words=(ANSWER, "below"), pictures=1)
def large_picture_in_text(notebook):
    inline = f'<img src="data:image/png;base64,{picture(360, noise=True)}" width="300"/>'
    cell(notebook, "written_why")["source"] = f"{ANSWER}\n\n{inline}\n\nbelow the picture"


@way(WRITTEN, "with a picture at the end of the text, as word processors export it", pictures=1)
def picture_by_reference(notebook):
    inline = f"[image1]: <data:image/png;base64,{picture()}>"
    cell(notebook, "written_why")["source"] = f"{ANSWER} ![][image1]\n\n{inline}"


# --- time -----------------------------------------------------------------------------------------------------------

TIME = "time"


@way(TIME, "an experiment without end in a solution's cell")
def endless_experiment(notebook):
    cell(notebook, "double")["source"] += "\n\nwhile True:\n    pass"


@way(TIME, "an experiment without end above the function")
def endless_above(notebook):
    own = cell(notebook, "double")
    own["source"] = f"while True:\n    pass\n\n{own['source']}"


@way(TIME, "an experiment that sleeps, in a cell of its own")
def sleeping(notebook):
    insert(notebook, "setup", new("code", "import time\ntime.sleep(3600)"))


@way(TIME, "experiments that take longer than a notebook may")
def slow_experiments(notebook):
    insert(notebook, "setup", *(new("code", "while True:\n    pass") for _ in range(4)))
