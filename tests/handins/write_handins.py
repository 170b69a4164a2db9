"""Write course/HANDINS.md from the ways in which notebooks arrive: ``python -m handins.write_handins`` in ``tests``."""

from pathlib import Path

from handins.ways import WAYS

PAGE = Path(__file__).parents[2] / "course" / "HANDINS.md"
HEAD = """# How notebooks arrive

Students hand in what editors, learning platforms and people have made of a notebook. Whatever that is, an honest and
right notebook keeps its points, its words, its pictures and its time. The tables are generated from `tests/handins`;
every row is a test that takes the roads `backprop grade`, `backprop grade --submissions` and `nbgrader autograde`, and
every sixth one Dask, too.

## What is done with it

- **Every code cell runs, in the student's order**, except for calls of `check`. A verdict rests on what the names
  answer where a test stood, so no cell has to be found, chosen or put back. Where a name is defined only further down,
  or once more, the judge asks again at the end, with other cases too, and the better verdict counts.
- **What the course gave is given**: of a locked cell that was changed or lost, the course's text runs first, and then
  the student's.
- **All that was written is shown**, in the instructor's notebook: locked cells and tests once each, and between them
  the student's cells, words and pictures. What cannot be placed stands below its neighbour.
- **A line that works only elsewhere costs itself**: magics and programs are left out, and after an error the imports,
  functions and classes below it are defined all the same. The cell's output says which line it was.
- **A written answer is looked for**: by its id, else below its question, else below its emptied cell. If in doubt it
  waits for a grader.
- **Time is the submission's own.** Waiting for a processor that others use does not count. Experiments have one budget
  and answers another.
- **What is no notebook gets a verdict that says what it is**: an empty file, a web page, a zip, one with the marks of a
  merge conflict.

## The ways
"""


def page() -> str:
    """Return the text of the page."""
    parts = [HEAD]
    for family in dict.fromkeys(way.family for way in WAYS):
        rows = [f"| {way.name} | {way.told} | {kept(way)} |" for way in WAYS if way.family == family]
        parts.append(
            "\n".join([f"\n### {family.capitalize()}\n", "| way | what happened | keeps |", "| --- " * 3 + "|"])
        )
        parts.append("\n" + "\n".join(rows) + "\n")
    return "".join(parts) + f"\n{len(WAYS)} ways; points, words, pictures or times lost: none.\n"


def kept(way) -> str:
    """Return in words what a way has to keep."""
    pictures = {0: "", 1: ", 1 picture"}.get(way.pictures, f", {way.pictures} pictures")
    return f"6 of 6 points, words{pictures}, time"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE}")
