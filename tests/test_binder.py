"""Binder: the image is small, opens the start notebook, and holds no answer."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from browser.driver import TOKEN, Lab, browser, free_port, serving, why_not
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHON = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
BASE = "/user/someone-abc123/"
START = "00_start_here/00_start_here.ipynb"
FOR_GRADING = {"latex2mathml", "pyseccomp"}  # students' notebooks do without
# Conda's names of packages that the Python package index calls otherwise.
CONDA_NAMES = {"nbconvert-core": "nbconvert", "jupyterhub-singleuser": "jupyterhub"}


def requirements() -> dict[str, Requirement]:
    lines = (BINDER / "requirements.txt").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {r.name: r for r in found}


def base_image() -> dict[str, str]:
    """Return the packages of Binder's base image, with their versions, as repo2docker's lock file lists them."""
    conda = pytest.importorskip("repo2docker.buildpacks.conda", reason="pip install -e '.[binder]'")
    lock = Path(conda.__file__).with_name(f"environment.py-{PYTHON}-linux-64.lock").read_text()
    pairs = re.findall(r"/([^/]+)-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)#", lock)
    return {CONDA_NAMES.get(name, name): version for name, version in pairs}


def test_the_badge_and_the_project_name_the_same_repository():
    repository = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (badge,) = re.findall(r"https://mybinder\.org/v2/gh/([^)\s]+)", readme)
    assert badge == f"{repository}/HEAD?urlpath=lab/tree/{START}"


def test_python_is_one_that_the_project_supports():
    assert SpecifierSet(PROJECT["requires-python"]).contains(PYTHON)


def test_requirements_are_the_projects_own_and_nothing_that_the_base_image_has():
    wanted = {r.name: r for r in map(Requirement, PROJECT["dependencies"])}
    image = base_image()
    for name, requirement in requirements().items():
        assert requirement == wanted[name]
        assert name not in image
    for name in wanted.keys() - requirements().keys() - FOR_GRADING:
        assert wanted[name].specifier.contains(image[name]), name


def test_repo2docker_builds_python_requirements_and_post_build_from_our_folder():
    pytest.importorskip("repo2docker", reason="pip install -e '.[binder]'")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    dockerfile = done.stdout + done.stderr
    assert f"python={PYTHON}" in dockerfile or f"environment-2epy-2d{PYTHON.replace('.', '-2e')}" in dockerfile
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in dockerfile
    assert "RUN ./binder/postBuild" in dockerfile
    assert os.access(BINDER / "postBuild", os.X_OK)


def test_post_build_refuses_to_run_in_a_checkout(tmp_path):
    shutil.copytree(BINDER, tmp_path / "binder")
    (tmp_path / "precious.txt").write_text("mine")
    done = subprocess.run(["bash", "binder/postBuild"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Not in an image" in done.stderr
    assert (tmp_path / "precious.txt").exists()


# --- a simulation of the image ----------------------------------------------------------------------


def interpreter() -> str:
    """Return Binder's Python if there is one here, else ours."""
    found = shutil.which(f"python{PYTHON}")
    works = found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0
    return found if works else sys.executable


def size_of(folder: Path) -> float:
    """Return the size of all files below `folder`, in MB."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink()) / 1e6


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A home and an environment as Binder builds them: the base image's Jupyter, then ``binder/``."""
    folder = tmp_path_factory.mktemp("binder")
    home, prefix = folder / "home", folder / "env"
    versions = base_image()
    names = ("jupyterlab", "jupyterlab_server", "notebook", "jupyter_server", "jupyter_client", "ipykernel", "ipython",
             "ipywidgets", "jupyterlab_widgets", "nbconvert", "nbformat", "nbclient", "traitlets", "tornado",
             "sqlalchemy", "alembic", "setuptools")  # fmt: skip
    subprocess.run([interpreter(), "-m", "venv", "--upgrade-deps", str(prefix)], check=True)
    pip = [str(prefix / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-cache-dir"]
    subprocess.run([*pip, *(f"{name}=={versions[name]}" for name in names)], check=True)
    before = size_of(prefix)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    packs = (str(path.relative_to(ROOT)) for path in ROOT.glob("course/source/*/checks.json"))  # as fresh ones would be
    for name in (*tracked.splitlines(), *packs):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, home / name)
    (home / ".git").mkdir()
    (home / ".git" / "packed").write_text("### BEGIN SOLUTION of backprop_solutions")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTHON", "XDG_", "MPL", "VIRTUAL"))}
    environment = {**kept, "HOME": str(home), "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}", "JUPYTER_TOKEN": TOKEN}
    subprocess.run([*pip, "-r", "binder/requirements.txt"], cwd=home, env=environment, check=True)
    subprocess.run(["./binder/postBuild"], cwd=home, env=environment, check=True)
    print(f"\nadded to the base image: {size_of(prefix) - before:.0f} MB of packages, {size_of(home):.1f} MB of course")
    return home, prefix, environment


@pytest.mark.slow
@pytest.mark.browser
def test_the_home_holds_the_released_units_and_no_answer(image):
    home, prefix, _ = image
    assert (home / START).is_file()
    visible = {p.name for p in home.iterdir() if not p.name.startswith(".")}
    assert visible == {p.name for p in (ROOT / "course" / "source").iterdir() if p.is_dir()}
    for path in (p for p in home.rglob("*") if p.is_file()):
        content = path.read_bytes()
        assert b"backprop_solutions" not in content, path
        assert b"### BEGIN SOLUTION" not in content, path
    assert not list(prefix.rglob("backprop_solutions*"))


@pytest.mark.slow
@pytest.mark.browser
def test_binder_opens_the_start_notebook_under_its_base_url_and_runs_a_check(image, tmp_path):
    if reason := why_not():
        pytest.skip(reason)
    home, prefix, environment = image
    port = free_port()
    command = [
        str(prefix / "bin" / "jupyter-lab"), "--no-browser", "--allow-root", f"--port={port}",
        f"--ServerApp.base_url={BASE}", f"--ServerApp.root_dir={home}", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with serving(command, tmp_path, port, BASE, environment) as address, browser() as chromium:
        lab = Lab(chromium.new_page(viewport={"width": 1280, "height": 900}), address)
        lab.open(START)
        lab.run("setup")
        lab.run("gear_train")
        assert "is not implemented yet" in " ".join(lab.run("test_gear_train").split())
        lab.replace("gear_train", "import math\n\n\ndef gear_train(ratios):\n    return math.prod(ratios)")
        lab.run("gear_train")
        assert "passed" in lab.run("test_gear_train")
        lab.run("explore-gears")
        lab.show("binder")
        assert "Nbgrader" not in lab.page.locator(".lm-MenuBar").inner_text()
