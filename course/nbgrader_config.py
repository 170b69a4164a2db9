"""Configuration of nbgrader for this course: one assignment is one unit.

``nbgrader autograde``, formgrader's button and ``backprop grade`` all read it, and so judge alike.
"""

from backprop_autograder.classroom.submit import COLLECTED

c = get_config()  # noqa: F821  nbgrader defines it

c.CourseDirectory.course_id = "backprop"

# Releases: solutions, hidden tests and mark schemes out, no trace of a run, the pack of the unit's checks beside the
# notebook.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.LockCells",
    "backprop_autograder.classroom.plugins.NamedStubs",
    "backprop_autograder.classroom.plugins.ClearRun",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
    "backprop_autograder.classroom.plugins.WritePack",
]

# Grading: a submission is rebuilt as it is read, and judged outside its own process.
c.Autograde.exporter_class = "backprop_autograder.classroom.plugins.RebuildExporter"
c.Autograde.pre_convert_hook = "backprop_autograder.classroom.plugins.name_notebooks"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = [
    "backprop_autograder.classroom.plugins.JudgeSubmission",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]

# Late work: by default nothing is taken off. This would take a tenth of the points for each day begun, after a
# quarter of an hour of grace, and never more than half. Due dates are set in formgrader, or by
# `backprop due UNIT "2030-01-31 12:00 Europe/Berlin"`.
# c.AssignLatePenalties.plugin_class = "backprop_autograder.classroom.late.PercentPerDay"
# c.PercentPerDay.percent = 10
# c.PercentPerDay.grace_minutes = 15
# c.PercentPerDay.at_most = 50

# `nbgrader export` writes every cell quoted, and no name as a formula. For Canvas and Moodle: `backprop export`.
c.ExportApp.plugin_class = "backprop_autograder.classroom.export.QuotedCsvExport"

# Feedback: one page from texts and verdicts, without outputs, in which nothing of a submission is alive.
c.GenerateFeedback.exporter_class = "backprop_autograder.pages.feedback.FeedbackExporter"
c.GenerateFeedback.preprocessors = []
# Where its links to the sections lead; by default to the notebook from where students fetch feedback.
# c.FeedbackExporter.section_url = "https://hub.example.org/.../{unit}.ipynb#{anchor}"

# Formgrader: scripts in answers and outputs do not run in the instructor's browser.
c.HTMLExporter.preprocessors = ["backprop_autograder.pages.formgrading.Harmless"]

# The package that holds references and exercise definitions. Workers cannot import it.
c.Judging.answer_key = "backprop_solutions"

# `nbgrader collect` follows no link that a student left in the exchange, and takes no file of another owner.
c.ExchangeFactory.collect = "backprop_autograder.classroom.exchange.ExchangeCollect"

# `nbgrader zip_collect` takes the zips that `backprop submit` writes.
c.FileNameCollectorPlugin.named_regexp = COLLECTED
