"""The instructor's guide does what it says: its commands exist, its worked example runs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from backprop_autograder.cli import main

ROOT = Path(__file__).parents[1]
TERM, LARGE = ((ROOT / "course" / name).read_text(encoding="utf-8") for name in ("INSTRUCTORS.md", "LARGE_CLASSES.md"))
GUIDE = f"{TERM}\n{LARGE}"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)
UNIT = "11_kinks"


def blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield language, text and the file named last before each fenced block."""
    for found in BLOCK.finditer(text):
        paths = re.findall(r"`(solutions/[\w/]+\.py)`", text[: found.start()])
        yield found[1], found[2], paths[-1] if paths else ""


def apply(difference: str, text: str) -> str:
    """Return `text` with a block of lines, marked as in a diff, replaced."""
    lines = [(line[:1], line[1:]) for line in difference.splitlines()]
    old, new = ("\n".join(words for mark, words in lines if mark != other) for other in "+-")
    assert text.count(old) == 1, f"the guide's lines are not to be found once:\n{old}"
    return text.replace(old, new)


class Clone:
    """What an instructor has cloned, in a folder of its own."""

    def __init__(self, root: Path):
        self.root = root
        shutil.copytree(ROOT / "solutions", root / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "course" / "source").mkdir(parents=True)
        shutil.copy(ROOT / "course" / "nbgrader_config.py", root / "course")

    def run(self, command: str) -> str:
        program, *arguments = command.split()
        assert program == "backprop"
        done = subprocess.run(
            [sys.executable, "-m", "backprop_autograder", *arguments],
            cwd=self.root / "course",
            env={**os.environ, "PYTHONPATH": str(self.root / "solutions")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def follow(self, text: str) -> list[str]:
        """Do what a part of the guide says; return what its commands print."""
        said = []
        for language, block, path in blocks(text):
            if language == "bash":
                said += [self.run(line) for line in block.strip().splitlines()]
            else:
                file = self.root / path
                file.write_text(block if language == "python" else apply(block, file.read_text()))
        return said


def part(title: str) -> str:
    return TERM.split(f"### {title}\n")[1].split("\n### ")[0]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    return Clone(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="module")
def unit(clone):
    """What the commands say that add a unit, an aspect, a misconception; and the notebook at each stage."""
    path = clone.root / "course" / "source" / UNIT / f"{UNIT}.ipynb"
    said, notebooks = {}, {}
    for title in ("A unit with an exercise", "An aspect", "A misconception"):
        said[title] = clone.follow(part(title))
        notebooks[title] = nbformat.read(path, as_version=4)
    return said, notebooks


@pytest.mark.slow
def test_the_guide_adds_a_unit_that_is_judged_well(unit):
    said, notebooks = unit
    assert "all 1" in said["A unit with an exercise"][-1]
    ids = [cell.id for cell in notebooks["A unit with an exercise"].cells]
    assert ids == ["title", "setup", "about-leaky-relu", "leaky_relu", "test_leaky_relu"]


@pytest.mark.slow
def test_the_guide_adds_an_aspect_with_its_test_cell_below_the_others(unit):
    said, notebooks = unit
    assert said["An aspect"][0] == f"{UNIT}: test_leaky_relu_kink\n"
    assert [cell.id for cell in notebooks["An aspect"].cells][-2:] == ["test_leaky_relu", "test_leaky_relu_kink"]


@pytest.mark.slow
def test_the_guide_adds_a_misconception_that_is_caught_and_named(unit, clone):
    said, _ = unit
    row = said["A misconception"][0].split()
    exercise = row.index("leaky_relu")
    assert row[exercise + 2 : exercise + 5] == ["3", "3", "3"]  # misconceptions, caught, named
    released = clone.root / "course" / "release" / UNIT
    assert {p.name for p in released.iterdir()} == {f"{UNIT}.ipynb", "checks.json"}
    assert "slope * x" not in (released / f"{UNIT}.ipynb").read_text()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"backprop [a-z]+[^`\n#<]*", GUIDE))))
def test_every_command_and_option_that_the_guide_names_exists(command):
    _, name, *words = command.split()
    assert name in main.commands
    known = {option for parameter in main.commands[name].params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`nbgrader ([a-z_]+)", GUIDE))))
def test_every_command_of_nbgrader_that_the_guide_names_exists(name):
    from nbgrader.apps import NbGraderApp

    assert name in NbGraderApp.subcommands


def test_the_lines_of_a_difference_must_be_found_to_be_applied():
    assert apply(" a\n+b\n c\n", "a\nc\n") == "a\nb\nc\n"
    assert apply(" a\n-b\n c\n", "a\nb\nc\n") == "a\nc\n"
    with pytest.raises(AssertionError, match="found once"):
        apply(" x\n+b\n", "a\nc\n")
