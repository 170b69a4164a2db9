"""What honest work needs of the system it has; whatever else there is, or will be, is refused, and says so."""

import errno
import textwrap

import pytest

from backprop_autograder.workers import warm
from backprop_autograder.workers.calls import ALLOWED, LATEST, ONLY, UNKNOWN
from backprop_autograder.workers.warm import WarmLauncher

pyseccomp = pytest.importorskip("pyseccomp")
pytestmark = pytest.mark.skipif(not warm.can_fork(), reason="the sandbox needs Linux")
NAMES = [*" ".join(ALLOWED.values()).split(), *ONLY, *UNKNOWN, "socketpair"]


@pytest.fixture(scope="module")
def launcher():
    with WarmLauncher() as launcher:
        if launcher.layers["seccomp"]:
            pytest.skip("this host does not have seccomp")
        yield launcher


@pytest.fixture
def worker(launcher):
    worker = launcher.launch({})
    yield worker
    worker.close()


def said(worker, source):
    outputs = worker.run(textwrap.dedent(source), 60)
    return "".join(output.get("text", output.get("evalue", "")) for output in outputs)


HONEST = {
    "threads": """
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(32) as pool:
            print(sum(pool.map(abs, range(-100, 0))))
    """,
    "an event loop": """
        import asyncio, threading
        async def main():
            return await asyncio.gather(asyncio.to_thread(lambda: 1), asyncio.sleep(0.01, 5049))
        def run():
            print(sum(asyncio.run(main())))
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    """,
    "figures in files": """
        %matplotlib inline
        import matplotlib.pyplot as plt
        for kind in ("png", "svg", "pdf"):
            plt.plot([1, 2], label="$x^2$")
            plt.savefig(f"a.{kind}")
            plt.close()
        print(5050)
    """,
    "files of its own": """
        import os, pathlib, pickle, tempfile, numpy as np
        np.savez("a.npz", a=np.full(10, 505.0))
        os.rename("a.npz", "b.npz")
        with tempfile.TemporaryFile() as file:
            pickle.dump(np.load("b.npz")["a"], file)
            file.seek(0)
            total = pickle.load(file).sum()
        memory = np.memmap("c", dtype=float, mode="w+", shape=3)
        memory[:] = total
        memory.flush()
        pathlib.Path("d").mkdir()
        print(int(np.memmap("c", dtype=float, mode="r")[1]), *os.listdir("d"))
    """,
    "a database in a file": """
        import sqlite3
        with sqlite3.connect("a.db") as base:
            base.execute("create table t (x)")
            base.execute("insert into t values (5050)")
        print(base.execute("select x from t").fetchone()[0])
    """,
    "time, signals and limits of its own": """
        import resource, signal, time
        signal.signal(signal.SIGALRM, lambda *_: print(5050))
        signal.alarm(1)
        time.sleep(1.2)
        resource.setrlimit(resource.RLIMIT_CPU, (100, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        resource.getrusage(resource.RUSAGE_SELF)
    """,
    "an interrupt that is waited for": """
        import threading
        event = threading.Event()
        threading.Timer(0.05, event.set).start()
        print(5050 if event.wait(10) else "")
    """,
    "linear algebra": """
        import numpy as np
        a = np.eye(300) * 5050
        print(round(np.linalg.eigvalsh(a @ np.linalg.inv(a) * 5050)[0]))
    """,
}


@pytest.mark.parametrize("source", HONEST.values(), ids=HONEST)
def test_honest_work_has_what_it_needs(worker, source):
    assert said(worker, source).strip() == "5050"


PROGRAMS = {
    "subprocess": "import subprocess; subprocess.run(['true'])",
    "system": "import os; assert os.system('true') == 0",
    "fork": "import os; os.fork() or os._exit(0)",
    "multiprocessing": "import multiprocessing as m; m.get_context('fork').Process(target=print).start()",
    "a pool of processes": "import multiprocessing as m; m.Pool(2)",
    "executor": "from concurrent.futures import ProcessPoolExecutor as P; P(1).submit(abs, 1).result()",
    "socket": "import socket; socket.socket()",
    "download": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_what_is_refused_is_an_error_that_names_itself_and_the_work_goes_on(worker, source):
    outputs = worker.run(source, 60)
    assert [o["ename"] for o in outputs if o["output_type"] == "error"], outputs
    assert said(worker, "print(1 + 1)") == "2\n"


CALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    done = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return 0 if done >= 0 else ctypes.get_errno()
"""
REFUSED = """
fork vfork execve execveat kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal pidfd_getfd ptrace
process_vm_readv process_vm_writev kcmp process_madvise process_mrelease migrate_pages move_pages mbind set_mempolicy
setpriority ioprio_set sched_setscheduler sched_setparam sched_setattr sched_setaffinity socket bind connect listen
accept accept4 sendmsg sendmmsg recvmsg recvmmsg setsockopt mount umount2 pivot_root chroot move_mount open_tree
fsopen fsmount fsconfig fspick mount_setattr unshare setns keyctl add_key request_key bpf perf_event_open userfaultfd
io_uring_enter io_uring_register kexec_load init_module finit_module delete_module swapon swapoff reboot acct quotactl
open_by_handle_at name_to_handle_at fanotify_init fanotify_mark inotify_init inotify_init1 inotify_add_watch iopl
ioperm modify_ldt personality syslog vhangup settimeofday clock_settime clock_adjtime adjtimex timer_create
timerfd_create sethostname setdomainname chmod fchmod fchmodat chown fchown lchown fchownat utime utimes utimensat
futimesat setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr memfd_secret shmget shmat semget msgget
mq_open flock sync syncfs sync_file_range splice tee vmsplice io_setup io_submit landlock_create_ruleset
landlock_add_rule landlock_restrict_self seccomp setuid setgid setresuid setgroups setsid mknod mknodat signalfd
lookup_dcookie fadvise64 readahead membarrier
setitimer mlock mlockall remap_file_pages pkey_alloc
"""


def test_calls_that_no_notebook_needs_are_refused_and_kill_nobody(worker):
    numbers = {}
    for name in REFUSED.split():
        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
        if number >= 0:  # not one that this architecture never had
            numbers[name] = number
    answered = f"{CALL}\nprint([name for name, k in {numbers!r}.items() if call(k, 0, 0, 0, 0, 0, 0) != {errno.EPERM}])"
    assert len(numbers) > 90
    assert said(worker, answered) == "[]\n"


def test_calls_that_the_list_does_not_know_look_as_if_the_kernel_did_not_have_them(worker):
    numbers = range(LATEST + 1, 560)
    assert said(worker, f"{CALL}\nprint({{call(k, 0, 0, 0, 0, 0, 0) for k in {numbers}}})") == f"{{{errno.ENOSYS}}}\n"


ARGUMENTS = {
    "a lease": ("fcntl", 1, 1024),
    "signals about a file": ("fcntl", 1, 10),
    "an owner of signals": ("fcntl", 1, 8),
    "notices of changes": ("fcntl", 1, 1026),
    "a larger pipe": ("fcntl", 1, 1031),
    "input for a terminal": ("ioctl", 1, 0x5412),
    "signals about input": ("ioctl", 1, 0x5452),
    "pages merged with others'": ("madvise", 2, 12),
    "files pushed out of memory": ("madvise", 2, 21),
    "tracing": ("prctl", 0, 4),
    "a filter": ("prctl", 0, 22),
    "a fork": ("clone", 0, 17),
    "a fork in a namespace": ("clone", 0, 0x3D0F00 | 0x10000000),
    "limits of another": ("prlimit64", 0, 1),
    "huge pages": ("mmap", 3, 0x40022),
    "an address to send to": ("sendto", 4, 1 << 40),
}


@pytest.mark.parametrize("above", [0, 1 << 32], ids=["", "and bits that the kernel does not read"])
@pytest.mark.parametrize(("name", "position", "value"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_are_looked_at(worker, name, position, value, above):
    number, words = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name), [0] * 6
    words[position] = value | above
    assert said(worker, f"{CALL}\nprint(call({number}, *{words}))") == f"{errno.EPERM}\n"


def test_sockets_are_pairs_of_local_streams_only(worker):
    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "socketpair")
    tries = [(1, 2), (1, 5), (2, 1), (16, 3), (1 | 1 << 32, 2), (1, 2 | 1 << 32)]
    assert said(worker, f"{CALL}\nprint({{call({number}, *t, 0, 0, 0, 0) for t in {tries}}})") == f"{{{errno.EPERM}}}\n"
    assert said(worker, "import socket; a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))") == "b'x'\n"


def test_every_name_on_the_list_is_one_that_a_system_has():
    known = [pyseccomp.Arch.X86_64, pyseccomp.Arch.AARCH64]

    def number(arch, name):
        try:
            return pyseccomp.resolve_syscall(arch, name)
        except (ValueError, OSError):
            return -1

    assert [name for name in NAMES if max(number(arch, name) for arch in known) < 0] == []


# What the C library calls where a newer architecture, such as aarch64, left out the older call.
NEWER = """
open openat / stat newfstatat / lstat newfstatat / select pselect6 / poll ppoll / epoll_wait epoll_pwait / pipe pipe2
dup2 dup3 / mkdir mkdirat / rmdir unlinkat / unlink unlinkat / rename renameat2 / symlink symlinkat / link linkat
readlink readlinkat / access faccessat / getdents getdents64 / eventfd eventfd2 / epoll_create epoll_create1
pause ppoll / getpgrp getpgid / time clock_gettime / getrlimit prlimit64
"""


def test_what_works_on_one_architecture_works_on_another():
    pairs = [pair.split() for line in NEWER.strip().splitlines() for pair in line.split(" / ")]
    assert [pair for pair in pairs if not set(pair) <= set(NAMES)] == []


@pytest.mark.parametrize("without", ["thread limit", "own user"])
def test_where_nothing_limits_threads_there_are_none(without):
    with WarmLauncher(without=(without,)) as launcher:
        worker = launcher.launch({})
        assert "can't start new thread" in said(worker, "import threading; threading.Thread(target=print).start()")
        assert said(worker, "import numpy as np; print(np.ones((200, 200)) @ np.ones(200) == 200)").count("True") > 0
        worker.close()


@pytest.mark.slow
def test_threads_of_one_worker_leave_those_of_another_alone(launcher):
    source = "import threading, time; ts = [threading.Thread(target=time.sleep, args=(%s,)) for _ in range(30)]"
    source += "; [t.start() for t in ts]; print(len(ts))"
    workers = [launcher.launch({}) for _ in range(4)]
    assert [said(worker, source % 60) for worker in workers] == ["30\n"] * 4
    for worker in workers:
        worker.close()
