"""Shut a freshly forked, single-threaded process in, layer by layer.

No layer relies on another, and hosts differ in what they allow: `survey` tries them, `enter` insists on
those that were found. What matters is that files, network and resources are each guarded by at least one.
"""

import contextlib
import errno
import json
import os
import resource
import secrets
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backprop_autograder.workers import linux
from backprop_autograder.workers.calls import make_filter
from backprop_autograder.workers.worker import SCRATCH

NOBODY = 65534
TRIALS = 3  # of the layers, where the process that tries them is killed
FIRST_ID, IDS = 1 << 30, 1 << 29  # user ids that belong to nobody; a worker takes one at random
SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"),
    *("/dev/null", "/dev/zero", "/dev/urandom"),
)
# Any one layer of each line is enough.
NEEDED = {
    "files": ("root folder", "Landlock"),
    "network": ("network namespace", "seccomp"),
    "limits": ("limits",),
    "calls": ("seccomp",),
}


@dataclass(frozen=True)
class Policy:
    """What a worker may use.

    Attributes
    ----------
    memory : int
        Bytes of address space beyond what the worker starts with.
    seconds : int
        CPU time of the whole worker.
    file_size, scratch_size : int
        Bytes of one file, and of all files where the scratch folder is a file system of its own.
    open_files : int
    threads : int
        As many as Python's own pool starts, and the first.
    readable : tuple of str
        Files and folders that may be read, beside the worker's own scratch folder.
    """

    memory: int = 1 << 30
    seconds: int = 600
    file_size: int = 32 << 20
    scratch_size: int = SCRATCH
    open_files: int = 128
    threads: int = 33
    readable: tuple[str, ...] = field(default_factory=lambda: readable_paths())


def readable_paths() -> tuple[str, ...]:
    """Return the paths that Python and the course's student-side packages are read from."""
    packages = [str(Path(sys.modules[name].__file__).parent) for name in _STUDENT_SIDE if name in sys.modules]
    # Not all of sys.path: an editable install puts whole repositories there.
    installed = [folder for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")]
    paths = dict.fromkeys([*SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *installed, *packages])
    inside = {p for p in paths for other in paths if p != other and Path(p).is_relative_to(other)}
    return tuple(path for path in paths if path not in inside and Path(path).exists())


_STUDENT_SIDE = ("backprop_autograder", "backprop_course")


@dataclass
class _Entry:
    """A process on its way into the sandbox."""

    policy: Policy
    folder: str
    root: bool = field(default_factory=lambda: os.getuid() == 0)
    user: int = field(default_factory=lambda: _own_id())
    threads: bool = False  # whether their number is limited, so that it may have some


def _own_id() -> int:
    """Return a user id that no other worker has: limits of threads, locks and signals are a user's, not a process's.

    That of nobody, where this host's namespace has so few.
    """
    mine = FIRST_ID + secrets.randbelow(IDS)
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= mine < first + count:
            return mine
    return NOBODY


def _become_own_user(entry: _Entry) -> None:
    """Let limits count this worker alone: root takes an id of its own later, others a user namespace of their own."""
    if not entry.root:
        _enter_user_namespace(linux.NEW_USER)
        linux.die_with_parent()
    elif entry.user == NOBODY:
        raise OSError(errno.EPERM, "this namespace has too few user ids for each worker to get one")


def _enter_user_namespace(flags: int) -> None:
    user, group = os.getuid(), os.getgid()
    linux.unshare(flags)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path(f"/proc/self/{name}").write_text(text)


def _leave_namespace(flag: int) -> Callable[[_Entry], None]:
    return lambda _entry: linux.unshare(flag)


def _replace_root(entry: _Entry) -> None:
    """Make a new root in memory with the readable folders in it, and the scratch folder with a limited size."""
    files = {p.relative_to(entry.folder): p.read_bytes() for p in Path(entry.folder).rglob("*") if p.is_file()}
    linux.unshare(linux.NEW_MOUNT)
    linux.mount("none", "/", None, linux.PRIVATE | linux.RECURSIVE)
    size = entry.policy.scratch_size + sum(map(len, files.values()))
    new = entry.folder  # any folder serves as the place; nothing outside this process sees it
    options = f"size={size},nr_inodes=20000,mode=755"
    linux.mount("tmpfs", new, "tmpfs", linux.NO_SUID | linux.NO_DEV, options)
    for path in entry.policy.readable:
        _bind(path, new + path)
    scratch = Path(new + entry.folder)
    scratch.mkdir(parents=True)
    for name, content in files.items():
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_bytes(content)
    if entry.root:
        _give_away(scratch, entry.user)
    linux.change_root(new)


def _bind(source: str, target: str) -> None:
    if Path(source).is_dir():
        Path(target).mkdir(parents=True, exist_ok=True)
    else:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).touch()
    linux.mount(source, target, None, linux.BIND | linux.RECURSIVE)
    if not source.startswith("/dev/"):
        linux.make_read_only(target)


def _give_away(folder: Path, user: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def _limit(entry: _Entry) -> None:
    policy, page = entry.policy, resource.getpagesize()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * page
    limits = {
        resource.RLIMIT_AS: used + policy.memory,
        resource.RLIMIT_CPU: policy.seconds,
        resource.RLIMIT_FSIZE: policy.file_size,
        resource.RLIMIT_NOFILE: policy.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for name, value in limits.items():
        _, hard = resource.getrlimit(name)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (value, value))


def _limit_threads(entry: _Entry) -> None:
    # The limit counts everything that runs under the user id, in its namespace: it is a worker's own where that is.
    resource.setrlimit(resource.RLIMIT_NPROC, (entry.policy.threads, entry.policy.threads))
    entry.threads = True


def _become_nobody(entry: _Entry) -> None:
    if entry.root:
        if Path(entry.folder).stat().st_uid != entry.user:
            _give_away(Path(entry.folder), entry.user)
        os.setgroups([])
        os.setresgid(entry.user, entry.user, entry.user)
        os.setresuid(entry.user, entry.user, entry.user)
        linux.die_with_parent()
    linux.drop_capabilities()
    linux.forbid_inspection()


def _restrict_files(entry: _Entry) -> None:
    if not linux.landlock_version():
        raise OSError(errno.ENOSYS, "no Landlock in this kernel")
    linux.restrict_files(entry.policy.readable, [entry.folder, "/dev/null"])


def _filter_calls(entry: _Entry) -> None:
    linux.forbid_new_privileges()
    make_filter(entry.threads).load()


# In the order of entering: what needs /proc or privileges comes before they are given up.
_LAYERS: dict[str, Callable[[_Entry], None]] = {
    "own user": _become_own_user,
    "limits": _limit,
    "network namespace": _leave_namespace(linux.NEW_NET),
    "ipc namespace": _leave_namespace(linux.NEW_IPC | linux.NEW_UTS),
    "root folder": _replace_root,
    "thread limit": _limit_threads,
    "no privileges": _become_nobody,
    "Landlock": _restrict_files,
    "seccomp": _filter_calls,
}
LAYERS = ("pid namespace", *_LAYERS)


def enter_pid_namespace() -> bool:
    """Take the calling process's future children to a pid namespace, in a user namespace unless it is root.

    Returns
    -------
    bool
        Whether the host allows it.
    """
    try:
        if os.getuid() == 0:
            linux.unshare(linux.NEW_PID)
        else:
            _enter_user_namespace(linux.NEW_USER | linux.NEW_PID)
    except OSError:
        return False
    return True


def enter(layers: tuple[str, ...], policy: Policy, folder: str) -> None:
    """Shut the calling process in.

    Parameters
    ----------
    layers : tuple of str
        What `survey` found.
    policy : Policy
    folder : str
        The process's own scratch folder; its working directory afterwards.

    Raises
    ------
    OSError
        If a layer cannot be had after all: the process must not go on.
    """
    entry = _Entry(policy, folder)
    for name, layer in _LAYERS.items():
        if name in layers:
            layer(entry)
    os.chdir(folder)


def survey(policy: Policy, folder: str, pid_namespace: bool, without: Collection[str] = ()) -> dict[str, str]:
    """Try every layer, but for those to do `without`, in a process of its own; in another, if that is killed.

    Returns
    -------
    dict
        For each of `LAYERS` what stands against it; empty if nothing does.
    """
    for _ in range(TRIALS):
        if found := _tried(policy, folder, pid_namespace, without):
            return found
    return dict.fromkeys(LAYERS, "the trial process died")


def _tried(policy: Policy, folder: str, pid_namespace: bool, without: Collection[str]) -> dict[str, str]:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            os.write(writer, json.dumps(_try_layers(policy, folder, pid_namespace, without)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        found = pipe.read()
    os.waitpid(child, 0)
    return json.loads(found) if found else {}


def _try_layers(policy: Policy, folder: str, pid_namespace: bool, without: Collection[str]) -> dict[str, str]:
    found = {"pid namespace": "" if pid_namespace else "user namespaces are not allowed to this user"}
    entry = _Entry(policy, folder)
    found |= dict.fromkeys(without, "done without")
    for name in [name for name in _LAYERS if name not in without]:
        if name == "thread limit" and found.get("own user"):
            found[name] = "it would count every process of this user"
            continue
        try:
            _LAYERS[name](entry)
            if name == "thread limit":
                threading.Thread(target=bool).start()  # before Linux 5.14, other processes of the user count
            found[name] = ""
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            entry.threads &= name != "thread limit"
            found[name] = str(error)
    return {name: found[name] for name in LAYERS}


def lacking(layers: Mapping[str, str]) -> list[str]:
    """Return which of what is `NEEDED` no layer guards; nothing if the host isolates workers."""
    return [what for what, names in NEEDED.items() if all(layers.get(name, "missing") for name in names)]
