"""What an answer costs whoever decodes, compares and explains it."""

from adversarial.attacks.attack import attack
from adversarial.attacks.transport import CHANNEL

GATE = "the gate"


def answers(name: str, tries: str, result: str, **fields) -> None:
    """Add an attack that answers every question with an outcome of its own making."""
    outcome = {"error": [], "message": "", "warnings": [], "mutated": [], "calls": {}, "line": "", "after": {}} | fields
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
