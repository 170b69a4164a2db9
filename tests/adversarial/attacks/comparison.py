"""Answers that lie to whoever compares them."""

from adversarial.attacks.attack import attack

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
