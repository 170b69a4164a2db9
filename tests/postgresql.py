"""A PostgreSQL server of the tests' own, from the distribution's package; each test gets a database in it."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browser.driver import free_port

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")  # nothing here has to survive a power cut


def programs() -> Path | None:
    """Return where the server's programs are; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    anywhere = shutil.which("initdb")
    return found[-1].parent if found else Path(anywhere).parent if anywhere else None


def why_not() -> str:
    """Return why there is no server, empty if there can be one."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed: pip install -e '.[postgresql]'"
    if programs() is None:
        return "there is no PostgreSQL: apt-get install postgresql"
    return "" if os.getuid() or _account() else "PostgreSQL does not run as root, and there is no user postgres"


def _account() -> dict:
    """Return who is to run the server: not root."""
    if os.getuid():
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        return {}
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def serving() -> Iterator[str]:
    """Run a server on the loopback interface until the block ends; yield the URL of its databases."""
    account, port = _account(), free_port()
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder = Path(name)
        if account:
            os.chown(folder, account["user"], account["group"])
        data, log, command = folder / "data", folder / "log", programs() / "pg_ctl"

        def run(*arguments) -> None:
            done = subprocess.run(
                [str(argument) for argument in arguments], cwd=folder, capture_output=True, text=True, **account
            )
            text = log.read_text() if log.exists() else ""
            assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{text}"

        run(programs() / "initdb", "--pgdata", data, "--username", "instructor", "--auth", "trust", "--no-sync")
        options = [f"-p {port}", f"-k {folder}", "-h 127.0.0.1", *(f"-c {setting}" for setting in FAST)]
        # The log goes to a file: the server would hold a pipe open.
        run("sh", "-c", f"'{command}' --pgdata {data} --log {log} -o '{' '.join(options)}' -w start >/dev/null")
        try:
            yield f"postgresql+psycopg://instructor@127.0.0.1:{port}"
        finally:
            run(command, "--pgdata", data, "--mode", "immediate", "stop")


def new_database(server: str, template: str = "template1") -> str:
    """Make a database, empty or a copy, and return its URL."""
    import psycopg

    name = f"course_{secrets.token_hex(4)}"
    address = server.replace("+psycopg", "")
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    return f"{server}/{name}"


def copy_database(url: str) -> str:
    """Copy a database that nobody uses at the moment, and return the copy's URL."""
    server, name = url.rsplit("/", 1)
    return new_database(server, template=name)
