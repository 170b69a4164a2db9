"""What `course/HUB.md` says, done below a folder of the tests' own instead of below `/`."""

import contextlib
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from browser.driver import free_port
from browser.driver import why_not as why_no_browser
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "course" / "HUB.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)
PEOPLE = ("instructor", "ann", "bob")  # bob is another of those who are like ann
SECONDS = 60
CAPTURED = {"check": True, "capture_output": True, "text": True}


def why_not() -> str:
    """Return why there is no hub, empty if there can be one."""
    if sys.platform != "linux" or os.getuid():
        return "a hub that starts servers of other accounts is started by root on Linux"
    if shutil.which("useradd") is None:
        return "there is no useradd"
    try:
        import jupyterhub  # noqa: F401
    except ImportError:
        return "JupyterHub is not installed: pip install -e '.[hub]'"
    if subprocess.run(["configurable-http-proxy", "--version"], capture_output=True, check=False).returncode:
        return "configurable-http-proxy does not run: npm install --global configurable-http-proxy@4"
    if not python_for_all():
        return f"no Python {sys.version_info[0]}.{sys.version_info[1]} that other accounts may run"
    needed = (Path(sysconfig.get_path("purelib")), Path(tempfile.gettempdir()))
    closed = [str(path) for path in needed if not readable_for_all(path)]
    return f"other accounts cannot read {closed[0]}" if closed else why_no_browser()


def readable_for_all(path: Path) -> bool:
    """Whether every account may read a file or folder."""
    path = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in path.parents) and bool(path.stat().st_mode & 0o004)


@cache
def python_for_all() -> Path | None:
    """Return a Python like the one that runs the tests, which every account may run."""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for path in (Path(sys.base_prefix) / "bin" / name, Path("/usr/bin") / name, Path("/usr/local/bin") / name):
        if path.exists() and readable_for_all(path):
            return path.resolve()
    return None


class Machine:
    """A machine on which the guide has been followed.

    Attributes
    ----------
    root : Path
        Stands for `/`.
    names : dict
        The account of each of `PEOPLE`.
    address : str
        Of the hub.
    """

    def __init__(self, root: Path):
        self.root = root
        self.names = {who: f"t{os.getpid()}{who}" for who in PEOPLE}
        self.password = secrets.token_urlsafe(12)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        self.home = {who: root / "home" / name for who, name in self.names.items()}
        self.course = self.home["instructor"] / "backprop-course" / "course"

    def here(self, text: str) -> str:
        """Return a text of the guide with this machine's paths, accounts and ports."""
        text = re.sub(r"/(home|opt|srv)/", rf"{self.root}/\1/", text)
        for who, name in self.names.items():
            text = re.sub(rf"\b{who}\b", name, text)
        text = text.replace("useradd --create-home", f"useradd --create-home --base-dir {self.root}/home")
        text = re.sub(r"git clone \S+", f"cp -r {self.root}/clone", text)
        return text.replace("http://127.0.0.1:8000", self.address)

    def follow(self) -> str:
        """Do what the guide says, and return its last block: the command that starts the hub."""
        blocks = list(self.blocks())
        for language, block, path in blocks[:-1]:
            if language == "python":
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block)
            elif "apt-get" not in block:
                for line in block.splitlines():
                    self.run(line)
        return blocks[-1][1]

    def blocks(self) -> Iterator[tuple[str, str, Path | None]]:
        """Yield language, text and the file named last before each block, for this machine."""
        for found in BLOCK.finditer(GUIDE):
            paths = re.findall(r"in\s+`(/[\w/.-]+\.py)`", GUIDE[: found.start()])
            yield found[1], self.here(found[2]), Path(self.here(paths[-1])) if paths else None

    def run(self, line: str) -> None:
        """Do one line of a block; installing is done without a network."""
        if "-m venv" in line:
            make_environment(self.root / "opt" / "backprop")
        elif "/pip install" in line:
            repository = line.split()[-1]
            install(self.root / "opt" / "backprop", repository)
        else:
            subprocess.run(["sh", "-c", line], check=True, capture_output=True, cwd=self.root)
            if "useradd" in line and line.endswith(self.names["ann"]):
                self.run(line.replace(self.names["ann"], self.names["bob"]))
            if line.startswith("chmod 700"):
                self.home["bob"].chmod(0o700)

    def set_passwords(self) -> None:
        lines = "".join(f"{name}:{self.password}\n" for name in self.names.values())
        subprocess.run(["chpasswd", "--crypt-method", "SHA256"], input=lines, text=True, check=True)

    def as_user(self, who: str, *command: str) -> subprocess.CompletedProcess:
        """Run a program as one of the accounts, as in a terminal of their JupyterLab."""
        account = pwd.getpwnam(self.names[who])
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        paths = {"PATH": f"{self.root}/opt/backprop/bin:/usr/bin:/bin", "HOME": account.pw_dir}
        if who == "instructor":
            paths["PYTHONPATH"] = f"{self.home[who]}/backprop-course/solutions"
        return subprocess.run(
            command, cwd=account.pw_dir, env=paths, capture_output=True, text=True, check=False, **identity
        )

    def end_servers(self) -> None:
        """End what runs under the accounts."""
        for name in self.names.values():
            with contextlib.suppress(KeyError):
                end_processes(pwd.getpwnam(name).pw_uid)

    def remove_accounts(self) -> None:
        """End what the accounts left running, and remove them."""
        self.end_servers()
        for name in self.names.values():
            subprocess.run(["userdel", "--force", name], check=False, capture_output=True)


def end_processes(uid: int) -> None:
    """Kill the processes of an account."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == uid:
                os.kill(int(folder.name), signal.SIGKILL)


def make_environment(folder: Path) -> None:
    """Make a virtual environment that has what the tests' own has, without the course."""
    subprocess.run([str(python_for_all()), "-m", "venv", "--without-pip", str(folder)], check=True)
    # A folder named in a .pth file is searched, its own .pth files are not: the editable course stays out.
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    ours, python = Path(sys.prefix), folder / "bin" / "python"
    shutil.rmtree(folder / "share", ignore_errors=True)
    (folder / "share").symlink_to(ours / "share")
    shutil.copytree(ours / "etc" / "jupyter", folder / "etc" / "jupyter")
    for script in ("alembic", "jupyter", "jupyterhub", "jupyterhub-singleuser", "nbgrader"):
        text = (ours / "bin" / script).read_text()
        (folder / "bin" / script).write_text(re.sub(r"\A#!.*", f"#!{python}", text))
        (folder / "bin" / script).chmod(0o755)
    if names := misfits(python):
        pip(python, "install", "--no-deps", "--ignore-installed", *names)
    # The tests' way into JupyterLab.
    server = folder / "etc" / "jupyter" / "jupyter_server_config.json"
    server.write_text(json.dumps({"LabApp": {"expose_app_in_browser": True, "news_url": None}}))


def misfits(python: Path) -> list[str]:
    """Return what the tests' environment holds that is not for this Python: Debian's may be a little older."""
    done = subprocess.run([str(python), "-c", "import platform; print(platform.python_version())"], **CAPTURED)
    version = done.stdout.strip()
    wants = {each.name: SpecifierSet(each.metadata.get("Requires-Python") or "") for each in distributions()}
    return sorted(name for name, versions in wants.items() if version not in versions)


def install(environment: Path, repository: str) -> None:
    """Install the wheel that a repository builds; what it needs is there."""
    with tempfile.TemporaryDirectory() as folder:
        pip(Path(sys.executable), "wheel", "--no-deps", "--wheel-dir", folder, repository)
        (wheel,) = Path(folder).glob("*.whl")
        pip(environment / "bin" / "python", "install", "--no-deps", "--no-index", str(wheel))


def pip(python: Path, command: str, *options: str) -> None:
    """Let the tests' pip do something for a Python."""
    program = [sys.executable, "-m", "pip", "--python", str(python), command, "--quiet", "--disable-pip-version-check"]
    subprocess.run([*program, *options], **CAPTURED)


@contextmanager
def hub() -> Iterator[Machine]:
    """Follow the guide and run its hub until the block ends."""
    root = Path(tempfile.mkdtemp(prefix="hub-"))
    root.chmod(0o755)
    machine = Machine(root)
    try:
        (root / "home").mkdir()
        copy_repository(root / "clone")
        start = machine.follow()
        machine.set_passwords()
        shutil.chown(machine.home["instructor"] / ".jupyter", machine.names["instructor"])
        with (root / "srv" / "backprop" / "jupyterhub_config.py").open("a") as config:
            config.write(f"c.JupyterHub.hub_port = {free_port()}\n")
            config.write(f"c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{free_port()}'\n")
        with serving(machine, start):
            yield machine
    finally:
        machine.remove_accounts()
        shutil.rmtree(root, ignore_errors=True)


def copy_repository(folder: Path) -> None:
    """Copy what is in the repository, without what lies about in it."""
    generated = (
        "__pycache__",
        "release",
        "submitted",
        "autograded",
        "feedback",
        "verdicts",
        "gradebook.db",
        "*.secret",
    )
    for part in ("autograder", "course", "solutions"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns(*generated))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    subprocess.run(["chmod", "-R", "a+rX", str(folder)], check=True)


@contextmanager
def serving(machine: Machine, start: str) -> Iterator[None]:
    """Run the hub, as in a shell of root."""
    log = machine.root / "hub.log"
    programs = [str(Path(shutil.which(name)).parent) for name in ("configurable-http-proxy", "node")]
    environment = {"PATH": ":".join([*programs, "/usr/bin", "/bin"]), "HOME": str(machine.root), "LANG": "C.UTF-8"}
    with log.open("w") as output:
        process = subprocess.Popen(
            ["bash", "-c", start.replace("&& ", "&& exec ").strip()],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(f"{machine.address}hub/health", process, log)
        yield
    finally:
        machine.end_servers()  # by themselves they take their time
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.2)
    raise RuntimeError(f"the hub did not start:\n{log.read_text()[-3000:]}")
