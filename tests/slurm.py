"""A Slurm of the tests' own, on the loopback interface: controller, one node and munge, from the distribution."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from browser.driver import free_port

SECONDS = 30
CONFIGURATION = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs={processors} RealMemory=4096
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str:
    """Return why there is no Slurm, empty if there can be one."""
    if os.getuid():
        return "Slurm's daemons are started by root only"
    missing = [name for name in ("munged", "slurmctld", "slurmd", "sbatch") if shutil.which(name) is None]
    if missing:
        return f"there is no {', '.join(missing)}: apt-get install munge slurmctld slurmd slurm-client"
    try:
        import dask_jobqueue  # noqa: F401
    except ImportError:
        return "dask-jobqueue is not installed: pip install -e '.[slurm]'"
    return ""


@contextmanager
def serving() -> Iterator[Path]:
    """Run a cluster of one node until the block ends; yield its configuration, for SLURM_CONF."""
    with tempfile.TemporaryDirectory(prefix="slurm-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # munge insists on a socket that everybody reaches
        for each in ("state", "spool"):
            (folder / each).mkdir()
        key = folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        host = socket.gethostname().split(".")[0]
        settings = {"host": host, "folder": folder, "controller": free_port(), "node": free_port()}
        configuration = folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(**settings, processors=os.cpu_count()))
        munge = [f"--{what}-file={folder}/munge.{what}" for what in ("key", "pid", "log", "seed")]
        _start(stack, folder, "munged", "--foreground", f"--socket={folder}/munge.socket", *munge)
        _until(lambda: (folder / "munge.socket").exists(), folder)
        _start(stack, folder, "slurmctld", "-D", "-f", str(configuration))
        _start(stack, folder, "slurmd", "-D", "-f", str(configuration), "-N", host)
        _until(lambda: ask(configuration, "sinfo", "--noheader", "--format=%T") == "idle", folder)
        yield configuration


def ask(configuration: Path, *command: str) -> str:
    """Return what one of Slurm's programs says."""
    environment = {**os.environ, "SLURM_CONF": str(configuration)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)
    return done.stdout.strip()


def _start(stack: ExitStack, folder: Path, *command: str) -> None:
    log = stack.enter_context((folder / f"{command[0]}.out").open("w"))
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    stack.callback(_end, process)


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until(holds, folder: Path) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > end:
            logs = [f"{path.name}:\n{path.read_text()[-2000:]}" for path in sorted(folder.glob("*.out"))]
            raise RuntimeError("Slurm did not start.\n" + "\n".join(logs))
        time.sleep(0.1)
