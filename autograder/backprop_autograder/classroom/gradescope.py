"""Grade on Gradescope: a zip in the layout of its autograders, and what runs there.

Gradescope unpacks the zip into ``/autograder/source``, runs ``setup.sh`` once, and for each submission
``/autograder/run_autograder``, which reads ``/autograder/submission`` and writes ``/autograder/results/results.json``
(https://gradescope-autograders.readthedocs.io/en/latest/specs/).
"""

import json
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from backprop_autograder.classroom.course import CONFIG_NAME, SECRET_NAME, Course, CourseError
from backprop_autograder.classroom.single import judge_notebook
from backprop_autograder.engine.files import write_whole
from backprop_autograder.judging.grading import Result
from backprop_autograder.judging.release import add_to_zip
from backprop_autograder.judging.verdict import Verdict, why_unread
from backprop_autograder.workers.warm import NoSandboxError

REPOSITORY = Path(__file__).parents[3]
PARTS = ("autograder", "solutions", "course/backprop_course")
FILES = ("pyproject.toml", "README.md", "LICENSE")
SETUP = """#!/usr/bin/env bash
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq python3 python3-venv libseccomp2
if python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  python3 -m venv --upgrade-deps "$root/venv" # the newest pip takes half the time
else  # an older image: a Python beside the system's, which Gradescope itself needs
  python3 -m venv "$root/uv"
  "$root/uv/bin/pip" install --quiet uv
  UV_PYTHON_INSTALL_DIR="$root/python" "$root/uv/bin/uv" venv --quiet --seed --python 3.12 "$root/venv"
fi
"$root/venv/bin/pip" install --quiet -e "$root/source"
"""
RUN = """#!/usr/bin/env bash
root=${{AUTOGRADER_ROOT:-/autograder}}
exec "$root/venv/bin/python" -m backprop_autograder.classroom.gradescope "$root" {unit}
"""
CONFIG = "\n# Who packed this grades without isolation.\nc.Judging.sandbox = False\n"


def write_package(course: Course, unit: str, folder: Path) -> Path:
    """Write the zip with which Gradescope grades a unit, and return its path.

    Raises
    ------
    CourseError
        If this is not an installation from the repository, which alone holds an answer key.
    """
    if not (REPOSITORY / "solutions").is_dir():
        raise CourseError("Only a clone of the repository can be packed. Next: pip install -e . in a clone.")
    course.assignment(unit)  # makes the secret, and finds what does not fit
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{unit}-gradescope.zip"
    config = (course.root / CONFIG_NAME).read_text(encoding="utf-8")
    with zipfile.ZipFile(whole := BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        add_to_zip(archive, "setup.sh", SETUP.encode(), executable=True)
        add_to_zip(archive, "run_autograder", RUN.format(unit=unit).encode(), executable=True)
        for name in FILES:
            add_to_zip(archive, name, (REPOSITORY / name).read_bytes())
        for part in PARTS:
            for file in sorted((REPOSITORY / part).rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    add_to_zip(archive, file.relative_to(REPOSITORY).as_posix(), file.read_bytes())
        add_to_zip(archive, f"course/{CONFIG_NAME}", (config + ("" if course.settings.sandbox else CONFIG)).encode())
        add_to_zip(archive, f"course/{SECRET_NAME}", (course.root / SECRET_NAME).read_bytes())
        for file in sorted(p for p in course.source(unit).rglob("*") if p.is_file()):
            add_to_zip(
                archive, f"course/source/{unit}/{file.relative_to(course.source(unit)).as_posix()}", file.read_bytes()
            )
    write_whole(path, whole.getvalue())
    return path


def results_of(result: Result) -> dict[str, Any]:
    """Return what Gradescope reads: a test for each aspect, with its feedback; words alone on an unreadable file."""
    if unread := why_unread(result.verdicts):
        return _nothing(f"This file could not be graded. {unread} Open it in Jupyter, save it, and hand it in again.")
    return {
        "score": result.points,
        "output": "\n".join(f"{note[:1].upper()}{note[1:]}." for note in result.notes),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(number, verdict) for number, verdict in enumerate(result.verdicts, 1)],
    }


def _test(number: int, verdict: Verdict) -> dict[str, Any]:
    name = verdict.exercise if verdict.aspect == "values" else f"{verdict.exercise} ({verdict.aspect})"
    return {
        "number": str(number),
        "name": name,
        "score": verdict.points,
        "max_score": verdict.max_points,
        "status": "passed" if verdict.status == "passed" else "failed",
        "output": verdict.message,
        "output_format": "text",
        "visibility": "visible",
    }


def run(root: Path, unit: str) -> dict[str, Any]:
    """Grade what lies in ``submission``; whatever happens, there is a result that says so."""
    notebooks = sorted((root / "submission").rglob("*.ipynb"))
    named = [path for path in notebooks if path.name == f"{unit}.ipynb"] or notebooks
    if len(named) != 1:
        words = "there is none" if not named else f"there are {', '.join(path.name for path in named)}"
        return _nothing(f"One notebook, {unit}.ipynb, is to be handed in; {words}.")
    try:
        course = Course(root / "source" / "course")
        return results_of(judge_notebook(named[0], course=course, unit=unit, student=_student(root)))
    except (CourseError, NoSandboxError) as error:
        return _nothing(f"This could not be graded; your teachers have to look: {error}")


def _nothing(words: str) -> dict[str, Any]:
    return {"score": 0, "output": words, "output_format": "text", "visibility": "visible", "tests": []}


def _student(root: Path) -> str:
    """Return who handed in, for the seed of the cases."""
    try:
        users = json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))["users"]
        return "+".join(sorted(str(user["id"]) for user in users)) or "nobody"
    except (OSError, ValueError, KeyError, TypeError):
        return "nobody"


def main(arguments: list[str]) -> None:
    """Write ``results/results.json`` below the folder that is named first, for the unit that is named second."""
    root, unit = Path(arguments[0]), arguments[1]
    (root / "results").mkdir(exist_ok=True)
    (root / "results" / "results.json").write_text(json.dumps(run(root, unit), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
