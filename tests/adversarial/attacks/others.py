"""Peers, the course and the grader."""

from adversarial.attacks.attack import attack

OTHERS = "others"
attack(
    "gradebook",
    OTHERS,
    "writes full marks into the gradebook",
    """
import sqlite3
try:
    with sqlite3.connect('@COURSE@/gradebook.db', timeout=2) as book:
        book.execute('UPDATE grade SET manual_score = 1000')
    print('BROKEN-OUT gradebook written')
except sqlite3.Error as error:
    print(type(error).__name__)
""",
)
attack(
    "overwrite",
    OTHERS,
    "overwrites, renames and removes files of the course and of peers",
    """
import os
peer = '@COURSE@/submitted/peer/01_toy/01_toy.ipynb'
for act in (lambda: open(peer, 'w').write('{}'), lambda: os.truncate(peer, 0), lambda: os.remove(peer),
            lambda: os.rename('@COURSE@/source/01_toy', '@COURSE@/source/02_toy'),
            lambda: os.link('@HOME@/private.txt', '@BEACON@/linked'),
            lambda: open('@HOME@/private.txt', 'a').write('x'), lambda: os.mkdir('@BEACON@/new')):
    try:
        act()
    except OSError:
        pass
""",
)
attack(
    "metadata",
    OTHERS,
    "changes modes, owners, times and attributes of files that it cannot open",
    """
import os
for path in ('@COURSE@/submitted/peer/01_toy/01_toy.ipynb', '@HOME@/private.txt', '@COURSE@'):
    for act in (lambda: os.chmod(path, 0o777), lambda: os.utime(path, (0, 0)), lambda: os.chown(path, 65534, 65534),
                lambda: os.setxattr(path, 'user.canary', b'1')):
        try:
            act()
        except OSError:
            pass
""",
)
attack(
    "detached-process",
    OTHERS,
    "a process detached by setsid and two forks acts when the grading is over",
    """
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        for _ in range(40):
            time.sleep(0.1)
            open('@BEACON@/detached', 'a').write('still here')
        os._exit(0)
    os._exit(0)
""",
)
attack(
    "startup-files",
    OTHERS,
    "plants startup files of IPython and Python for the next student's kernel",
    """
import os
payload = "open('@BEACON@/startup', 'w').close()"
for folder in ('@HOME@/.ipython/profile_default/startup', os.path.expanduser('~/.ipython/profile_default/startup'),
               '@HOME@/.local/lib/python3.11/site-packages', '@HOME@/.config/matplotlib'):
    for name in ('00-next.py', 'usercustomize.py', 'sitecustomize.py'):
        try:
            os.makedirs(folder, exist_ok=True)
            open(os.path.join(folder, name), 'w').write(payload)
        except OSError:
            pass
""",
)
attack(
    "shadowing-files",
    OTHERS,
    "hands in a numpy.py and a backprop_autograder.py that say yes",
    "import numpy as np\nif hasattr(np, 'lying'):\n    print('BROKEN-OUT numpy is shadowed')\n",
    files={
        "numpy.py": "lying = True\nallclose = lambda *a, **k: True\n"
        "arange = ones = lambda *a, **k: type('A', (), {'reshape': lambda *a: 0, 'mean': lambda *a, **k: 0})()\n"
        "class random:\n    default_rng = lambda *a: type('R', (), {'normal': lambda *a, **k: arange()})()\n",
        "backprop_autograder.py": "check = lambda *a: None\n",
    },
)
attack(
    "shadow-for-later",
    OTHERS,
    "writes modules into the scratch folder that a later import would find",
    """
for name in ('json', 'socket', 'struct', 'inspect', 'random', 'toy_key', 'backprop_course'):
    open(f'{name}.py', 'w').write("open('@BEACON@/shadow', 'w').close()")
""",
)
attack(
    "kill-the-parent",
    OTHERS,
    "kills its parent process, and the grader",
    "import os\nfor pid in (os.getppid(), @GRADER@):\n    if pid > 1:\n        os.kill(pid, 9)",
    honest=True,
)
attack(
    "kill-a-bystander",
    OTHERS,
    "kills another process of the grader's user",
    """
import os, signal
for act in (lambda: os.kill(@VICTIM@, 9), lambda: os.killpg(@VICTIM@, 9),
            lambda: signal.pidfd_send_signal(os.pidfd_open(@VICTIM@), 9)):
    try:
        act()
    except OSError:
        pass
""",
)
attack(
    "starve-a-bystander",
    OTHERS,
    "lowers another process's limits and priority",
    """
import os, resource
for act in (lambda: resource.prlimit(@VICTIM@, resource.RLIMIT_CPU, (1, 1)),
            lambda: os.setpriority(os.PRIO_PROCESS, @VICTIM@, 19), lambda: os.sched_setaffinity(@VICTIM@, {0})):
    try:
        act()
        print('BROKEN-OUT limits of another process')
    except (OSError, ValueError):
        pass
""",
)
attack(
    "network",
    OTHERS,
    "connects to a listener on 127.0.0.1, sends a datagram, uses local sockets",
    """
import socket
def udp():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'hello', ('127.0.0.1', @PORT@))
def local():
    socket.socket(socket.AF_UNIX).connect('@UNIX@')
def pair():
    socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'hello', '@UNIX@.dgram')
def tcp():
    socket.create_connection(('127.0.0.1', @PORT@), 2).sendall(b'hello')
for act in (tcp, udp, local, pair):
    try:
        act()
    except OSError:
        pass
""",
)
attack(
    "run-programs",
    OTHERS,
    "runs a shell",
    """
import os, subprocess
for act in (lambda: os.system('touch @BEACON@/shell'), lambda: subprocess.run(['touch', '@BEACON@/program']),
            lambda: os.posix_spawn('/bin/sh', ['sh', '-c', 'touch @BEACON@/spawn'], {})):
    try:
        act()
    except OSError:
        pass
""",
)
attack(
    "leave-the-sandbox",
    OTHERS,
    "mounts, unshares, changes root, loads BPF, opens handles, raises limits",
    """
import ctypes, os, resource
libc = ctypes.CDLL(None, use_errno=True)
for name, act in {
    'unshare': lambda: libc.unshare(0x10000000), 'mount': lambda: libc.mount(b'none', b'/tmp', b'tmpfs', 0, None),
    'chroot': lambda: libc.chroot(b'/'), 'setns': lambda: libc.setns(os.open('/proc/self/ns/net', 0), 0),
    'bpf': lambda: libc.syscall(321, 0, None, 0), 'io_uring': lambda: libc.syscall(425, 1, None),
    'setuid': lambda: libc.setuid(0) if os.getuid() else -1,
    'limits': lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 50, 1 << 50)) or 0,
}.items():
    try:
        if act() >= 0:
            print('BROKEN-OUT', name)
    except (OSError, ValueError):
        pass
""",
)
