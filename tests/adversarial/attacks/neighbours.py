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
