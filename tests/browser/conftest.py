"""One JupyterLab for all tests in a browser, with every unit released into it."""

import shutil
import subprocess
import tarfile
from contextlib import contextmanager

import pytest

from browser.driver import Lab, backprop_lab, browser, serving, why_not


@pytest.fixture(scope="session", autouse=True)
def _needs_a_browser():
    if reason := why_not():
        pytest.skip(reason)


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
def accessible(tmp_path_factory):
    """Let axe-core, which is fetched and not kept, look at a page; it must find nothing serious."""
    folder = tmp_path_factory.mktemp("axe")
    if not (npm := shutil.which("npm")):
        pytest.skip("axe-core comes with npm: apt-get install npm")
    done = subprocess.run(
        [npm, "pack", "axe-core@4"], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        pytest.skip("the npm registry cannot be reached for axe-core")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        axe = archive.extractfile("package/axe.min.js").read().decode()

    def look(page) -> None:
        page.evaluate(axe)
        found = page.evaluate("axe.run().then(found => found.violations)")
        bad = [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in ("serious", "critical")]
        assert not bad, "\n".join(bad)

    return look


@pytest.fixture(scope="session")
def released(address, work):
    """The notebooks as they were released, by path."""
    return {path: path.read_bytes() for path in work.glob("*/*.ipynb")}


@pytest.fixture(scope="session")
def new_lab(address, released):
    """Open JupyterLab in a fresh profile of the browser, on untouched notebooks: ``with new_lab(chromium) as lab``."""

    @contextmanager
    def open_lab(chromium):
        for path, content in released.items():
            path.write_bytes(content)
        context = chromium.new_context(viewport={"width": 1280, "height": 1150}, locale="en-GB")
        lab = Lab(context.new_page(), address)
        try:
            yield lab
        finally:
            lab.end_kernels()
            context.close()

    return open_lab


@pytest.fixture(scope="module")
def one_lab(chromium, new_lab):
    """JupyterLab with a notebook open, for all tests of a module: to load it takes as long as to run a unit."""
    with new_lab(chromium) as lab:
        lab.open("00_start_here/00_start_here.ipynb")
        yield lab
