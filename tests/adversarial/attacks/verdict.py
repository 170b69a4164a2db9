"""The verdict, from inside the process."""

from adversarial.attacks.attack import STUB, attack

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
p.observe = g.observe = lambda question, names, **k: (p.Outcome(result=True), {})
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


def tests_of(notebook: dict) -> list[dict]:
    return [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade") and c["cell_type"] == "code"]


def _tagged(notebook: dict) -> dict:
    for cell in tests_of(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
    return notebook


def _retyped(notebook: dict) -> dict:
    for cell in tests_of(notebook):
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]
    return notebook


def _deleted(notebook: dict) -> dict:
    gone = [cell["id"] for cell in tests_of(notebook)]
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in gone]
    return notebook


def _priced(notebook: dict) -> dict:
    for cell in tests_of(notebook):
        cell["metadata"]["nbgrader"]["points"] = 1000
        cell["source"] = "1000.0"
    return notebook


def _unlocked(notebook: dict) -> dict:
    for cell in tests_of(notebook):
        cell["metadata"]["nbgrader"] |= {"solution": True, "locked": False}
        cell["source"] = "pass"
    return notebook


attack("skip-tags", VERDICT, "tags tell the executor to skip the tests", STUB, change=_tagged)
attack("tests-to-text", VERDICT, "test cells become markdown", STUB, change=_retyped)
attack("delete-tests", VERDICT, "test cells are deleted", STUB, change=_deleted)
attack("raise-the-price", VERDICT, "tests say they are worth a thousand points, and return them", STUB, change=_priced)
attack("unlock-tests", VERDICT, "test cells call themselves solutions, and hold pass", STUB, change=_unlocked)
