"""The few Linux system calls that Python's standard library lacks, each a thin function that raises `OSError`."""

import contextlib
import ctypes
import os
import platform
import signal
import struct
from collections.abc import Iterable
from pathlib import Path

NEW_USER, NEW_PID, NEW_NET, NEW_IPC = 0x10000000, 0x20000000, 0x40000000, 0x08000000
NEW_MOUNT, NEW_UTS = 0x00020000, 0x04000000
BIND, RECURSIVE, PRIVATE, NO_SUID, NO_DEV = 0x1000, 0x4000, 1 << 18, 2, 4

_PDEATHSIG, _DUMPABLE, _SUBREAPER, _NO_NEW_PRIVILEGES = 1, 4, 36, 38
# System calls without a wrapper in older C libraries; these numbers are the same on every architecture.
_MOUNT_SETATTR, _LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_ENTER = 442, 444, 445, 446
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _syscall(what: str, number: int, *arguments) -> int:
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *words), what)


def _prctl(what: str, option: int, value: int) -> None:
    _checked(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)), what)


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent's thread ends. A change of user id undoes it."""
    _prctl("parent death signal", _PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parents die."""
    _prctl("child subreaper", _SUBREAPER, 1)


def forbid_inspection() -> None:
    """Keep other processes of the same user from tracing this one or reading its memory."""
    _prctl("dumpable", _DUMPABLE, 0)


def forbid_new_privileges() -> None:
    """Make set-uid programs powerless; Landlock and seccomp ask for it."""
    _prctl("no new privileges", _NO_NEW_PRIVILEGES, 1)


def unshare(flags: int) -> None:
    """Leave the shared namespaces named by `flags`."""
    _checked(_libc.unshare(flags), "unshare")


def enter_own_pid_namespace() -> None:
    """Let children be born in this process's own pid namespace again, after an `unshare`."""
    descriptor = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _checked(_libc.setns(descriptor, NEW_PID), "setns")
    finally:
        os.close(descriptor)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount `source` on `target`."""
    words = [text.encode() if text is not None else None for text in (source, target, kind)]
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def make_read_only(target: str) -> None:
    """Make the mounts at and below `target` read-only; other flags stay, as a user namespace demands."""
    read_only, everything_below, here = 1, 0x8000, -100
    attributes = struct.pack("QQQQ", read_only, 0, 0, 0)
    _syscall(
        f"read-only {target}", _MOUNT_SETATTR, here, target.encode(), everything_below, attributes, len(attributes)
    )


def change_root(folder: str) -> None:
    """Make `folder`, a mount point, the root of this process, and let go of the old root."""
    os.chdir(folder)
    # New and old root may be one folder: the old one lies on top, and is unmounted from there.
    _syscall("pivot_root", _PIVOT_ROOT.get(platform.machine(), -1), b".", b".")
    _checked(_libc.umount2(b".", 2), "umount")  # MNT_DETACH
    os.chdir("/")


def drop_capabilities() -> None:
    """Give up every capability, also those over a namespace of one's own."""
    header = struct.pack("Ii", 0x20080522, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")


def landlock_version() -> int:
    """Return the version of Landlock that the kernel offers, 0 if none."""
    try:
        return _syscall("landlock", _LANDLOCK_CREATE, None, 0, 1)
    except OSError:
        return 0


_EXECUTE, _WRITE, _READ, _LIST = 1, 1 << 1, 1 << 2, 1 << 3
_CHARACTER_DEVICE, _BLOCK_DEVICE, _TRUNCATE, _DEVICE_CONTROL = 1 << 6, 1 << 11, 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE


def restrict_files(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Allow this process the paths named and nothing else, with Landlock; TCP and outside signals go too if it can.

    Parameters
    ----------
    readable, writable : iterable of str
        Files, or folders with all they hold. Paths that do not exist are passed over.
    """
    version = landlock_version()
    rights = (1 << 13) - 1  # of the first version; later ones added to it
    rights |= sum(right for right, since in ((1 << 13, 2), (_TRUNCATE, 3), (_DEVICE_CONTROL, 5)) if version >= since)
    tcp, scope = (3 if version >= 4 else 0), (3 if version >= 6 else 0)
    attributes = struct.pack("QQQ", rights, tcp, scope)[: 8 if version < 4 else 16 if version < 6 else 24]
    rules = _syscall("landlock", _LANDLOCK_CREATE, attributes, len(attributes), 0)
    try:
        for path in readable:
            _allow(rules, path, rights & (_EXECUTE | _READ | _LIST))
        for path in writable:
            _allow(rules, path, rights & ~(_CHARACTER_DEVICE | _BLOCK_DEVICE | _DEVICE_CONTROL))
        forbid_new_privileges()
        _syscall("landlock", _LANDLOCK_ENTER, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, PermissionError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rights = rights if Path(path).is_dir() else rights & _ON_FILES
            _syscall(f"landlock {path}", _LANDLOCK_ADD, rules, 1, struct.pack("=Qi", rights, descriptor), 0)
        finally:
            os.close(descriptor)
