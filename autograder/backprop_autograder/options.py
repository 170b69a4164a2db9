"""What commands share: which course, which units, and whether submissions run isolated."""

from pathlib import Path

import click

UNITS = click.argument("units", nargs=-1, metavar="[UNIT ...]")


def find_course(start: Path):
    """Return the nearest course: the folder that holds ``nbgrader_config.py``."""
    from backprop_autograder.classroom.course import CONFIG_NAME

    repository = Path(__file__).parents[2]
    for folder in [start, *start.parents, repository]:
        if course := _course_at(folder):
            return course
    raise click.UsageError(f"There is no course here: no folder with an {CONFIG_NAME}. Next: use --course DIR.")


def _course_at(folder: Path):
    from backprop_autograder.classroom.course import CONFIG_NAME, Course

    found = (place for place in (folder, folder / "course") if (place / CONFIG_NAME).is_file())
    return next(map(Course, found), None)


def _course(_context, _parameter, value):
    from backprop_autograder.classroom.course import CONFIG_NAME

    if not value:
        return find_course(Path.cwd())
    if course := _course_at(Path(value).resolve()):
        return course
    raise click.UsageError(f"{value} is no course: it holds no {CONFIG_NAME}. Next: name the folder that does.")


COURSE = click.option(
    "--course",
    type=click.Path(exists=True, file_okay=False),
    callback=_course,
    is_eager=True,
    help="The course directory; by default the nearest one.",
)


def _without_sandbox(context, _parameter, value):
    if value:
        context.params["course"].config.Judging.sandbox = False
        click.echo("Grading without isolation: submissions can read and change whatever you can.", err=True)


NO_SANDBOX = click.option(
    "--no-sandbox",
    is_flag=True,
    expose_value=False,
    callback=_without_sandbox,
    help="Grade without isolation, where the host cannot isolate submissions. Every record says so.",
)
