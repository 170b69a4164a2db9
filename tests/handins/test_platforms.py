"""What learning platforms let instructors download is taken as it is; students do not say whose it is, and when."""

import json
import shutil
import zipfile
from datetime import datetime

import nbformat
import pytest
from click.testing import CliRunner
from conftest import submission, write_toy_course
from engine.test_rebuild import SOLVED

from backprop_autograder.classroom import collect as collecting
from backprop_autograder.classroom.collect import collect
from backprop_autograder.classroom.gradebook import open_gradebook
from backprop_autograder.classroom.platforms import told_by_platform
from backprop_autograder.cli import main

UNIT = "01_toy"
STAMP = "20260131T120000Z"
CLASS = [
    {"id": "carl", "first_name": "Carl", "last_name": "Smith", "lms_user_id": "1003", "email": "carl@example.org"},
    {
        "id": "müller",
        "first_name": "Anna Lena",
        "last_name": "Müller",
        "lms_user_id": "1004",
        "email": "am12@example.org",
    },
    {"id": "zoe", "first_name": "Zoë", "last_name": "O'Neil", "lms_user_id": "1005", "email": "zo@example.org"},
]


def fresh(course):
    """Return a course without submissions."""
    for name in ("submitted", "replaced", "autograded", "verdicts"):
        shutil.rmtree(course.root / name, ignore_errors=True)
    return course


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    course = write_toy_course(tmp_path_factory.mktemp("plain") / "course")
    course.release(UNIT)
    return course


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    course = write_toy_course(tmp_path_factory.mktemp("known") / "course")
    course.release(UNIT)
    with open_gradebook(course) as gradebook:
        for person in CLASS:
            gradebook.add_student(person["id"], **{k: v for k, v in person.items() if k != "id"})
    return course


@pytest.fixture
def course(plain):
    return fresh(plain)


@pytest.fixture
def with_class(known):
    return fresh(known)


@pytest.fixture(scope="module")
def notebook(plain):
    return nbformat.writes(submission(plain.assignment(UNIT).released, **SOLVED)).encode()


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{UNIT}.ipynb", content)
    else:
        path.write_bytes(content)


DOWNLOADS = {
    "Canvas": "smithcarl_1003_778899_{name}",
    "Canvas, late": "smithcarl_LATE_1003_778899_{name}",
    "Moodle": "Carl Smith_99_assignsubmission_file_{name}",
    "Moodle, folders": "Carl Smith_99_assignsubmission_file/{name}",
    "Moodle, older folders": "Carl Smith_99_assignsubmission_file_/{name}",
    "Blackboard": "Unit 1_carl_attempt_2026-01-31-12-00-00_{name}",
    "ILIAS": "Unit 1/Abgaben/Smith_Carl_carl_4711/20260131120000_{name}",
    "Brightspace": "1003-67890 - Carl Smith - Jan 31, 2026 1200 PM - {name}",
    "Brightspace, folders": "1003-67890 - Carl Smith - Jan 31, 2026 1200 PM/{name}",
}
LAYOUTS = {**DOWNLOADS, "a folder for each": "carl/{name}", "folders in folders": "carl/week 1/{name}"}
# What a student may call it: nothing in it says that it is Carl's, or it says that it is somebody else's.
NAMES = [f"{UNIT}.ipynb", f"zoe__{UNIT}__{STAMP}.zip", f"{UNIT} (1).ipynb", "homework.zip", f"{UNIT}-1.ipynb"]
# As another platform would call what is Zoë's: of a later time, too.
FORGED = [
    f"x_zoe_attempt_2026-12-31-12-00-00_{UNIT}.ipynb",
    f"oneilzoe_1005_1_{UNIT}.ipynb",
    f"Zoë O'Neil_9_assignsubmission_file_{UNIT}.ipynb",
    f"x_9_assignsubmission_file_zoe__{UNIT}.ipynb",
    f"1005-1 - Zoë O'Neil - Dec 31, 2026 1200 PM - {UNIT}.ipynb",
]


@pytest.mark.parametrize("name", NAMES + FORGED)
@pytest.mark.parametrize("download", LAYOUTS)
def test_whose_it_is_comes_from_platform_and_roster(with_class, notebook, tmp_path, download, name):
    write(tmp_path / "handed" / LAYOUTS[download].format(name=name), notebook)
    collected = collect(with_class, tmp_path / "handed")
    assert [(one.student, one.unit) for one in collected.taken] == [("carl", UNIT)], collected.table()


@pytest.mark.parametrize("download", DOWNLOADS)
def test_a_platforms_one_big_zip_is_taken_as_it_is(with_class, notebook, tmp_path, download):
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.writestr(DOWNLOADS[download].format(name=f"{UNIT}.ipynb"), notebook)
        archive.writestr(DOWNLOADS[download].format(name=f"._{UNIT}.ipynb"), b"\0\1")
    for source in (tmp_path / "submissions.zip", tmp_path):
        collected = collect(with_class, source)
        assert [one.student for one in collected.taken + collected.older] == ["carl"], collected.table()


def test_nobody_takes_a_login_by_an_address_that_begins_with_it(with_class, notebook, tmp_path):
    with open_gradebook(with_class) as gradebook:
        gradebook.update_or_create_student("carl", email="zoe@example.org")
    write(tmp_path / "handed" / f"Unit 1_zoe_attempt_2026-01-31-12-00-00_{UNIT}.ipynb", notebook)
    try:
        collected = collect(with_class, tmp_path / "handed")
    finally:
        with open_gradebook(with_class) as gradebook:
            gradebook.update_or_create_student("carl", email=CLASS[0]["email"])
    assert [one.student for one in collected.taken] == ["zoe"], collected.table()


@pytest.mark.parametrize("place", ["all.zip", "carl/all.zip", "carl/carl__01_toy.zip"])
@pytest.mark.parametrize("name", FORGED)
def test_a_zip_of_ones_own_is_no_platforms_whatever_it_holds(with_class, notebook, tmp_path, place, name):
    write(tmp_path / "handed" / f"zoe__{UNIT}__{STAMP}.ipynb", b"Zoe's")
    (tmp_path / "handed" / place).parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(tmp_path / "handed" / place, "w") as archive:
        archive.writestr(name, notebook)
    collected = collect(with_class, tmp_path / "handed")
    assert (with_class.root / "submitted" / "zoe" / UNIT / f"{UNIT}.ipynb").read_bytes() == b"Zoe's", collected.table()


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("müllerannalena_77_1_{}", "müller"),
        ("Anna Lena Mu\u0308ller_5_assignsubmission_file_{}", "müller"),
        ("O'Neil_Zoe_zo_12/{}", "zoe"),
        ("x_am12_attempt_2026-01-31-12-00-00_{}", "müller"),
    ],
)
def test_names_are_matched_whatever_a_platform_does_to_accents(with_class, notebook, tmp_path, name, student):
    write(tmp_path / "handed" / name.format(f"{UNIT}.ipynb"), notebook)
    collected = collect(with_class, tmp_path / "handed")
    assert [one.student for one in collected.taken] == [student], collected.table()


def test_without_a_roster_a_platform_still_needs_no_renaming(course, notebook, tmp_path):
    write(tmp_path / "handed" / f"smithcarl_12345_678901_carl__{UNIT}__{STAMP}.zip", notebook)
    write(tmp_path / "handed" / f"pia__{UNIT}__{STAMP}.ZIP", notebook)
    assert [one.student for one in collect(course, tmp_path / "handed").taken] == ["carl", "pia"]


def test_two_people_who_say_that_they_are_the_same_are_both_left_out(course, notebook, tmp_path):
    for who in ("smithcarl_1_10", "thiefbob_2_11"):
        write(tmp_path / "handed" / f"{who}_carl__{UNIT}__{STAMP}.zip", notebook)
    collected = collect(course, tmp_path / "handed")
    assert not collected.taken and len(collected.left_out) == 2
    assert "two people on Canvas say that they are carl" in collected.problems[0]


def test_a_date_of_a_students_own_outranks_nobody(course, notebook, tmp_path):
    write(tmp_path / "handed" / f"ann__{UNIT}__20990101T000000Z.zip", b"from the future")
    write(tmp_path / "handed" / f"ann__{UNIT}__{STAMP}.zip", notebook)
    collected = collect(course, tmp_path / "handed")
    assert [one.time for one in collected.taken] == [datetime(2026, 1, 31, 12)]
    assert "had not come yet" in collected.table()


def test_a_platforms_time_stands_above_that_in_a_name(with_class, notebook, tmp_path):
    write(tmp_path / "handed" / f"x_carl_attempt_2026-02-01-12-00-00_carl__{UNIT}__{STAMP}.zip", notebook)
    (one,) = collect(with_class, tmp_path / "handed").taken
    assert one.time == datetime(2026, 2, 1, 12).astimezone().astimezone(collecting.UTC).replace(tzinfo=None)


def test_every_file_has_a_line_and_what_was_not_taken_shows_in_the_exit_status(with_class, notebook, tmp_path):
    other = json.loads(notebook)
    (with_class.root / "source" / "02_other").mkdir(exist_ok=True)
    for cell in other["cells"]:
        cell["metadata"].get("nbgrader", {})["grade_id"] = f"other-{cell['id']}"
    (with_class.root / "source" / "02_other" / "02_other.ipynb").write_text(json.dumps(other))
    folder = tmp_path / "handed"
    for name, content in {
        f"carl__{UNIT}__{STAMP}.zip": notebook,
        f"carl__{UNIT}__20260101T120000Z.zip": notebook,
        f"zoee__{UNIT}__{STAMP}.zip": notebook,
        f"a b/c__{UNIT}.ipynb": notebook,
        f"zoe__{UNIT}.ipynb": json.dumps(other).encode(),
        "zoe.py": b"def double(X): ...",
        f"._carl__{UNIT}__{STAMP}.zip": b"\0",
        "__MACOSX/x": b"\0",
        "notes.txt": b"late, sorry",
    }.items():
        write(folder / name, content)
    done = CliRunner().invoke(main, ["grade", UNIT, "--submissions", str(folder), "--course", str(with_class.root)])
    assert done.exit_code == 1
    rows = {tuple(line.split()[:1]): line for line in done.output.splitlines()}
    assert "taken" in rows[(f"carl__{UNIT}__{STAMP}.zip",)]
    assert "older" in rows[(f"carl__{UNIT}__20260101T120000Z.zip",)]
    assert "there is no student zoee; is it zoe" in done.output
    assert "is the notebook of 02_other, not of 01_toy" in done.output
    assert "a .py file is no notebook" in done.output
    for name in (f"._carl__{UNIT}__{STAMP}.zip", "__MACOSX/x", "notes.txt"):
        assert "ignored" in rows[(name,)]
    missing = {line.split()[0] for line in done.output.splitlines() if line.endswith("missing")}
    assert missing == {"müller", "zoe"}


def test_all_taken_is_exit_status_0(course, notebook, tmp_path):
    write(tmp_path / "handed" / f"ann__{UNIT}__{STAMP}.zip", notebook)
    (tmp_path / "handed" / ".DS_Store").write_bytes(b"")
    done = CliRunner().invoke(main, ["grade", "--submissions", str(tmp_path / "handed"), "--course", str(course.root)])
    assert done.exit_code == 0, done.output


def test_what_a_newer_one_takes_the_place_of_is_kept(course, notebook, tmp_path):
    write(tmp_path / "one" / f"ann__{UNIT}__20260101T120000Z.zip", b"the first")
    write(tmp_path / "two" / f"ann__{UNIT}__{STAMP}.zip", b"the second")
    collect(course, tmp_path / "one")
    collect(course, tmp_path / "two")
    (kept,) = (course.root / "replaced").rglob("*.ipynb")
    assert kept.read_bytes() == b"the first"
    assert (course.root / "submitted" / "ann" / UNIT / f"{UNIT}.ipynb").read_bytes() == b"the second"


@pytest.mark.parametrize("ending", [".ipynb.txt", ".IPYNB", ".json", "-Copy1.ipynb", " (2).ipynb", " - Copy.ipynb"])
def test_endings_that_browsers_and_mail_add_are_read(course, notebook, tmp_path, ending):
    write(tmp_path / "handed" / "ann" / f"{UNIT}{ending}", notebook)
    assert [one.unit for one in collect(course, tmp_path / "handed").taken] == [UNIT]


def test_a_zip_with_two_units_and_a_macs_own_files_gives_each_unit_its_notebook(course, notebook, tmp_path):
    path = tmp_path / "handed" / f"ann__{UNIT}__{STAMP}.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"__MACOSX/._{UNIT}.ipynb", b"\0\5\7")
        archive.writestr(f"{UNIT}/.ipynb_checkpoints/{UNIT}-checkpoint.ipynb", b"{}")
        archive.writestr(f"{UNIT}/{UNIT} (1).ipynb", notebook)
    collect(course, tmp_path / "handed")
    assert (course.root / "submitted" / "ann" / UNIT / f"{UNIT}.ipynb").read_bytes() == notebook


@pytest.mark.parametrize(
    "name", ["notes_1_2.txt", "01_toy.ipynb", f"ann__{UNIT}__{STAMP}.zip", "week_3/ann/01_toy.ipynb"]
)
def test_ordinary_names_are_no_platforms(name):
    told = told_by_platform(name)
    assert told is None or name == "notes_1_2.txt"  # which Canvas might have named
