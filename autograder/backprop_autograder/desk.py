"""Commands of the instructor's desk: a term kept in step, answers read by people, one file, other platforms."""

import shutil
import sys
from pathlib import Path

import click

from backprop_autograder.options import COURSE, NO_SANDBOX, UNITS


@click.command()
@UNITS
@COURSE
def status(units, course):
    """Show units at a glance: released, handed in, graded, waiting, stale; and what to do next.

    The exit status is 0 if nothing is left to do.
    """
    from backprop_autograder.pages.status import status as look
    from backprop_autograder.pages.status import status_text

    found, strange = look(course, course.units(units)), [] if units else course.of_no_unit()
    click.echo(status_text(found, shutil.get_terminal_size().columns if sys.stdout.isatty() else None, strange))
    sys.exit(1 if strange or any(unit.todo for unit in found) else 0)


@click.command()
@UNITS
@COURSE
@click.option("--student", metavar="ID", help="Of this student only.")
@click.option("--force", is_flag=True, help="Also pages that are up to date.")
def feedback(units, course, student, force):
    """Write the feedback pages that are missing or outdated, into feedback/STUDENT/UNIT/.

    Where students hand in through nbgrader's exchange, the pages are released to it, too. The exit status is 0 if every
    page could be written.
    """
    from backprop_autograder.pages.handing_back import hand_back

    failed = []
    for line in hand_back(course, course.units(units), student, force=force, failed=failed):
        click.echo(line)
    sys.exit(1 if failed else 0)


@click.command()
@click.argument("unit")
@click.argument("question")
@COURSE
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the page; by default a free one.")
def review(unit, question, course, browser, port):
    """Grade one written QUESTION of UNIT across the class, on a page of this machine.

    Answers come without names; a rubric grows while you read, its items are clicked or chosen by keys, and what you
    give is in nbgrader's gradebook at once. Several people may grade at the same time.
    """
    import webbrowser

    from backprop_autograder.pages.review import serve

    (unit,) = course.units((unit,))
    with serve(course, unit, question, port or 0) as server:
        click.echo(f"{server.address}\nOnly this machine can open it. Ctrl-C ends it.")
        if browser:
            webbrowser.open(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("Ended.")


@click.command()
@click.argument("student")
@click.argument("unit")
@click.argument("length", metavar="LENGTH")
@COURSE
def extend(student, unit, length, course):
    """Give STUDENT more time for UNIT: LENGTH after its due date, such as 3d, 36h or 1w; 0d takes it back.

    The late penalty follows at once.
    """
    from backprop_autograder.classroom.gradebook import open_gradebook
    from backprop_autograder.classroom.penalties import extend as give_time
    from backprop_autograder.classroom.penalties import length_of

    (unit,) = course.units((unit,))
    with open_gradebook(course) as gradebook:
        click.echo(give_time(course, gradebook, student, unit, length_of(length)))


@click.command()
@click.argument("unit")
@click.argument("when", metavar="TIME")
@COURSE
def due(unit, when, course):
    """Set when UNIT is due: TIME is such as "2030-01-31 12:00 Europe/Berlin"; none takes the due date away.

    Late penalties follow at once.
    """
    from backprop_autograder.classroom.gradebook import open_gradebook
    from backprop_autograder.classroom.penalties import set_due, time_of

    (unit,) = course.units((unit,))
    time = time_of(when)
    with open_gradebook(course) as gradebook:
        click.echo(set_due(course, gradebook, unit, time))


@click.command()
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@COURSE
@click.option("--unit", metavar="UNIT", help="By default what the file's name or its cells say.")
@click.option("--student", metavar="ID", default="somebody", help="Whose fresh cases are drawn.")
@click.option("--json", "as_json", is_flag=True, help="The whole record, as JSON.")
@NO_SANDBOX
def judge(notebook, course, unit, student, as_json):
    """Judge one NOTEBOOK, and store nothing.

    The exit status is 0 if every test cell has all its points, 1 if not.
    """
    from backprop_autograder.classroom.single import judge_notebook, text_of

    result = judge_notebook(notebook, course=course, unit=unit, student=student)
    click.echo(result.record().rstrip() if as_json else text_of(result))
    sys.exit(0 if all(verdict.status == "passed" for verdict in result.verdicts) else 1)


@click.command()
@UNITS
@COURSE
@click.option("--for", "place", type=click.Choice(["gradescope"]), required=True, help="Who is to grade with it.")
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), default=".", help="Where to write the zips."
)
@NO_SANDBOX
def package(units, course, place, output):
    """Write a zip for each unit with which another platform grades: UNIT-gradescope.zip.

    It holds the answer key and the judge's secret: upload it as the autograder, and give it to nobody.
    """
    from backprop_autograder.classroom.gradescope import write_package

    for unit in course.units(units):
        click.echo(f"written: {write_package(course, unit, output)}")


@click.group()
def roster():
    """The class: names, addresses and numbers of students."""


@roster.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@COURSE
def import_class(file, course):
    """Take the class from a FILE of Canvas, of Moodle, or with columns id, first_name, last_name, email, lms_user_id.

    Who is in the gradebook and not in the file stays. Lines without a usable id are named, and left out.
    """
    from backprop_autograder.classroom.gradebook import open_gradebook
    from backprop_autograder.classroom.rosters import import_roster

    with open_gradebook(course) as gradebook:
        click.echo("\n".join(import_roster(gradebook, file).lines()))


@click.group()
def term():
    """Terms: a new one from the present course."""


@term.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@COURSE
def new(folder, course):
    """Make a course directory for a new term in DIR: fresh secret, empty gradebook, the last report to compare with."""
    from backprop_autograder.classroom.term import keep_report, new_term
    from backprop_autograder.pages.report import FORMATS
    from backprop_autograder.pages.report import report as gather

    units = [unit for unit in course.units() if any(course.students(unit))]
    pages = {f"report.{kind}": FORMATS[kind](gather(course, units)) for kind in ("html", "json")} if units else {}
    made = new_term(course, folder.resolve())
    click.echo(f"{made.root}: {len(made.units())} units, no students, a secret of its own.")
    for path in keep_report(made.root, pages) if pages else ():
        click.echo(f"kept: {path}")


COMMANDS = (status, feedback, review, due, extend, judge, package, roster, term)
