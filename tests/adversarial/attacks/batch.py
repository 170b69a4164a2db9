"""Crashes, hangs, bombs and floods."""

from adversarial.attacks.attack import attack

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
    "fill-the-disk-unseen",
    BATCH,
    "writes 250 MB in files, in a folder that nobody can list",
    "import os\nos.mkdir('dark', 0o300)\nfor k in range(10):\n    with open(f'dark/fill{k}', 'wb') as f:\n"
    "        f.write(bytes(25 << 20))\nprint('BROKEN-OUT 250 MB written')",
    honest=True,
    ours_only=True,
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
