"""binary_to_one_hot_network: CMU's design exercise."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.exercises.universal_approximation.inputs import judged_by, network_outputs
from backprop_solutions.universal_approximation import binary_to_one_hot_network

exercise = Definition(binary_to_one_hot_network)


def of_the_student(student, bits, X):
    return student.binary_to_one_hot_network(bits)


def one_column_each(result, expected, bits, X):
    outputs, words = network_outputs(result, X, "step", 2**bits)
    if words:
        return words
    found = []
    for row, says in zip(X.astype(int).tolist(), outputs, strict=True):
        digits = "".join(map(str, row))
        right = np.arange(2**bits) == int(digits, 2)
        if not np.all(np.abs(says - right) <= 1e-9):
            lit = np.flatnonzero(says == 1).tolist()
            others = np.unique(says[(says != 0) & (says != 1)])
            which = f"columns {str(lit[:4])[1:-1]}" + " and more" * (len(lit) > 4) if len(lit) > 1 else "no column"
            which = f"column {lit[0]}" if len(lit) == 1 else which
            odd = f", others {others[0]:.3g}" if len(others) else ""
            found.append(f"for {digits} {which} {'are' if len(lit) > 1 else 'is'} 1{odd}")
    return "; ".join(found[:2]) or None


def all_numbers(bits):
    return np.array([[float(digit) for digit in format(k, f"0{bits}b")] for k in range(2**bits)])


values = exercise.aspect(
    "values", hint="take one number, such as 101: for which inputs may its unit say 1? Which sum has only this input?"
)
JUDGED = {"comparison": judged_by(one_column_each), "probe": of_the_student}


@values.case("two bits", draws=2, **JUDGED)
def two_bits(rng):
    return {"bits": 2, "X": rng.permutation(all_numbers(2))}


@values.case("three bits", draws=2, **JUDGED)
def three_bits(rng):
    return {"bits": 3, "X": rng.permutation(all_numbers(3))}


@values.case("one bit", **JUDGED)
def one_bit(rng):
    return {"bits": 1, "X": rng.permutation(all_numbers(1))}


@values.case("four bits", **JUDGED)
def four_bits(rng):
    return {"bits": 4, "X": rng.permutation(all_numbers(4))}


@values.case("four to six bits", draws=3, visible=False, **JUDGED)
def many_bits(rng):
    bits = int(rng.integers(4, 7))
    return {"bits": bits, "X": rng.permutation(all_numbers(bits))}


# --- wrong answers ----------------------------------------------------------------------------------

exercise.slip(
    "least_significant_bit_first",
    ("np.arange(bits)[::-1, None]", "np.arange(bits)[:, None]"),
    cause="The first input is taken for the ones; it is the most significant bit.",
    next_step="which number is 100?",
)
exercise.slip(
    "zeros_ignored",
    ("2.0 * digits - 1.0", "1.0 * digits"),
    cause="Bits that should be 0 have weight 0, so numbers with further ones are accepted, too.",
    next_step="what must a 1 do where a 0 is wanted?",
)
exercise.slip(
    "waits_for_all_bits",
    ("0.5 - digits.sum(axis=0)", "0.5 - bits * np.ones(2**bits)"),
    cause="Each unit waits for a sum as large as the number of bits; its largest sum is the number of its ones.",
    next_step="what is the sum of the unit of 101 for the input 101?",
)
exercise.slip(
    "no_thresholds",
    ("0.5 - digits.sum(axis=0)", "np.zeros(2**bits)"),
    cause="Without thresholds every input with enough ones is accepted.",
    next_step="what is the sum of the unit of 101 for the inputs 101 and 111?",
)
exercise.slip(
    "half_a_threshold_too_high",
    ("0.5 - digits", "-0.5 - digits"),
    cause="The thresholds are higher than the largest sum, so no unit ever says 1.",
    next_step="between which two sums should the threshold lie?",
)
exercise.slip(
    "half_a_threshold_too_low",
    ("0.5 - digits", "1.5 - digits"),
    cause="The thresholds are so low that one wrong bit is forgiven.",
    next_step="between which two sums should the threshold lie?",
)
exercise.slip(
    "one_column_too_far",
    ("np.eye(2**bits)", "np.roll(np.eye(2**bits), 1, axis=1)"),
    cause="Columns are counted from 1; column 0 belongs to the number 0.",
    next_step="which column is 1 for 00?",
)
exercise.slip(
    "columns_from_the_right",
    ("np.eye(2**bits)", "np.eye(2**bits)[::-1]"),
    cause="The columns stand in reverse order: the unit of 01 answers to 10.",
    next_step="which column is 1 for 00?",
)
exercise.slip(
    "linear_units",
    ("[units, (np.eye(2**bits), np.zeros(2**bits))]", "[units]"),
    cause="The units stand in the last layer, which is linear: no step follows.",
    next_step="which layer after them hands their answers on?",
)
exercise.slip(
    "larger_numbers_too",
    ("2.0 * digits - 1.0, 0.5 - digits.sum(axis=0)", "2.0 ** places * np.ones(2**bits), 0.5 - numbers"),
    cause="Unit k asks whether the number is at least k, so all columns up to it are 1.",
    next_step="how do you get 'equal to k' from 'at least k' and 'at least k + 1'?",
)
exercise.slip(
    "bits_handed_on",
    (
        "[units, (np.eye(2**bits), np.zeros(2**bits))]",
        "[(np.eye(bits), -0.5 * np.ones(bits)), (np.eye(bits), np.zeros(bits))]",
    ),
    cause="The output has one column for each bit; it needs one for each number.",
    next_step="how many numbers have this many bits?",
)
exercise.slip(
    "zero_left_out",
    ("np.arange(2**bits), np", "np.arange(2**bits) + 1, np"),
    cause="The units begin with the number 1, and 0 has none.",
    next_step="how many numbers are there from 0 on?",
)
exercise.slip(
    "counted_ones",
    ("2.0 * digits - 1.0", "np.ones((bits, 2**bits))"),
    cause="All weights are equal, so the units count ones and do not see where they stand.",
    next_step="what tells 01 from 10?",
)

# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def one_hot_unit_by_unit(bits):
    W, b = np.zeros((bits, 2**bits)), np.zeros(2**bits)
    for k, text in enumerate(format(k, f"0{bits}b") for k in range(2**bits)):
        for d, digit in enumerate(text):
            W[d, k] = 1.0 if digit == "1" else -1.0
        b[k] = -text.count("1")
    return [(W, b), (np.identity(2**bits), np.zeros(2**bits))]


@exercise.alternative
def one_hot_by_differences(bits):
    """Ask for each k whether the number is at least k, and subtract neighbours."""
    place = 2.0 ** np.arange(bits)[::-1]
    N = 2**bits
    at_least = np.tile(place[:, None], N), 0.5 - np.arange(N)
    return [at_least, (np.eye(N) - np.eye(N, k=-1), np.zeros(N))]


@exercise.alternative
def one_hot_with_bits_and_their_contraries(bits):
    """Make 1 - x of each bit first; each unit is then an AND."""
    N = 2**bits
    contrary = np.hstack([np.eye(bits), -np.eye(bits)]), np.concatenate([np.full(bits, -0.5), np.full(bits, 0.5)])
    W = np.array([[(k >> (bits - 1 - d)) & 1 for k in range(N)] for d in range(bits)], dtype=float)
    return [contrary, (np.vstack([W, 1 - W]), np.full(N, 0.5 - bits)), (np.eye(N), np.zeros(N))]


# --- changes that leave it right --------------------------------------------------------------------

exercise.equivalent("0.25 - digits", reason="any threshold between two counts tells them apart")
