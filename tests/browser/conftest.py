"""One JupyterLab for all tests in a browser, with every unit released into it."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest

from browser.driver import Lab, backprop_lab, browser, serving, why_not


@pytest.fixture(scope="session", autouse=True)
def _needs_a_browser():
    if reason := why_not():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory):
    """Where screenshots are kept: the folder BROWSER_ARTIFACTS, or a temporary one."""
    folder = Path(os.environ.get("BROWSER_ARTIFACTS") or tmp_path_factory.mktemp("screenshots")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def work(tmp_path_factory):
    """The student's folder."""
    return tmp_path_factory.mktemp("student") / "my-course"


@pytest.fixture(scope="session")
def address(work, tmp_path_factory):
    """Run ``backprop lab`` on the student's folder."""
    folder = tmp_path_factory.mktemp("server")
    command, port = backprop_lab(folder, work)
    with serving(command, folder, port) as found:
        yield found


@pytest.fixture(scope="package")
def chromium(_needs_a_browser):
    """Start the browser once; it ends with these tests, for its event loop would be in the way of others."""
    with browser() as found:
        yield found


@pytest.fixture(scope="session")
def released(address, work):
    """The notebooks as they were released, by path."""
    return {path: path.read_bytes() for path in work.glob("*/*.ipynb")}


@pytest.fixture(scope="session")
def new_lab(address, artifacts, released):
    """Open JupyterLab in a fresh profile of the browser, on untouched notebooks: ``with new_lab(chromium) as lab``."""

    @contextmanager
    def open_lab(chromium):
        for path, content in released.items():
            path.write_bytes(content)
        context = chromium.new_context(viewport={"width": 1280, "height": 1150}, locale="en-GB")
        lab = Lab(context.new_page(), address, artifacts)
        try:
            yield lab
        finally:
            lab.end_kernels()
            context.close()

    return open_lab


@pytest.fixture
def lab(chromium, new_lab):
    """JupyterLab for one test."""
    with new_lab(chromium) as found:
        yield found
