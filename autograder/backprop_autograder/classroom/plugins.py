"""What nbgrader calls: rebuild before sanitising, judge instead of executing, packs beside releases.

Named in ``nbgrader_config.py``, so that ``nbgrader autograde``, formgrader's button and ``backprop grade``
all come to the same verdicts.
"""

import shutil
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor

from backprop_autograder.classroom.course import Course
from backprop_autograder.engine.pack import PACK_NAME
from backprop_autograder.engine.text import printable_name
from backprop_autograder.judging.grading import grade, rebuild_or_release
from backprop_autograder.judging.packing import pack_of
from backprop_autograder.judging.release import clear_run, clear_solution, data_files, exchange_files
from backprop_autograder.judging.settings import Judging
from backprop_autograder.judging.verdict import OURS
from backprop_autograder.workers.worker import write_files


class NamedStubs(NbGraderPreprocessor):
    """Replaces solutions by a ``NotImplementedError`` that names the exercise."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Clear one cell."""
        clear_solution(cell)
        return cell, resources


class ClearRun(NbGraderPreprocessor):
    """Removes what a run leaves behind."""

    def preprocess(self, nb, resources):
        """Clear one notebook."""
        clear_run(nb)
        return nb, resources


class WritePack(NbGraderPreprocessor):
    """Puts the unit's pack beside its released notebook."""

    def preprocess(self, nb, resources):
        """Add the pack to the files that are written with the notebook."""
        text = pack_of(Path(resources["metadata"]["path"]), Judging(config=self.config).answer_key)
        resources.setdefault("outputs", {})[PACK_NAME] = text.encode()
        return nb, resources


class RebuildExporter(NotebookExporter):
    """Reads submissions by rebuilding them, so that no damaged notebook can stop nbgrader."""

    def from_filename(self, filename, resources=None, **kwargs):
        """Rebuild a submission; read anything else as usual."""
        autograde = self.parent
        if not autograde._sanitizing:
            return super().from_filename(filename, resources=resources, **kwargs)
        course = Course(Path(autograde.coursedir.root))
        unit, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        rebuilt = rebuild_or_release(course.assignment(unit), course.submission(unit, student))
        given = data_files(course.source(unit)) | exchange_files(Path(filename).parent)
        _only_given_files(course.autograded(unit, student), given)
        return self.from_notebook_node(rebuilt.notebook, resources, **kwargs)


def _only_given_files(folder: Path, given: dict[str, bytes]) -> None:
    """Remove what nbgrader copied from the submission: it may shadow modules, or point at somebody's files."""
    if not folder.is_dir():
        return
    shutil.rmtree(folder)
    write_files(folder, given)


def name_notebooks(assignment: str, student: str, notebooks: list[str]) -> None:
    """Let nbgrader grade the unit's notebook, whatever a student called it; it would pass over one that was renamed.

    Its hook before it converts. `RebuildExporter` finds the file as ``backprop grade`` does.
    """
    folder = Path(notebooks[0]).parent
    notebooks[:] = [str(folder / f"{folder.name}.ipynb")]


class JudgeSubmission(NbGraderPreprocessor):
    """Takes the place of nbgrader's Execute: grades the submitted file as ``backprop grade`` does."""

    def preprocess(self, nb, resources):
        """Return the graded notebook; `nb` only holds its place."""
        unit, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        course = Course(Path(self.parent.parent.coursedir.root))
        result = grade(course.assignment(unit), student, course.submission(unit, student))
        course.keep_record(result)
        if result.fault:
            self.parent.log.error("%s, %s: %s", printable_name(student), unit, OURS)
        return nbformat.reads(result.notebook, as_version=4), resources
