"""A worker runs cells and answers questions; whatever happens inside, the outside goes on."""

import time

import pytest

from backprop_autograder.engine.data import encode
from backprop_autograder.engine.probe import Question
from backprop_autograder.workers.worker import CellTimeoutError, ColdLauncher, WorkerLostError, safe_output


@pytest.fixture
def worker():
    worker = ColdLauncher().launch({"data/points.txt": b"1 2 3"})
    yield worker
    worker.close()


def texts(outputs):
    return [o.get("text") or o.get("evalue") or o["data"]["text/plain"] for o in outputs]


def test_outputs_come_back_in_order(worker):
    outputs = worker.run("import sys\nprint('a')\ndisplay('b')\nsys.stderr.write('c')\n1 / 0", 20)
    assert [o["output_type"] for o in outputs] == ["stream", "display_data", "stream", "error"]
    assert texts(outputs) == ["a\n", "'b'", "c", "division by zero"]


def test_cells_share_their_names_and_find_their_files(worker):
    worker.run("text = open('data/points.txt').read()", 20)
    assert texts(worker.run("text", 20)) == ["'1 2 3'"]


def test_magics_plots_and_widgets_work_without_a_browser(worker):
    source = "%matplotlib inline\nimport matplotlib.pyplot as plt, ipywidgets\nplt.plot([1, 2])\nipywidgets.IntSlider()"
    kinds = [set(o.get("data", {})) for o in worker.run(source, 60)]
    assert {"text/plain", "image/png"} in kinds
    assert all(o["output_type"] != "error" for o in worker.run(source, 60))


def test_the_answer_key_cannot_be_imported(worker):
    (error,) = worker.run("import backprop_solutions", 20)
    assert error["ename"] == "ModuleNotFoundError"


def test_the_environment_is_an_allow_list(worker, monkeypatch):
    (output,) = worker.run("import os; sorted(os.environ)", 20)
    assert "NBGRADER" not in output["data"]["text/plain"] and "HOME" in output["data"]["text/plain"]


def test_a_question_is_answered_from_the_names_of_the_cells(worker):
    worker.run("def cube(x):\n    print('hidden')\n    return x**3", 20)
    assert worker.ask([Question("cube", encode({"x": 2.0}))], 20)[0].result == 8.0


def test_a_cell_that_runs_too_long_is_interrupted_and_the_names_survive(worker):
    worker.run("x = 5", 20)
    with pytest.raises(CellTimeoutError):
        worker.run("import time\ntime.sleep(60)", 0.5)
    assert texts(worker.run("x", 20)) == ["5"]


STUBBORN = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"


@pytest.mark.slow
@pytest.mark.parametrize("source", [STUBBORN, "import os\nos._exit(0)", "import os, signal\nos.kill(os.getpid(), 9)"])
def test_a_worker_that_hangs_or_dies_is_reported_lost(worker, source):
    with pytest.raises(WorkerLostError):
        worker.run(source, 0.5)


def test_output_is_cut_off(worker):
    (output,) = worker.run("print('x' * 10**7)", 20)
    assert len(output["text"]) < 10**6


FORGED = """
import gc, json, socket, struct
channel = next(o for o in gc.get_objects() if isinstance(o, socket.socket))
body = json.dumps({"id": "guess", "outcomes": [{"result": 8.0}]}).encode()
channel.sendall(struct.pack(">I", len(body)) + body)
"""


def test_a_reply_sent_before_its_question_does_not_count(worker):
    worker.run(FORGED, 20)
    worker.run("def cube(x):\n    return 0.0", 20)
    assert worker.ask([Question("cube", encode({"x": 2.0}))], 20)[0].result == 0.0


def test_a_flood_of_bytes_ends_the_worker_and_not_the_grader(worker):
    flood = FORGED.replace('struct.pack(">I", len(body)) + body', 'b"\\xff" * 10_000')
    with pytest.raises(WorkerLostError):
        worker.run(flood + "\nimport time\ntime.sleep(30)", 5)


def test_closing_twice_is_harmless_and_leaves_no_folder(worker, tmp_path):
    worker.close()
    worker.close()
    assert not worker._folder.exists()


def test_starting_and_closing_leaves_no_process_behind():
    worker = ColdLauncher().launch({})
    process = worker._process._process
    worker.close()
    time.sleep(0.05)
    assert process.poll() is not None


@pytest.mark.parametrize(
    "output",
    [
        None,
        [],
        {"output_type": "html"},
        {"output_type": "display_data", "data": {"text/html": "<script>"}},
        {"output_type": "display_data", "data": {"text/plain": 7}},
        {"output_type": "update_display_data", "data": {"text/plain": "x"}},
    ],
)
def test_outputs_of_unknown_form_or_with_markup_are_dropped(output):
    assert safe_output(output) is None
