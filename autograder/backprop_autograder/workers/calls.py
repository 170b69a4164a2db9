"""The system calls that a worker may use; whatever else there is, or will be, is refused.

A list of what is allowed does not age: a call that a later kernel brings is nobody's to use until somebody has looked
at what it allows. Arguments that the kernel reads as 32 bits are compared as 32 bits.
"""

import contextlib
import errno
from functools import cache

ALLOWED = {
    "memory": "brk mmap munmap mremap mprotect msync get_mempolicy",
    "files": "open openat close close_range read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2"
    " lseek sendfile fsync fdatasync ftruncate truncate fallocate dup dup2 dup3 pipe pipe2 umask",
    "folders": "stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat"
    " getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2"
    " link linkat symlink symlinkat getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr",
    "waiting": "poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2"
    " eventfd eventfd2 nanosleep clock_nanosleep pause alarm getitimer wait4 waitid restart_syscall",
    "threads": "futex futex_waitv set_robust_list get_robust_list set_tid_address rseq sched_yield exit exit_group",
    "signals": "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack",
    "talking": "recvfrom shutdown getsockname getpeername getsockopt",
    "knowing": "getpid getppid gettid getuid geteuid getgid getegid getgroups getresuid getresgid getpgrp getpgid"
    " getsid uname sysinfo times time gettimeofday clock_gettime clock_getres getrusage getcpu getrandom"
    " getrlimit setrlimit getpriority sched_getaffinity sched_getscheduler sched_getparam"
    " sched_get_priority_max sched_get_priority_min sched_rr_get_interval ioprio_get capget arch_prctl",
}
# Of these calls, one argument (counted from 0) may have these values only.
ONLY = {
    # Descriptors, their flags, locks of parts of a file; not leases, signals to others, notices, larger pipes.
    "fcntl": (1, (0, 1, 2, 3, 4, 5, 6, 7, 1030, 1032)),
    # Whether it is a terminal, and how wide; inheritance, blocking, how much there is to read.
    "ioctl": (1, (0x5401, 0x802C542A, 0x5413, 0x5450, 0x5451, 0x5421, 0x541B)),
    # The name of a thread, and questions.
    "prctl": (0, (3, 15, 16, 21, 23, 27, 30, 39)),
    # What a process does with its own memory; not merging it with equal pages of others, or pushing files out of it.
    "madvise": (2, (0, 1, 2, 3, 4, 8, 10, 11, 14, 15, 16, 17, 18, 19, 22, 23)),
    "sendto": (4, (0,)),  # to whom it is connected
    "prlimit64": (0, (0,)),  # its own
}
THREAD = (0x3D0F00, 0x7D0F00)  # what C libraries start one with: nothing that would be a process or a namespace
POINTERS = ("sendto",)  # what is compared as 64 bits
HUGE_PAGES = 0x40000  # memory of a pool that all processes share
# What C libraries and Python try, and do otherwise where a kernel does not have it.
UNKNOWN = ("clone3", "openat2", "copy_file_range", "io_uring_setup", "pidfd_open", "memfd_create")
LATEST = 451  # newer calls than this are refused as if the kernel did not have them
NUMBERS = 600  # to look ahead


@cache
def make_filter(threads: bool):
    """Return libseccomp's filter of all that is not allowed; made once, and inherited by every fork.

    Parameters
    ----------
    threads : bool
        Whether a process may start some: not where nothing limits their number.
    """
    import pyseccomp
    from pyseccomp import ALLOW, EQ, ERRNO, MASKED_EQ, Arg

    made = pyseccomp.SyscallFilter(ERRNO(errno.EPERM))

    def rule(action, name, *arguments) -> None:
        with contextlib.suppress(ValueError, OSError):  # not every architecture and library knows every call
            made.add_rule(action, name, *arguments)

    for name in " ".join(ALLOWED.values()).split():
        if name != "mmap":
            rule(ALLOW, name)
    rule(ALLOW, "mmap", Arg(3, MASKED_EQ, HUGE_PAGES, 0))
    only = {**ONLY, "clone": (0, THREAD if threads else ())}
    for name, (position, values) in only.items():
        for value in values:
            whole = name in POINTERS
            rule(ALLOW, name, Arg(position, EQ, value) if whole else Arg(position, MASKED_EQ, 0xFFFFFFFF, value))
    # A connected pair of streams leads nowhere else; event loops use one.
    local, stream, kinds = 1, 1, 0xF
    rule(ALLOW, "socketpair", Arg(0, MASKED_EQ, 0xFFFFFFFF, local), Arg(1, MASKED_EQ, kinds, stream))
    for name in (*UNKNOWN, *range(LATEST + 1, NUMBERS)):
        rule(ERRNO(errno.ENOSYS), name)
    return made
