"""What is shared with whoever is graded at the same time."""

from adversarial.attacks.attack import attack

FCNTL = """
import fcntl, numpy
file = open(numpy.__file__)
def tries(command, value):
    try:
        fcntl.fcntl(file, command, value)
        print('BROKEN-OUT fcntl', command)
    except OSError:
        pass
"""
NEIGHBOURS = "neighbours"
attack(
    "lease",
    NEIGHBOURS,
    "takes leases on files that everybody imports, so that others wait",
    FCNTL + "tries(1024, fcntl.F_RDLCK)",
    honest=True,
    ours_only=True,
)
attack(
    "notices",
    NEIGHBOURS,
    "asks for notices of what happens in a folder",
    FCNTL + "tries(1026, 1)",
    honest=True,
    ours_only=True,
)
attack(
    "owner-of-a-file",
    NEIGHBOURS,
    "has the kernel signal another process",
    FCNTL + "tries(8, @VICTIM@)\ntries(10, 9)",
    honest=True,
    ours_only=True,
)
attack(
    "new-system-calls",
    NEIGHBOURS,
    "uses system calls that are newer than any list of forbidden ones",
    """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for number in range(463, 480):
    if libc.syscall(number, -100, b'.', 0, 0, 0, 0) >= 0 or ctypes.get_errno() != 38:
        print('BROKEN-OUT call', number)
""",
    honest=True,
    ours_only=True,
)

# What goes on for as long as it is let, beside honest work; `until` is when a cell of the tests has to end.
MEANWHILE = """
import ctypes, os, threading, time
libc, until = ctypes.CDLL(None, use_errno=True), time.monotonic() + 3
def call(number, *arguments):  # numbers are those of x86_64
    return libc.syscall(*map(ctypes.c_long, (number, *arguments))) if os.uname().machine == 'x86_64' else -1
def meanwhile(act):
    while time.monotonic() < until:
        try:
            if act() is False:
                break
        except (OSError, MemoryError, RuntimeError, ValueError):
            time.sleep(0.001)
"""


def neighbour(name: str, tries: str, code: str, **options) -> None:
    """Add an attack on whoever is graded at the same time."""
    attack(name, NEIGHBOURS, tries, MEANWHILE + code, honest=True, ours_only=True, **options)


neighbour(
    "lease-by-another-number",
    "asks for leases and notices with bits set that the kernel does not read",
    """
import numpy
file = open(numpy.__file__)
for command in (1024, 1026, 8, 10):
    if call(72, file.fileno(), command | 1 << 32, 0) >= 0:
        print('BROKEN-OUT fcntl', command)
""",
)
neighbour(
    "busy-threads",
    "computes in as many threads as it gets, without Python's lock, and ignores interrupts",
    """
import hashlib, signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
threading.stack_size(1 << 16)
for _ in range(200):
    try:
        threading.Thread(target=meanwhile, args=(lambda: hashlib.sha256(bytes(1 << 22)),), daemon=True).start()
    except RuntimeError:
        break
else:
    print('BROKEN-OUT 200 threads')
meanwhile(lambda: hashlib.sha256(bytes(1 << 22)))
""",
)
neighbour(
    "priorities",
    "asks to run before everybody else, and on every processor",
    """
for name, act in {
    'nice': lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
    'real time': lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
    'processors': lambda: os.sched_setaffinity(0, range(os.cpu_count())),
    'disk': lambda: call(251, 1, 0, 1 << 13) and int('refused'),
}.items():
    try:
        act()
        print('BROKEN-OUT', name)
    except (OSError, ValueError):
        pass
""",
)
neighbour(
    "watches",
    "takes all of a user's watches of files",
    """
for flags in (0, 0x800):
    if libc.inotify_init1(flags) >= 0:
        print('BROKEN-OUT inotify')
if libc.fanotify_init(0, 0) >= 0:
    print('BROKEN-OUT fanotify')
""",
)
neighbour(
    "waiting-lists",
    "fills epoll's lists with each other",
    """
import select
lists = [select.epoll() for _ in range(60)]
for a in lists:
    for b in lists:
        try:
            a.register(b, select.EPOLLIN | select.EPOLLET)
        except OSError:
            pass
meanwhile(lambda: [one.poll(0) for one in lists] and None)
""",
)
neighbour(
    "signals",
    "sends itself signals at the pace of the timer, and others to everybody",
    """
import signal
count = 0
def handle(*_):
    global count
    count += 1
signal.signal(signal.SIGALRM, handle)
try:
    signal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6)
    print('BROKEN-OUT a timer that no clock of a process counts')
except OSError:
    pass
for pid in (-1, 0, 1, @VICTIM@):
    for act in (lambda: os.kill(pid, signal.SIGKILL), lambda: call(129, pid, 34, 0)):
        try:
            act()
        except OSError:
            pass
meanwhile(lambda: None)
""",
)
neighbour(
    "timers",
    "makes the kernel's timers without end",
    """
made = ctypes.c_void_p()
for _ in range(10_000):
    if libc.timer_create(1, None, ctypes.byref(made)) >= 0 or libc.timerfd_create(1, 0) >= 0:
        print('BROKEN-OUT timer')
        break
""",
)
neighbour(
    "resident-memory",
    "writes to all the memory that it gets, and holds it",
    """
held = []
def take():
    held.append(b'x' * (32 << 20))
    if len(held) > 40:
        print('BROKEN-OUT 1.3 GB')
        return False
meanwhile(take)
""",
)
neighbour(
    "memory-beside-the-limit",
    "takes memory that no limit of an address space counts",
    """
def refused(result):
    if result < 0:
        raise OSError(ctypes.get_errno())
for name, act in {
    'memfd': lambda: os.memfd_create('x'), 'shm': lambda: open('/dev/shm/x', 'wb'),
    'shmget': lambda: refused(libc.shmget(0, 1 << 28, 0o1600)),
    'queue': lambda: refused(libc.mq_open(b'/x', 66, 0o600, None)),
    'secret': lambda: refused(call(447, 0)), 'huge': lambda: refused(call(9, 0, 1 << 21, 3, 0x40022, -1, 0)),
}.items():
    try:
        act()
        print('BROKEN-OUT', name)
    except OSError:
        pass
""",
)
neighbour(
    "process-numbers",
    "starts processes until there are no numbers left",
    """
def start():
    if os.fork() == 0:
        time.sleep(5)
        os._exit(0)
    print('BROKEN-OUT a process')
meanwhile(start)
""",
)
neighbour(
    "open-files",
    "opens pipes and sockets without end, and fills them",
    """
import socket
held = []
def fill(descriptor):
    os.set_blocking(descriptor, False)
    try:
        while os.write(descriptor, bytes(1 << 16)):
            pass
    except OSError:
        pass
def take():
    held.append(os.pipe() if len(held) % 2 else [end.detach() for end in socket.socketpair()])
    fill(held[-1][1])
    if len(held) > 1000:
        print('BROKEN-OUT 2000 descriptors')
        return False
meanwhile(take)
""",
)
neighbour(
    "disk",
    "writes, grows and syncs files as fast as it can",
    """
count = 0
def write():
    global count
    count += 1
    with open(f'part{count % 500}', 'ab') as file:
        file.write(bytes(1 << 20))
        os.fsync(file.fileno())
meanwhile(write)
""",
)
neighbour(
    "many-files",
    "makes files and folders without end",
    """
count = 0
def make():
    global count
    count += 1
    os.makedirs(f'd{count % 100}', exist_ok=True)
    open(f'd{count % 100}/{count}', 'w').close()
meanwhile(make)
""",
)
neighbour(
    "locks",
    "locks the files that everybody imports",
    """
import fcntl, numpy
file = open(numpy.__file__)
try:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print('BROKEN-OUT lock')
except OSError:
    pass
def lock(k=iter(range(10 ** 9))):
    fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, 2 * next(k))
meanwhile(lock)
""",
)
neighbour(
    "flush-the-system",
    "has the machine write all it holds, again and again",
    "\nif libc.syncfs(0) >= 0:\n    print('BROKEN-OUT syncfs')\nmeanwhile(lambda: libc.sync())",
)
neighbour(
    "queues-of-the-kernel",
    "takes what the whole machine has a number of: asynchronous I/O, keys, io_uring",
    """
buffer = ctypes.create_string_buffer(256)
room, text = ctypes.addressof(buffer), ctypes.cast(ctypes.c_char_p(b'user'), ctypes.c_void_p).value
for name, act in {
    'aio': lambda: call(206, 65536, room), 'uring': lambda: call(425, 4096, room),
    'key': lambda: call(248, text, text, room, 200, -3), 'perf': lambda: call(298, room, 0, -1, -1, 0),
    'userfaultfd': lambda: call(323, 0), 'landlock': lambda: call(444, 0, 0, 1),
}.items():
    if act() >= 0:
        print('BROKEN-OUT', name)
""",
)
neighbour(
    "yield-and-wake",
    "gives way and wakes threads without end",
    """
event = threading.Event()
for _ in range(8):
    threading.Thread(target=meanwhile, args=(lambda: os.sched_yield(),), daemon=True).start()
meanwhile(lambda: (event.set(), event.clear(), os.sched_yield()) and None)
""",
)

neighbour(
    "forgotten-files",
    "has the machine forget the files that everybody reads, and merge its pages with others'",
    """
import mmap, numpy
file = open(numpy.__file__, 'rb')
try:
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    print('BROKEN-OUT forgotten')
except OSError:
    pass
pages = mmap.mmap(-1, 1 << 16)
for advice in (12, 20, 21):
    try:
        pages.madvise(advice)
        print('BROKEN-OUT advice', advice)
    except OSError:
        pass
""",
)
