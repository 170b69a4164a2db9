"""What an instructor can set about judging, in ``nbgrader_config.py``."""

from traitlets import Bool, Float, Unicode
from traitlets.config import Configurable

from backprop_autograder.judging.answer_key import DEFAULT
from backprop_autograder.judging.limits import Limits


class Judging(Configurable):
    """Settings of the judge, the same for ``nbgrader autograde``, formgrader and ``backprop grade``."""

    answer_key = Unicode(DEFAULT, help="Package of the answer key").tag(config=True)
    sandbox = Bool(True, help="Whether submissions run isolated").tag(config=True)
    cell_seconds = Float(Limits.cell, help="Seconds that one cell may run").tag(config=True)
    test_seconds = Float(Limits.test, help="Seconds for the answers of one test cell").tag(config=True)
    notebook_seconds = Float(Limits.notebook, help="Seconds for a whole notebook").tag(config=True)

    @property
    def limits(self) -> Limits:
        """The configured limits."""
        return Limits(self.cell_seconds, self.test_seconds, self.notebook_seconds)
