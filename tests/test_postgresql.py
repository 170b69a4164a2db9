"""A gradebook in PostgreSQL takes what several people and programs write at the same time."""

import shlex
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from browser.driver import free_port, serving
from conftest import POSTGRESQL, submission, submit
from engine.test_rebuild import SOLVED
from sqlalchemy import create_engine, text
from test_nbgrader import scores
from test_term import Api

from backprop_autograder.classroom import gradebook as storing
from backprop_autograder.classroom import local
from backprop_autograder.classroom.batch import grade_class, pending
from backprop_autograder.classroom.course import Course, CourseError
from backprop_autograder.classroom.gradebook import open_gradebook, store

UNIT = "01_toy"
pytestmark = [pytest.mark.slow, POSTGRESQL]


def hand_in(course: Course, students: range) -> dict[str, float]:
    """Hand in, every second solved; return the points that each deserves."""
    notebook = course.assignment(UNIT).released
    for k in students:
        submit(course, f"s{k:02d}", submission(notebook, written_why=f"Because of {k}.", **(SOLVED if k % 2 else {})))
    return {f"s{k:02d}": 6.0 * (k % 2) for k in students}


def waits_for_a_lock(course: Course) -> bool:
    """Whether somebody waits for what another transaction holds."""
    engine = create_engine(course.directory.db_url)
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with engine.connect() as connection:
        found = connection.execute(text(query)).scalar()
    engine.dispose()
    return found > 0


def test_two_programs_that_store_the_same_new_students_at_once_both_succeed(released):
    deserved = hand_in(released, range(4))
    results = list(local.run(pending(released, [UNIT]), 2))
    with open_gradebook(released) as first, open_gradebook(released) as second, ThreadPoolExecutor(1) as other:
        storing._merge(released, first, UNIT, results)  # written, not yet committed
        stored = other.submit(store, released, second, results)
        deadline = time.monotonic() + 60
        while not waits_for_a_lock(released) and not stored.done():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        first.db.commit()
        stored.result(timeout=60)
    assert {student: score for student, (score, _) in scores(released).items()} == deserved
    assert not pending(released, [UNIT])


def test_two_graders_give_points_by_hand_while_a_batch_is_graded(released, tmp_path):
    deserved = hand_in(released, range(8))
    grade_class(released, [UNIT], processes=2)
    late = hand_in(released, range(8, 14))
    with ExitStack() as stack:
        graders = [Api(stack.enter_context(formgrader(released, tmp_path / str(k)))) for k in range(2)]
        entries = graders[0]("GET", f"submitted_notebooks/{UNIT}/{UNIT}")
        assert len(entries) == 8
        batch = threading.Thread(target=grade_class, args=(released, [UNIT]), kwargs={"processes": 1})
        batch.start()
        with ThreadPoolExecutor(2) as people:
            # Each takes every second submission; both work at the same time.
            done = [people.submit(give_points, graders[k], entries[k::2]) for k in range(2)]
        batch.join()
    given = done[0].result() | done[1].result()
    assert {s: score for s, (score, _) in scores(released).items()} == {
        s: points + given.get(s, 0.0) for s, points in (deserved | late).items()
    }


def formgrader(course: Course, folder: Path):
    """Run a server of one's own on the course."""
    folder.mkdir()
    port = free_port()
    program = f"{shlex.quote(sys.executable)} -m jupyter_server --ServerApp.port={port} --ServerApp.ip=127.0.0.1"
    path = f"PYTHONPATH={shlex.quote(str(Path(__file__).parent))}"  # of the toy key
    start = f"cd {shlex.quote(str(course.root))} && {path} exec {program} --ServerApp.open_browser=False"
    return serving(["sh", "-c", start], folder, port)


def give_points(grader: Api, entries: list[dict]) -> dict[str, float]:
    """Give each submission points and a comment, as formgrader's page does; return the points."""
    given = {}
    for entry in entries:
        (grade,) = (g for g in grader("GET", f"grades?submission_id={entry['id']}") if g["name"] == "written_why")
        points = float(int(entry["student"][1:]) % 3)
        grader("PUT", f"grade/{grade['id']}", manual_score=points, extra_credit=None)
        (comment,) = (c for c in grader("GET", f"comments?submission_id={entry['id']}") if c["name"] == "written_why")
        grader("PUT", f"comment/{comment['id']}", manual_comment="Read.")
        given[entry["student"]] = points
    return given


def test_a_server_that_is_away_is_named_in_one_line(released):
    released.config.CourseDirectory.db_url = f"postgresql+psycopg://instructor@127.0.0.1:{free_port()}/course"
    with pytest.raises(CourseError) as refused, open_gradebook(released):
        pass
    message = str(refused.value)
    assert "cannot be opened" in message and "refused" in message and "Next:" in message
    assert len(message.splitlines()) == 1
