"""The button at the end of each notebook that makes the zip to hand in."""

import base64
import html
import json
import time
from collections.abc import Sequence
from pathlib import Path

import ipywidgets as widgets
from IPython.display import Javascript, display

from backprop_autograder.classroom.submit import (
    SubmitError,
    check_student,
    examine,
    remember_student,
    remembered_student,
    write_submission,
)
from backprop_course.explorer import for_browsers

# What is on the screen may be newer than the file: this presses the keys that save.
SAVE = """
const mac = navigator.platform.startsWith("Mac");
const keys = {key: "s", code: "KeyS", keyCode: 83, ctrlKey: !mac, metaKey: mac, bubbles: true};
const notebook = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook");
(notebook || document.body).dispatchEvent(new KeyboardEvent("keydown", keys));
"""
SECONDS_TO_SAVE = 3.0
MAKE, ANYWAY = "Make the zip to hand in", "Hand in as it is"


class SubmitButton(widgets.VBox):
    """Asks for a student id, says what is unsolved, and makes a zip: a new one each time.

    Parameters
    ----------
    folder : Path
        The unit's folder.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self.student = widgets.Text(
            remembered_student(),
            description="Student id",
            placeholder="the id your course knows you by",
            continuous_update=False,
        )
        self.button = widgets.Button(description=MAKE, button_style="primary", layout=widgets.Layout(width="auto"))
        self.button.on_click(self._pressed)
        self._words = widgets.HTML()
        self._keys = widgets.Output(layout=widgets.Layout(display="none"))
        super().__init__([widgets.HBox([self.student, self.button]), self._words, self._keys])

    @property
    def words(self) -> str:
        """What is said at present (HTML)."""
        return self._words.value

    def _pressed(self, _button) -> None:
        try:
            self._submit(anyway=self.button.description == ANYWAY)
        except SubmitError as error:
            self._say([str(error)])
        except OSError as error:
            self._say([f"Nothing was written ({error}). Next: save the notebook, and run `backprop submit`."])

    def _submit(self, *, anyway: bool) -> None:
        self.button.description = MAKE
        student = self.student.value.strip()
        if not student:
            raise SubmitError("Whose is it? Next: type your student id above, then press again.")
        check_student(student)
        self._save_notebook()
        report = examine(self._folder)
        if not report.whole and not anyway:
            self.button.description = ANYWAY
            self._say(report.words())
            return
        path = write_submission(self._folder, student)
        remember_student(student)
        written = f"Written: {path.parent.name}/{path.name}. This file is what you hand in."
        self._say([*report.words(), written], path)

    def _save_notebook(self) -> None:
        """Ask JupyterLab to save, and wait until it has; elsewhere the file stays as it is."""
        path = self._folder / f"{self._folder.name}.ipynb"
        before = path.stat().st_mtime_ns if path.exists() else None
        with self._keys:
            self._keys.clear_output()
            display(Javascript(SAVE))
        end = time.monotonic() + SECONDS_TO_SAVE
        while before is not None and not _saved_since(before, path) and time.monotonic() < end:
            time.sleep(0.05)

    def _say(self, sentences: Sequence[str], path: Path | None = None) -> None:
        lines = "".join(f"<p style='margin:.2em 0;max-width:48em'>{html.escape(s)}</p>" for s in sentences)
        self._words.value = lines + (_link(path) if path else "")


def _saved_since(before: int, path: Path) -> bool:
    """Return whether a file is newer, and whole: Jupyter writes in place, so its first half may be all there is."""
    try:
        if path.stat().st_mtime_ns == before:
            return False
        json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return True


def _link(path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<a download="{html.escape(path.name)}" href="data:application/zip;base64,{data}">Download the zip</a>'


@for_browsers
def submit_button(unit: str) -> SubmitButton:
    """Return a button that makes the zip to hand in.

    Parameters
    ----------
    unit : str
        The notebook's name, which is its folder's: ``"01_chain_rule"``.
    """
    folder = Path.cwd()
    return SubmitButton(folder if folder.name == unit else folder / unit)
