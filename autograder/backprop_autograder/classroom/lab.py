"""Open the course as a student would: the release in a folder, JupyterLab on it, no instructor's tools."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from backprop_autograder.classroom.course import Course
from backprop_autograder.engine.pack import PACK_NAME
from backprop_autograder.judging.release import release_files

# Nobody is asked about news, or told to update, while they learn.
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
INSTRUCTOR_TABS = ("course-list", "create-assignment", "formgrader")
INSTRUCTOR_SERVICES = ("course_list", "formgrader")
# Where there is a hub, students fetch and hand in with these.
EXCHANGE_TABS = ("assignment-list", "menu")
EXCHANGE_SERVICES = ("assignment_list",)


def build(course: Course, folder: Path) -> list[Path]:
    """Write the student release of every unit below `folder`; never overwrite a student's work.

    Notebooks that are there already stay as they are. Packs, which students do not edit, are renewed.

    Returns
    -------
    list of Path
        The files written.
    """
    written = []
    for unit in course.units():
        for name, content in release_files(course.source(unit), course.answer_key).items():
            path = folder / unit / name
            outdated = path.name == PACK_NAME and path.exists() and path.read_bytes() != content
            if not path.exists() or outdated:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                written.append(path)
    return written


def start(folder: Path, *, browser: bool = True, port: int | None = None) -> int:
    """Run JupyterLab on `folder` until it is stopped, and return its exit status."""
    options = [] if browser else ["--no-browser"]
    options += [f"--port={port}"] if port else []
    with tempfile.TemporaryDirectory(prefix="backprop-lab-") as config:
        configure(Path(config))
        paths = os.pathsep.join(filter(None, (config, os.environ.get("JUPYTER_CONFIG_PATH"))))
        command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *options]
        server = subprocess.Popen(command, env={**os.environ, "JUPYTER_CONFIG_PATH": paths})
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:  # JupyterLab has heard it, too: it asks, and saves what is open
                continue


def configure(config: Path | str, *, exchange: bool = False) -> None:
    """Write Jupyter's configuration for students below `config`: no instructor's tabs, no questions.

    Students' own settings come before these.

    Parameters
    ----------
    config : Path or str
        Folder, for ``JUPYTER_CONFIG_PATH``.
    exchange : bool
        Whether nbgrader's list of assignments is there: on a hub.
    """
    config = Path(config)
    hidden, unused = INSTRUCTOR_TABS, INSTRUCTOR_SERVICES
    if not exchange:
        hidden, unused = (*hidden, *EXCHANGE_TABS), (*unused, *EXCHANGE_SERVICES)
    tabs = {f"@jupyter/nbgrader:{name}": True for name in hidden}
    services = {f"nbgrader.server_extensions.{name}": False for name in unused}
    _write_json(config / "labconfig" / "page_config.json", {"disabledExtensions": tabs})
    _write_json(config / "labconfig" / "default_setting_overrides.json", QUIET)
    _write_json(config / "jupyter_server_config.json", {"ServerApp": {"jpserver_extensions": services}})


def _write_json(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
