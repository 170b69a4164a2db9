"""An example of nbgrader's plugins for late work. Switched on in ``nbgrader_config.py``."""

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

DAY = 24 * 60 * 60  # seconds


class PercentPerDay(LateSubmissionPlugin):
    """Takes off a share of the points for each day begun, after some minutes of grace."""

    percent = Float(10, min=0, max=100, help="Percent of the points earned, for each day begun").tag(config=True)
    grace_minutes = Float(15, min=0, help="Minutes after the due date that cost nothing").tag(config=True)
    at_most = Float(50, min=0, max=100, help="Percent that lateness can cost").tag(config=True)

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        """Return the points to take off."""
        late = total_seconds_late - 60 * self.grace_minutes
        if late <= 0:
            return 0.0
        percent = min(self.percent * math.ceil(late / DAY), self.at_most)
        return round(score * percent / 100, 2)
