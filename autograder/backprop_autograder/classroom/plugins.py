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
from backprop_autograder.judging.grading import Result, judge_notebook
from backprop_autograder.judging.packing import pack_of
from backprop_autograder.judging.rebuild import Rebuilt, rebuild
from backprop_autograder.judging.release import data_files, exchange_files
from backprop_autograder.judging.settings import Judging
from backprop_autograder.workers.worker import write_files

KEY = "backprop"  # of the notebook metadata that carries notes from rebuilding to judging


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
        submission = Path(filename).read_bytes()
        rebuilt = rebuild(course.assignment(unit).released, submission)
        rebuilt.notebook.metadata[KEY] = {
            "readable": rebuilt.readable,
            "notes": rebuilt.notes,
            "digest": rebuilt.digest,
        }
        given = data_files(course.source(unit)) | exchange_files(Path(filename).parent)
        _only_given_files(course.autograded(unit, student), given)
        return self.from_notebook_node(rebuilt.notebook, resources, **kwargs)


def _only_given_files(folder: Path, given: dict[str, bytes]) -> None:
    """Remove what nbgrader copied from the submission: it may shadow modules, or point at somebody's files."""
    if not folder.is_dir():
        return
    shutil.rmtree(folder)
    write_files(folder, given)


class JudgeSubmission(NbGraderPreprocessor):
    """Takes the place of nbgrader's Execute: runs the submission in a worker and judges its test cells."""

    def preprocess(self, nb, resources):
        """Judge a rebuilt submission."""
        unit, student = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        course = Course(Path(self.parent.parent.coursedir.root))
        assignment = course.assignment(unit)
        told = nb.metadata.pop(KEY)
        rebuilt = Rebuilt(nbformat.from_dict(nb), **told)
        verdicts = judge_notebook(assignment, student, rebuilt)
        basis = assignment.basis(student, rebuilt.digest)
        notes, digest = rebuilt.notes, rebuilt.digest
        course.keep_record(Result(unit, student, "", verdicts, notes=notes, digest=digest, basis=basis))
        return rebuilt.notebook, resources
