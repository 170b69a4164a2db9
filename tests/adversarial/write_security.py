"""Write course/SECURITY.md from the attacks and what stock nbgrader made of them.

``cd tests && python -m adversarial.write_security``; a test holds the page to what it is made from.
"""

import json
from pathlib import Path

from adversarial.attacks import ATTACKS, Attack
from adversarial.attacks.reports import HALF, REPORTS
from adversarial.measure_stock import STOCK

PAGE = Path(__file__).parents[2] / "course" / "SECURITY.md"
HONEST_POINTS = 3
REPORTS_HEAD = """Wrong answers to the course's own exercises, handed in with and without code that conceals it.

| attack | tries | exercise (aspect) | gains of the aspect |"""
COLUMNS = "| attack | tries | stock: gained | stock: harm | here: gained | here: harm |"
HEAD = """# Grading code of strangers

A submission is a program. Grading runs it, so this page says what it may do, what keeps it there, and what
stays possible. The tables are generated from `tests/adversarial`; every row is a test that runs as root and
as an ordinary user; what tries files, processes and machines runs again without namespaces, and without Landlock.

## Who is kept from what

The attacker is a student who knows this repository by heart, and writes any code into any cell, any bytes
into the file. They want points they did not earn, others' work, the answers, or the evening of whoever
grades.

- **Verdicts are not made where submissions run.** A worker process runs the cells and answers questions; the
  judge, in the grader's process, draws fresh cases from a secret, computes what is right, and compares. What
  comes back is JSON with arrays: checked for size before it is read, never unpickled. One gate counts bytes, items,
  keys, axes and depth before anything is made of it; comparing and explaining have a deadline of their own.
- **A submission's failure is its own.** Where a bug of ours stops at a submission, that one gets no points and a
  verdict that says whose fault it is; the traceback lies beside the verdict, the class is graded, the exit status is
  1, and the next run grades it again. Tests break every stage on purpose.
- **Submissions are rebuilt**: their code runs, in the student's order, and is shown in the instructor's notebook.
  Where a test cell stands a question is asked; what stands in it earns nothing. Tags, metadata, outputs and files
  beside the notebook are not taken over. Pictures of written answers are decoded and encoded again by a worker.
  A misconception that is drafted from a submission is a comment in the answer key, until somebody has read it.
- **The judge computes what it judges.** Functions whose calls are counted live in the judge, which answers each call
  and counts it. Arguments come back as they are after the call; rows, weights and histories as numbers, from which
  their properties are computed here. Lines are counted in the worker to stop early, and whoever switches that off
  meets the judge's clock: a wrong order takes 2^30 steps and more. Products of matrices overflow where a vector
  should have come first, and K x K arrays do not fit into the worker's gigabyte (with `--no-sandbox`, they do).
  Questions of a test come in an order that nobody foresees.
- **An import earns nothing.** The stand-ins that the course's figures run in a student's place are emptied where a
  submission is graded, and so are other units' figures. A test plays every function of the course's package, every
  constant and the checks' own table for every exercise: 0 points, but for the naive softmax and cross-entropy that
  unit 5 hands out to be compared with.
- **Names and links are claims.** `nbgrader collect` follows no link, takes no file of another owner, and nothing that
  another account left under a student's name; a link in `submitted/` is not read. What stands first in the name of a
  download is the platform's and says whose it is, as does a folder that bears a student's id; what its student called
  it, or a file in a zip, makes it nobody else's. Names reach a terminal without characters that it would obey.
- **Nothing is shared between two students at the same time.** Where root grades, every worker has a user id of its own;
  elsewhere a user namespace of its own, where the host allows them: threads are limited for each worker alone. With
  `--jobs`, workers that run at the same time have a processor each. Tests grade honest work beside every attack on
  machines and neighbours: it keeps every point, and its time.
- **Students' work is its owner's alone**: gradebook, secret, submissions, verdicts and feedback are taken from
  everybody else, also those that were there before; a group that may write keeps its rights.
- **Asking again tells nothing.** What is defined again further down is asked about once more, with the same cases and
  with others: a table of what was asked the first time does not pass, and neither does luck.
- **Workers are isolated**, by layers that do not rely on each other:

| layer | keeps away | Linux |
| --- | --- | --- |
| pid namespace | other processes; at its end the kernel kills all that is in it | user namespaces |
| network, ipc, uts namespaces | network and shared memory | user namespaces |
| root folder | all files but the system's, Python's and 64 MB of scratch in memory | user namespaces |
| Landlock | the same files again, TCP, signals | 5.13, 6.7, 6.12 |
| seccomp | every system call but those that notebooks need, whose arguments are looked at | libseccomp |
| own user | the number of threads that neighbours may start | root, or user namespaces |
| limits | 1 GB of memory, processor time, threads, open files, file size | any |
| no privileges | root becomes nobody; capabilities and set-uid programs have no power | any |

Grading asks for seccomp and limits, and for namespaces or Landlock beside them: each of the two is enough without the
other. Where the number of threads cannot be limited there are none. `backprop doctor` says which layers this host has,
and proves them by trying to break out. Without them grading stops, unless `--no-sandbox` is typed: then everything
below under *secrets* and *others* is open, and the verdicts still hold.

- **Limits end in a verdict.** A cell that hangs, crashes or floods is stopped from outside, says why, and
  scores nothing; the worker is started again without it; the rest of the notebook is graded, and so is
  everybody else.

## What stays possible

- **What only the worker can tell is worth half an aspect.** Whether NumPy warned, whether an argument was changed,
  whether a point stayed where the gradient was asked, how often edges were looked at: whoever loses an aspect by these
  alone keeps half of its points, so whoever forges them gains the other half and no more. For each of them the honest
  way (a copy, `np.errstate`, a dict of edges) is shorter than the forgery.
- **A right answer by another way**: copying a friend's or the text of a stand-in, asking a machine, importing a
  library that has the answer. The worker's environment holds what the course uses, and no more.
- **Inputs can be remembered**: what a function prints while it is asked is not kept, and the judge's messages
  show no inputs; but it may store them, and a later cell may print them into the graded notebook. They are
  that student's own fresh cases, not anybody else's.
- **A cell that breaks the worker for later cells** (it replaces what reads the next request) costs its author
  the later points.
- **Without namespaces an ordinary user grades** with one user id for all workers. What the kernel counts for a user is
  then shared; the calls that use it up are refused. Memory, disk and the caches of processors are a machine's: a
  neighbour may be slower, for which its clock allows.
- **Dask without TLS**, which has to be typed, lets whoever reaches its port run code as the grader.
- **Without user namespaces** a worker's files are counted from outside, ten times a second: with more than 64 MB, or
  where some cannot be counted, it is ended. What it has deleted and holds open is not seen: 128 files of 32 MB.
- **The kernel.** A hole in Linux itself is a way out. Grade on a machine that holds nothing else where this
  matters.
- **Matplotlib, NumPy and Python are readable**, and so is whatever else lies in the Python environment or
  /usr. The answer key and the course must not lie there: grading refuses if they do.

## The attacks

Points are out of 6; *gained* is what an attack got above the honest work in it. Stock is nbgrader 0.9.6 as it
is installed, with asserts as tests; *ungraded* means that the submission got no score, and the 3 points of
its honest half were lost.
"""


def row(attack: Attack, stock: dict[str, dict]) -> str:
    """Return the row of one attack."""
    measured = stock.get(attack.name)
    gained, harm = "does not apply", ""
    if measured:
        points, honest = measured["points"], HONEST_POINTS if attack.honest else 0
        gained = "ungraded" if points is None else f"{points - honest:+.0f}".replace("+0", "0").replace("-0", "0")
        harm = "; ".join(measured["harm"]) or "none"
    return f"| {attack.name} | {attack.tries} | {gained} | {harm} | 0 | none |"


def reports() -> str:
    """Return the section about forged reports."""
    says = {0.0: "nothing", HALF: "half of it"}
    rows = [f"| {r.name} | {r.tries} | {r.exercise} ({r.aspect}) | {says[r.gains]} |" for r in REPORTS]
    return "\n".join(["\n### Forged reports\n", REPORTS_HEAD, "| --- " * 4 + "|", *rows, ""])


def page(stock: dict[str, dict]) -> str:
    """Return the text of the page."""
    parts = [HEAD]
    for family in dict.fromkeys(attack.family for attack in ATTACKS):
        rows = [row(attack, stock) for attack in ATTACKS if attack.family == family]
        parts.append("\n".join([f"\n### {family.capitalize()}\n", COLUMNS, "| --- " * 6 + "|", *rows, ""]))
    parts.append(reports())
    measured = [(a, stock[a.name]) for a in ATTACKS if a.name in stock]
    took = sum(m["points"] is not None and m["points"] > HONEST_POINTS * a.honest for a, m in measured)
    lost = sum(m["points"] is None for _, m in measured)
    hurt = sum(bool(m["harm"]) for _, m in measured)
    parts.append(
        f"\n{len(ATTACKS)} attacks; {len(measured)} of them mean something to stock nbgrader: {took} took points, "
        f"{lost} stayed ungraded, {hurt} did harm. Here: none, none, none. {len(REPORTS)} forged reports, of which "
        f"{sum(r.gains == HALF for r in REPORTS)} gain half an aspect.\n"
    )
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(STOCK.read_text())), encoding="utf-8")
    print(f"written: {PAGE}")
