"""The command line ``backprop``."""

import signal
import sys
from pathlib import Path

import click

from backprop_autograder import (
    desk,
    quick,  # noqa: F401  before what it makes quick
)
from backprop_autograder.options import COURSE, NO_SANDBOX, UNITS, find_course

__all__ = ["find_course", "main"]


INTERRUPTED = 128 + signal.SIGINT  # what shells say of a program that Ctrl-C has ended
NEXT_TIME = "Files are whole: as they were, or new. Next: run the same command again."
STOPPED = {
    "grade": "What was stored by now stays. Next: the same command goes on with the rest.",
    "feedback": "Pages that were written stay. Next: the same command writes the rest.",
    "release": "A unit is as it was, or released. Next: run the same command again.",
    "report": "Nothing was written, and an older file is as it was. Next: run the same command again.",
    "export": "Nothing was written, and an older file is as it was. Next: run the same command again.",
    "quality": "Nothing is stored. Next: run it again, perhaps for one unit.",
    "demo": "Its folder is unfinished. Next: delete it, or name another one with --output.",
}


class Group(click.Group):
    """Reports what an instructor can mend as one line, with exit status 2; bugs of ours keep their traceback.

    Of a command that was interrupted it says what is kept.
    """

    def invoke(self, ctx):
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo(f"\nStopped. {STOPPED.get(ctx.invoked_subcommand, NEXT_TIME)}", err=True)
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if not error.filename:
                raise
            raise click.UsageError(
                f"{error.filename}: {error.strerror}. Next: look at its rights, or free it."
            ) from error
        except Exception as error:
            if not isinstance(error, _what_can_be_mended()):
                raise
            raise click.UsageError(str(error)) from error


def _what_can_be_mended() -> tuple[type[Exception], ...]:
    # Here, and not before a command: processes that grade start first.
    from backprop_autograder.authoring.sync import SyncError
    from backprop_autograder.classroom.course import CourseError
    from backprop_autograder.classroom.submit import SubmitError
    from backprop_autograder.engine.definition import DefinitionError
    from backprop_autograder.judging.answer_key import AnswerKeyError
    from backprop_autograder.judging.plain import ReleaseError
    from backprop_autograder.judging.verdict import RecordError
    from backprop_autograder.workers.warm import NoSandboxError

    return (
        AnswerKeyError,
        CourseError,
        DefinitionError,
        NoSandboxError,
        RecordError,
        ReleaseError,
        SubmitError,
        SyncError,
    )


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="backprop-course")
def main():
    """Read, release and grade the backpropagation course."""


@main.command()
@click.argument("folder", default="my-course", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path))
@COURSE
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of JupyterLab; by default a free one from 8888.")
def lab(folder, course, browser, port):
    """Open the course in JupyterLab as a student.

    Builds the student release into DIR (my-course) once; work that is there is never overwritten.
    """
    from backprop_autograder.classroom.lab import build, start

    written = build(course, folder.resolve())
    click.echo(f"{folder}: {len(written)} files written; what was there is as it was.")
    sys.exit(start(folder.resolve(), browser=browser, port=port))


@main.command()
@UNITS
@COURSE
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if something would change.")
def sync(units, course, check):
    """Restore the normal form of source notebooks and build their packs."""
    from backprop_autograder.authoring.sync import sync as synchronise

    changed = [path for path, differs in synchronise(course, units, write=not check) if differs]
    for path in changed:
        click.echo(f"{'differs' if check else 'rewritten'}: {path.relative_to(course.root)}")
    if not changed:
        click.echo("All source notebooks are in their normal form.")
    sys.exit(1 if check and changed else 0)


@main.command()
@click.argument("unit")
@click.argument("name", required=False)
@click.option("--misconception", metavar="STUDENT", help="Draft one for NAME from what this student handed in.")
@COURSE
def add(unit, name, misconception, course):
    """Add an exercise: the file that says how NAME is judged, and the cells that UNIT's notebook lacks.

    The reference comes first. Without NAME, only cells are added. A new UNIT carries its number: 11_kinks, and gets a
    notebook. New test cells are worth 1 point; change that, and write the text, in JupyterLab.
    """
    from backprop_autograder.authoring.scaffold import add_cells, add_exercise, add_misconception

    unit = course.known_unit(unit)
    if misconception:
        if not name:
            raise click.UsageError("--misconception wants the NAME of an exercise, too.")
        path = add_misconception(course, unit, name, misconception)
        click.echo(
            f"{path}: read the student's code, uncomment it, and word what is marked TODO; then run "
            f"backprop quality {unit}."
        )
        return
    if name:
        click.echo(
            f"{add_exercise(course, unit, name)}: fill in what is marked TODO, then run backprop quality {unit}."
        )
    added = add_cells(course, unit)
    click.echo(f"{unit}: {', '.join(added) if added else 'every exercise and aspect has its cells'}")


@main.command("try")
@click.argument("unit")
@click.argument("name")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@COURSE
def try_words(unit, name, file, course):
    """Print what a student would read for each misconception of NAME, or for the answer in FILE.

    FILE runs with your rights: a student's is for `backprop judge`.
    """
    from backprop_autograder.authoring.words import words_for_file, words_for_misconceptions
    from backprop_autograder.judging.answer_key import load_exercises

    unit = course.known_unit(unit)
    exercises = load_exercises(unit, course.answer_key)
    if name not in exercises:
        raise click.UsageError(f"{unit} has no exercise {name}. It has: {', '.join(exercises)}.")
    words = words_for_file(exercises[name], file) if file else words_for_misconceptions(exercises[name])
    for title, text in words:
        click.echo(f"{click.style(title, bold=True)}\n{text}\n")


@main.command()
@UNITS
@COURSE
@click.option("--zip", "zipped", is_flag=True, help="Also write release/UNIT.zip, to hand out without a hub.")
@click.option(
    "--students",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write into this folder all that students get: a wheel without answers, zips, and two pages.",
)
def release(units, course, zipped, students):
    """Generate the notebooks that students get, with nbgrader, into release/."""
    from backprop_autograder.classroom.cells import release as release_unit
    from backprop_autograder.judging.release import write_zip
    from backprop_autograder.pages.students import prepare, write_students

    if students:
        prepare(students)
    for unit in course.units(units):
        folder = release_unit(course, unit)
        if zipped:
            write_zip(folder, folder.with_suffix(".zip"))
        click.echo(f"released: {folder.relative_to(course.root)}{' and .zip' if zipped else ''}")
    if students:
        for path in write_students(course, course.units(units), students):
            click.echo(f"written: {path}")


@main.command()
@click.argument("folders", nargs=-1, metavar="[DIR ...]", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--student", metavar="ID", help="Your student id; asked for once, and remembered.")
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), help="By default submissions/ beside the unit."
)
@click.option("--anyway", is_flag=True, help="Hand in although cells are missing.")
def submit(folders, student, output, anyway):
    """Zip units to hand in, after a look at what is still unsolved.

    DIR is the folder of a unit, by default the present one. Each run writes a new zip.
    """
    from backprop_autograder.classroom import submit as handing_in

    folders = handing_in.unit_folders(folders, Path.cwd())
    reports = [handing_in.examine(folder) for folder in folders]
    click.echo("\n".join(line for report in reports for line in report.words()))
    if not anyway and not all(report.whole for report in reports):
        raise handing_in.SubmitError("Nothing was written. To hand in although cells are missing: --anyway.")
    student = student or handing_in.remembered_student() or click.prompt("Your student id")
    paths = [handing_in.write_submission(folder, student, output) for folder in folders]
    handing_in.remember_student(student)
    click.echo("\n".join(f"Written: {path}. This file is what you hand in." for path in paths))


@main.command()
@COURSE
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default="site", show_default=True)
@click.option("--explorers/--no-explorers", default=True, help="Whether figures can be moved: a few minutes.")
def site(course, output, explorers):
    """Write the notebooks, without answers, as pages to read: with search and explorers, and without a network."""
    from backprop_autograder.pages.site import write_site

    pages = write_site(course, output, explorers=explorers)
    click.echo(f"{len(pages)} pages written. Open {pages[0]} in a browser.")


@main.command()
@UNITS
@COURSE
@click.option("--student", metavar="ID", help="Grade this student only.")
@click.option(
    "--submissions",
    type=click.Path(exists=True, path_type=Path),
    help="First collect the zips and notebooks of this folder, or of the one zip that a platform makes.",
)
@click.option("--force", is_flag=True, help="Grade again what has a verdict already.")
@click.option("--changed", is_flag=True, help="Grade again what a change of the exercises affects.")
@click.option("--since-version", metavar="VERSION", help="The same, and all that earlier versions graded.")
@click.option("--dry-run", is_flag=True, help="With these two: show what would change, and store nothing.")
@NO_SANDBOX
@click.option("--db", metavar="URL", help="Another gradebook than the configured one: postgresql+psycopg://host/name.")
@click.option("--jobs", type=click.IntRange(1), help="Submissions graded at once; by default one per processor.")
@click.option("--cluster", "workers", type=click.IntRange(1), help="Grade through Dask, with N workers started here.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Grade through the Dask cluster of this scheduler: tls://host:8786."
)
@click.option("--unencrypted", is_flag=True, help="Let the scheduler be one without TLS, where nobody else reaches it.")
def grade(
    units,
    course,
    student,
    submissions,
    force,
    changed,
    since_version,
    dry_run,
    db,
    jobs,
    workers,
    scheduler,
    unencrypted,
):
    """Grade submissions, and show a table.

    Submissions that have a verdict are skipped unless they changed, so that an interrupted run goes on.
    With --changed or --since-version, verdicts are given again where the course has changed since, and a table
    shows scores before and after. The exit status is 0 if every submission has a verdict,
    and nobody's work was left out of --submissions.
    """
    from contextlib import nullcontext

    from backprop_autograder.classroom.batch import grade_class

    if db:
        course.config.CourseDirectory.db_url = db
    if dry_run and not (changed or since_version):
        raise click.UsageError("--dry-run goes with --changed or --since-version.")
    whole = True
    if submissions:
        units, whole = _collected(course, submissions, units)
    units = course.units(units)
    if student and not any(student in course.students(unit) for unit in units):
        raise click.UsageError(f"There is no submission of {student}. Next: look into {course.root / 'submitted'}.")
    with _dask(scheduler, workers, unencrypted) if scheduler or workers else nullcontext() as client:
        if changed or since_version:
            sys.exit(_grade_again(course, units, student, since_version, dry_run, jobs, client))
        grade_class(course, units, student, force=force, processes=jobs, client=client)
    from backprop_autograder.classroom.table import score_table

    if not any(any(course.students(unit)) for unit in units):
        click.echo(f"Nobody has handed in {', '.join(units)}. Next: collect, or name a folder with --submissions.")
        sys.exit(1 if course.left_out else 0)
    click.echo(score_table(course, units, student))
    everybody = all(course.is_graded(u, s) for u in units for s in course.students(u))
    if faults := [f"{student}, {unit}" for unit in units for student in course.faults(unit)]:
        click.echo(f"Our fault, please look: {'; '.join(faults)}. verdicts/ says where the grader stopped.", err=True)
    sys.exit(0 if whole and everybody and not faults and not course.left_out else 1)


def _grade_again(course, units, student, since, dry_run, jobs, client):
    from backprop_autograder.classroom.regrade import changes_text, grade_again, outdated, reasons_text

    found = outdated(course, units, student, since=since)
    if not found:
        click.echo("Nothing that verdicts rest on has changed.")
        return 0
    click.echo(reasons_text(found))
    changes = grade_again(course, found, dry_run=dry_run, processes=jobs, client=client)
    click.echo(changes_text(changes))
    if dry_run:
        click.echo("Nothing was stored. To store it: the same without --dry-run.")
    return 0


def _collected(course, source, units):
    """Collect submissions, say what became of each file, and return the units to grade and whether all was taken."""
    from backprop_autograder.classroom.collect import collect

    collected = collect(course, source.resolve())
    click.echo(collected.table())
    click.echo(f"{len(collected.taken)} collected, {len(collected.older)} already here or older.")
    if collected.left_out:
        click.echo(f"{len(collected.left_out)} left out: somebody's work may be among them.")
    if not units and not collected.units:
        raise click.UsageError(f"{source} holds no submission of a unit. Next: look at what was left out.")
    return units or tuple(sorted(collected.units)), not collected.left_out


def _dask(scheduler, workers, unencrypted):
    try:
        from backprop_autograder.classroom.cluster import connect
    except ModuleNotFoundError:
        raise click.UsageError("Dask is not installed. Next: pip install 'backprop-course[cluster]'.") from None
    return connect(scheduler, workers, unencrypted=unencrypted)


@main.command()
@UNITS
@COURSE
@click.option("--format", "shape", type=click.Choice(["canvas", "moodle", "nbgrader"]), default="nbgrader")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="By default standard output.")
def export(units, course, shape, output):
    """Write grades as CSV: for Canvas, for Moodle, or in nbgrader's own columns.

    Late penalties are taken off. Who handed in nothing has no grade for Canvas and Moodle, and 0 for nbgrader.
    """
    from backprop_autograder.classroom.course import write_private
    from backprop_autograder.classroom.export import FORMATS, Register, csv_text
    from backprop_autograder.classroom.gradebook import open_gradebook
    from backprop_autograder.classroom.penalties import renew

    with open_gradebook(course) as gradebook:
        renew(course, gradebook, course.units(units))
        everybody = Register.of(gradebook, course.units(units))
        text, waiting = csv_text(FORMATS[shape](everybody)), everybody.provisional()
    if output:
        write_private(output, text)
        click.echo(f"Written: {output}, {len(everybody.students)} students, {len(everybody.units)} units.")
    else:
        click.echo(text, nl=False)
    if waiting:
        click.echo(f"{waiting} submissions still wait to be graded by hand: their scores may rise.", err=True)


@main.command()
@COURSE
@click.option("--students", type=click.IntRange(1), default=12, show_default=True, help="Size of the class.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, another class.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default="demo", show_default=True)
@click.option("--unit", "units", multiple=True, help="Units to hand in; by default the first two.")
@click.option("--jobs", type=click.IntRange(1), help="Submissions graded at once; by default one per processor.")
def demo(course, students, seed, output, units, jobs):
    """Let a synthetic class hand in; grade it, write feedback, show a table.

    Everything happens in a new course directory, DEMO by default, to look around in afterwards.
    """
    from backprop_autograder.classroom.batch import grade_class
    from backprop_autograder.classroom.demo import hand_in, make_course, write_plan
    from backprop_autograder.classroom.table import score_table

    units = course.units(units) if units else [u for u in course.units() if u != "00_start_here"][:2]
    trial = make_course(course, output.resolve())
    plan = {}
    for unit in units:
        trial.release(unit)
        plan[unit] = hand_in(trial, unit, students, seed)
    write_plan(trial, plan)
    grade_class(trial, units, processes=jobs)
    for unit in units:
        trial.generate_feedback(unit)
    click.echo(score_table(trial, units, kinds={s: w.kind for p in plan.values() for s, w in p.items()}))
    click.echo(f"\nGradebook, graded notebooks and feedback: {output}. Look at it: cd {output} && nbgrader export")


@main.command()
@UNITS
@COURSE
@click.option("--seeds", default=20, show_default=True, help="Fresh draws that each alternative has to pass.")
def quality(units, course, seeds):
    """Measure the tests: wrong answers caught and recognised, right answers accepted, mutants killed.

    Mutants are small mechanical changes of the references; those of the alternatives, of which nothing is known, show
    how many strangers are told a cause, and how many the right kind. The exit status is 0 without problems; mutants
    that survive are listed, with the reason where an author wrote down why they are right.
    """
    from collections import Counter

    from backprop_autograder.authoring.quality import COUNTS, measure
    from backprop_autograder.engine.pack import read_pack
    from backprop_autograder.judging.answer_key import load_exercises
    from backprop_autograder.judging.packing import pack_of

    row = "{:<32}" + "".join(f"{{:>{len(column) + 2}}}" for column in COUNTS)
    total, problems = Counter(), 0
    click.echo(row.format("exercise", *COUNTS))
    for unit in course.units(units):
        packs = read_pack(pack_of(course.source(unit), course.answer_key).encode())
        for name, exercise in load_exercises(unit, course.answer_key).items():
            found = measure(exercise, packs[name], seeds)
            click.echo(row.format(name, *found.counts.values()))
            for line in [*found.problems, *found.survivors]:
                click.echo(f"    {line}")
            problems += len(found.problems)
            total.update(found.counts, exercises=1)
    click.echo(row.format(f"all {total['exercises']}", *(total[column] for column in COUNTS)))
    alive = total["mutants"] - total["equivalent"]
    if alive:
        click.echo(f"mutation score: {total['killed'] / alive:.1%}")
    sys.exit(1 if problems else 0)


@main.command()
@UNITS
@COURSE
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; by default report.html."
)
@click.option("--format", "kind", type=click.Choice(["html", "csv", "json"]), help="By default what OUTPUT ends with.")
def report(units, course, output, kind):
    """Write what a class has and has not understood, as one page.

    Scores, difficulty and discrimination of every test, misconceptions and by how many they are met, time-outs,
    who has not handed in, tests that look suspicious, and pairs of solutions to look at. Also as CSV and JSON.
    """
    from backprop_autograder.classroom.course import write_private
    from backprop_autograder.pages.report import FORMATS
    from backprop_autograder.pages.report import report as gather

    ending = output.suffix[1:].lower() if output else "html"
    if not kind and ending not in FORMATS:
        raise click.UsageError(f"A report is no .{ending} file. Next: name one that ends with .html, .csv or .json.")
    kind = kind or ending
    output = output or Path(f"report.{kind}")
    text = FORMATS[kind](gather(course, course.units(units)))
    write_private(output, text)
    click.echo(f"written: {output}")


@main.command()
@click.argument("student")
@click.argument("unit")
@COURSE
def explain(student, unit, course):
    """Show why a score is what it is: verdicts, recognised mistakes, comments, points taken off."""
    from backprop_autograder.pages.explain import explain_score

    (unit,) = course.units((unit,))
    click.echo(explain_score(course, student, unit))


@main.command()
@COURSE
def doctor(course):
    """Say what isolates submissions on this host, and prove it by trying to break out.

    The exit status is 0 if submissions can be graded here without --no-sandbox.
    """
    from backprop_autograder.workers.doctor import probe_layers

    diagnosis = probe_layers((course.root,))
    click.echo(diagnosis.report())
    sys.exit(0 if diagnosis.isolated else 1)


for command in desk.COMMANDS:
    main.add_command(command)
