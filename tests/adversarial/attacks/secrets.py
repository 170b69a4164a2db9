"""What a submission may not read."""

from adversarial.attacks.attack import attack

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
