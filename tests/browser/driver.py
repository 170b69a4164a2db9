"""A real JupyterLab, as ``backprop lab`` starts it, and a hand at its keyboard."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Debian's Chromium, or the Chrome that GitHub's runners have.
CHROMIUM = next((path for path in map(shutil.which, ("chromium", "google-chrome")) if path), "")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-opt",  # pages live for seconds: to compile their scripts well takes longer than it saves
]
TOKEN = "browser-tests"
LIGHT = "css:light="  # else playwright looks through every element of a page for shadow trees, at every step
SECONDS = 60
# Screenshots are kept where this says, if it does: to take them costs time.
PICTURES = os.environ.get("BROWSER_ARTIFACTS") and Path(os.environ["BROWSER_ARTIFACTS"]).resolve()
START_SECONDS = 300  # ten units are released before JupyterLab starts, on processors that others use, too


def why_not() -> str:
    """Return why there is no browser to drive, empty if there is one."""
    try:
        import playwright  # noqa: F401
    except ModuleNotFoundError:
        return "playwright is not installed: pip install -e '.[browser]'"
    return "" if CHROMIUM else "there is no Chromium: apt-get install chromium"


def keep_picture(of, name: str, **how) -> None:
    """Keep a screenshot of a page, or of a part of one, if pictures are kept."""
    if PICTURES:
        of.screenshot(path=PICTURES / f"{name}.png", **how)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def private_environment(folder: Path) -> dict[str, str]:
    """Return an environment in which Jupyter knows nothing of the account it runs on."""
    config = folder / "config"
    config.mkdir(parents=True, exist_ok=True)
    settings = {"LabApp": {"expose_app_in_browser": True}, "ServerApp": {"allow_root": True}}
    (config / "jupyter_server_config.json").write_text(json.dumps(settings))
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython", "HOME": "home"}
    (folder / "home").mkdir(exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTHONPATH", "XDG_"))}
    return {**kept, **{name: str(folder / path) for name, path in own.items()}, "JUPYTER_TOKEN": TOKEN}


@contextmanager
def serving(
    command: list[str], folder: Path, port: int, base: str = "/", environment: dict[str, str] | None = None
) -> Iterator[str]:
    """Run a Jupyter server until the block ends; yield its address."""
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env=environment or private_environment(folder),
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        address = f"http://127.0.0.1:{port}{base}"
        try:
            _wait_for(f"{address}api/status?token={TOKEN}", process, log)
            yield address
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def backprop_lab(folder: Path, work: Path) -> tuple[list[str], int]:
    """Return the command that opens the course in `work`, and its port."""
    port = free_port()
    program = [sys.executable, "-m", "backprop_autograder", "lab", str(work)]
    return [*program, "--no-browser", "--port", str(port)], port


@contextmanager
def browser() -> Iterator:
    """Start Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        try:
            yield chromium
        finally:
            chromium.close()


class Lab:
    """JupyterLab in a tab of the browser.

    Parameters
    ----------
    page
        Of playwright.
    address : str
        Of the server.
    token : str
        Of the server; empty where somebody has logged in.
    """

    def __init__(self, page, address: str, token: str = TOKEN):
        self.page, self.address = page, address
        self._query = f"token={token}&reset" if token else "reset"
        self.page.set_default_timeout(SECONDS * 1000)

    def open(self, path: str) -> None:
        """Load JupyterLab with a file open, and wait for the kernel if it is a notebook."""
        self.page.goto(f"{self.address}lab/tree/{path}?{self._query}")
        self.page.wait_for_function("window.jupyterapp && window.jupyterapp.shell.currentWidget")
        if path.endswith(".ipynb"):
            self._wait_for_notebook(path)

    def turn_to(self, path: str) -> None:
        """Open another notebook instead of the present one: to load JupyterLab takes as long as to run a unit."""
        self.end_kernels()
        self.page.evaluate(f"{CURRENT}.dispose()")
        self.start("docmanager:open", path=path)
        self._wait_for_notebook(path)

    def _wait_for_notebook(self, path: str) -> None:
        name = Path(path).name
        self.until(f"{CURRENT} && {CURRENT}.context && {CURRENT}.context.path.endsWith({json.dumps(name)})")
        self.until(f"{CURRENT}.context.isReady && {CURRENT}.content.widgets.length > 0")
        self.until(f"{KERNEL} && {KERNEL}.status === 'idle'")

    def until(self, condition: str, seconds: float = SECONDS) -> None:
        """Poll until a JavaScript expression holds."""
        self.page.wait_for_function(f"() => {{ try {{ return !!({condition}) }} catch (e) {{ return false }} }}",
                                    timeout=1000 * seconds, polling=50)  # fmt: skip

    def start(self, command: str, **arguments) -> None:
        """Start a command of JupyterLab without waiting for its end, which `window.finished` tells."""
        self.page.evaluate(
            "([id, args]) => { window.finished = false; const end = () => { window.finished = true; }; "
            "window.jupyterapp.commands.execute(id, args).then(end, end); }",
            [command, arguments],
        )

    def run_all(self, seconds: float = 2 * SECONDS) -> None:
        """Run the whole notebook; where an unsolved exercise would stop it, go on."""
        self.page.evaluate(
            f"{CELLS}.forEach(c => c.model.type === 'code' && c.model.setMetadata('tags', ['raises-exception']))"
        )
        self.start("notebook:run-all-cells")
        self.until("window.finished", seconds)
        self.until(f"{CELLS}.every(c => c.model.type !== 'code' || c.model.executionCount)", seconds)
        self.until(f"{KERNEL}.status === 'idle'", seconds)

    def index(self, cell_id: str) -> int:
        """Return the place of a cell."""
        return self.page.evaluate(f"id => {CELLS}.findIndex(c => c.model.id === id)", cell_id)

    def cell_ids(self) -> list[str]:
        """Return the ids of all cells."""
        return self.page.evaluate(f"{CELLS}.map(c => c.model.id)")

    def cell(self, cell_id: str):
        """Scroll to a cell, make it the active one, and return its element."""
        index = self.index(cell_id)
        assert index >= 0, f"there is no cell {cell_id}"
        self.page.evaluate(f"k => {{ {CURRENT}.content.activeCellIndex = k; }}", index)
        self.page.evaluate(f"async k => {{ await {CURRENT}.content.scrollToItem(k, 'smart'); }}", index)
        panel = f"{LIGHT}.jp-NotebookPanel:not(.lm-mod-hidden)"
        return self.page.locator(f"{panel} .jp-Cell[data-windowed-list-index='{index}']")

    def run(self, cell_id: str, seconds: float = SECONDS) -> str:
        """Run one cell with the keyboard, and return its output as text."""
        self.cell(cell_id).click(position={"x": 30, "y": 6})
        cell = f"{CELLS}.find(c => c.model.id === {json.dumps(cell_id)})"
        count = self.page.evaluate(f"{cell}.model.executionCount")
        self.page.keyboard.press("Control+Enter")
        self.until(f"{cell}.model.executionCount !== {json.dumps(count)} && {cell}.prompt !== '*'", seconds)
        return self.output(cell_id)

    def output(self, cell_id: str) -> str:
        """Return the text that a cell has put out, without colours."""
        cell = f"{CELLS}.find(c => c.model.id === id)"
        outputs = self.page.evaluate(f"id => {cell}.outputArea ? {cell}.outputArea.model.toJSON() : []", cell_id)
        texts = [
            "".join([*o.get("text", ""), "\n".join(o.get("traceback", [])), *o.get("data", {}).get("text/plain", "")])
            for o in outputs
        ]
        return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(texts))

    def source(self, cell_id: str) -> str:
        """Return the source of a cell."""
        return self.page.evaluate(f"id => {CELLS}.find(c => c.model.id === id).model.sharedModel.source", cell_id)

    def replace(self, cell_id: str, text: str) -> None:
        """Replace all of a cell's text by what a keyboard puts in."""
        self.cell(cell_id).locator(LIGHT + ".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def save(self) -> None:
        """Save the notebook."""
        self.start("docmanager:save")
        self.until(f"!{CURRENT}.context.model.dirty")

    def end_kernels(self) -> None:
        """End every session of the server."""
        headers = {"Authorization": f"token {TOKEN}"}
        for session in self.page.request.get(f"{self.address}api/sessions", headers=headers).json():
            self.page.request.delete(f"{self.address}api/sessions/{session['id']}", headers=headers)

    def show(self, name: str) -> None:
        """Keep a screenshot."""
        if PICTURES:
            self.page.wait_for_timeout(200)
        keep_picture(self.page, name)


CURRENT = "window.jupyterapp.shell.currentWidget"
CELLS = f"{CURRENT}.content.widgets"
KERNEL = f"{CURRENT}.sessionContext.session.kernel"
