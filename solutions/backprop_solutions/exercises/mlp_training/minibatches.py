"""minibatches: yield the rows 0..N-1 in a random order, `batch_size` at a time."""

import numpy as np

from backprop_autograder import Definition, Property
from backprop_solutions.mlp_training import minibatches


def batches(student, N, batch_size, rng):
    from itertools import islice

    return [np.asarray(rows) for rows in islice(student.minibatches(N, batch_size, rng), 2 * N + 2)]


def partition(result, expected, N, batch_size, rng):
    if not isinstance(result, list) or not all(isinstance(rows, np.ndarray) for rows in result):
        return "the batches are no arrays"
    if any(rows.size == 0 for rows in result):
        return "a batch is empty"
    if any(rows.ndim != 1 or rows.dtype.kind not in "iu" for rows in result):
        return "the batches are no one-dimensional arrays of integers"
    sizes, drawn = [len(rows) for rows in result], np.concatenate([*result, np.zeros(0, dtype=int)])
    if np.any(drawn < 0) or np.any(drawn >= N):
        return "a row number is too large" if np.any(drawn >= N) else "a row number is negative"
    seen = np.bincount(drawn, minlength=N)
    if np.any(seen == 0):
        return f"{np.sum(seen == 0)} rows never come" if np.all(seen < 2) else "some rows never come, others twice"
    if np.any(seen > 1):
        return "some rows come twice"
    if max(sizes) > batch_size:
        return f"a batch holds more than {batch_size} rows"
    return None if all(n == batch_size for n in sizes[:-1]) else "a batch that is not the last one is short"


def orders(student, N, batch_size, rng):
    from copy import deepcopy
    from itertools import islice

    def epoch(generator):
        got = islice(student.minibatches(N, batch_size, generator), 2 * N + 2)
        return [int(row) for rows in got for row in rows]

    equal = deepcopy(rng)
    other = np.random.default_rng(int(deepcopy(rng).integers(2**31)))
    return {"first": epoch(rng), "second": epoch(rng), "equal": epoch(equal), "other": epoch(other)}


def shuffled(result, expected, N, batch_size, rng):
    if not isinstance(result, dict):
        return "the batches are no arrays"
    first = result["first"]
    if sorted(first) != list(range(N)) or sorted(result["second"]) != list(range(N)):
        return "some rows never come, others twice"
    if first == sorted(first) or first == sorted(first, reverse=True):
        return "the rows come in their old order"
    if result["equal"] != first:
        return "two equal generators gave different orders"
    if result["second"] == first:
        same = result["other"] == first
        return "every generator gives the same order" if same else "a second epoch has the same order"
    blocks = [{row // batch_size for row in first[k : k + batch_size]} for k in range(0, N, batch_size)]
    if all(len(block) == 1 for block in blocks):
        moved = any(np.any(np.diff(first[k : k + batch_size]) < 0) for k in range(0, N, batch_size))
        return "rows change places within their batch only" if moved else "batches change places as they are"
    together = int(np.sum(np.diff(first) == 1))
    return "neighbouring rows stay together in blocks" if together > len(first) / 2 else None


exercise = Definition(minibatches)

values = exercise.aspect(
    "values", hint="make one random order of all rows, and cut it into pieces: what is left over is a batch too."
)


@values.case("10 rows in batches of 4", comparison=Property(partition), probe=batches, draws=2)
def rows_with_a_short_rest(rng):
    return {"N": 10, "batch_size": 4, "rng": rng}


@values.case("12 rows in batches of 4", comparison=Property(partition), probe=batches, draws=2)
def rows_in_full_batches(rng):
    return {"N": 12, "batch_size": 4, "rng": rng}


@values.case("a batch larger than the data", comparison=Property(partition), probe=batches, draws=3)
def fewer_rows_than_a_batch(rng):
    return {"N": 5, "batch_size": 8, "rng": rng}


@values.case("batches of one row", comparison=Property(partition), probe=batches, visible=False)
def rows_one_by_one(rng):
    return {"N": 6, "batch_size": 1, "rng": rng}


@values.case("any number of rows", comparison=Property(partition), probe=batches, draws=2, visible=False)
def any_number_of_rows(rng):
    return {"N": int(rng.integers(20, 60)), "batch_size": int(rng.integers(3, 12)), "rng": rng}


shuffle = exercise.aspect(
    "shuffle", hint="all randomness comes from rng: every call goes on where the last one stopped."
)


@shuffle.case("a new random order in each epoch", comparison=Property(shuffled), probe=orders, draws=3)
def many_rows(rng):
    return {"N": 40, "batch_size": 7, "rng": rng}


@shuffle.case("a random order of any length", comparison=Property(shuffled), probe=orders, visible=False)
def any_number_of_rows_in_order(rng):
    return {"N": int(rng.integers(30, 60)), "batch_size": int(rng.integers(5, 9)), "rng": rng}


# --- wrong answers ----------------------------------------------------------------------------------


@exercise.misconception("shuffle")
def not_shuffled(N, batch_size, rng):
    """The rows come in their old order; neighbours in a file are often alike.

    which method of rng gives a random order?
    """
    for start in range(0, N, batch_size):
        yield np.arange(start, min(start + batch_size, N))


@exercise.misconception()
def short_batch_dropped(N, batch_size, rng):
    """The last, short batch is dropped.

    how many batches do 10 rows give, 4 at a time?
    """
    order = rng.permutation(N)
    for k in range(N // batch_size):
        yield order[k * batch_size : (k + 1) * batch_size]


@exercise.misconception()
def drawn_with_replacement(N, batch_size, rng):
    """Rows are drawn with replacement, so that some come twice and others never.

    what tells a permutation from independent draws?
    """
    for start in range(0, N, batch_size):
        yield rng.integers(0, N, size=min(batch_size, N - start))


@exercise.misconception()
def new_draw_for_each_batch(N, batch_size, rng):
    """Every batch is cut from an order of its own, so the pieces do not fit together.

    how many random orders does one epoch need?
    """
    for start in range(0, N, batch_size):
        yield rng.permutation(N)[start : start + batch_size]


@exercise.misconception("shuffle")
def order_with_a_seed_of_its_own(N, batch_size, rng):
    """The generator is made inside, so that every epoch repeats the same order.

    which generator did the caller hand over?
    """
    order = np.random.default_rng(0).permutation(N)
    for start in range(0, N, batch_size):
        yield order[start : start + batch_size]


@exercise.misconception("shuffle")
def blocks_shuffled_only(N, batch_size, rng):
    """The batches change places, but each always holds the same rows.

    what has to be shuffled before it is cut?
    """
    starts = np.arange(0, N, batch_size)
    for start in [*rng.permutation(starts[:-1]), starts[-1]]:
        yield np.arange(start, min(start + batch_size, N))


@exercise.misconception()
def nearly_equal_parts(N, batch_size, rng):
    """The rows are split into nearly equal parts; only the last batch may be short.

    how long should the first batch be?
    """
    yield from np.array_split(rng.permutation(N), -(-N // batch_size))


@exercise.misconception()
def short_batch_filled_up(N, batch_size, rng):
    """The last batch is filled up with rows that had their turn.

    how often should each row come in an epoch?
    """
    order = rng.permutation(N)
    for start in range(0, N, batch_size):
        yield np.take(order, range(start, start + batch_size), mode="wrap")


@exercise.misconception("shuffle")
def shuffled_within_batches(N, batch_size, rng):
    """Rows change places within a batch only, so that each batch always holds the same rows.

    what has to be shuffled before it is cut?
    """
    for start in range(0, N, batch_size):
        yield rng.permutation(np.arange(start, min(start + batch_size, N)))


@exercise.misconception()
def everything_in_one_batch(N, batch_size, rng):
    """All rows come in one batch; batch_size is not used.

    how long may a batch be?
    """
    yield rng.permutation(N)


@exercise.misconception()
def an_empty_batch_at_the_end(N, batch_size, rng):
    """One batch too many is yielded when the rows divide evenly: an empty one.

    how many batches do 12 rows give, 4 at a time?
    """
    order = rng.permutation(N)
    for k in range(N // batch_size + 1):
        yield order[k * batch_size : (k + 1) * batch_size]


@exercise.misconception("shuffle")
def generator_copied(N, batch_size, rng):
    """The order is drawn from a copy of the generator, so every epoch repeats it.

    which object should the draw move on?
    """
    import copy

    order = copy.deepcopy(rng).permutation(N)
    for start in range(0, N, batch_size):
        yield order[start : start + batch_size]


@exercise.misconception()
def rows_counted_from_one(N, batch_size, rng):
    """Rows are counted from 1; NumPy counts from 0.

    what is the number of the last row?
    """
    order = rng.permutation(N) + 1
    for start in range(0, N, batch_size):
        yield order[start : start + batch_size]


@exercise.misconception()
def batches_drawn_independently(N, batch_size, rng):
    """Each batch is drawn for itself, so some rows come twice and others never, and the rest is dropped.

    how many random orders does one epoch need?
    """
    for _ in range(N // batch_size):
        yield rng.choice(N, batch_size)


@exercise.misconception("values", "shuffle")
def shuffle_has_no_result(N, batch_size, rng):
    """rng.shuffle changes its argument and returns None.

    which method of rng returns a shuffled array?
    """
    order = rng.shuffle(np.arange(N))
    for start in range(0, N, batch_size):
        yield order[start : start + batch_size]


@exercise.misconception("values", "shuffle")
def first_batch_returned(N, batch_size, rng):
    """return ends the loop with its first batch; yield hands a batch out and goes on.

    how many batches should the caller see?
    """
    order = rng.permutation(N)
    for start in range(0, N, batch_size):
        return order[start : start + batch_size]


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
def minibatches_as_a_list(N, batch_size, rng):
    rows = np.arange(N)
    rng.shuffle(rows)
    return [rows[k : k + batch_size] for k in range(0, N, batch_size)]


@exercise.alternative
def minibatches_by_split(N, batch_size, rng):
    return np.split(rng.permutation(N), range(batch_size, N, batch_size))


@exercise.alternative
def minibatches_by_random_keys(N, batch_size, rng):
    order = np.argsort(rng.random(N))
    while len(order):
        yield order[:batch_size]
        order = order[batch_size:]


@exercise.alternative
def minibatches_by_choice(N, batch_size, rng):
    left = list(rng.choice(N, size=N, replace=False))
    while left:
        batch, left = left[:batch_size], left[batch_size:]
        yield np.array(batch)
