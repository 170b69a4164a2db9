"""Unit 0: a train of gears, to try everything once."""


def gear_train(ratios):
    """Compute how often the last wheel turns while the crank turns once.

    Parameters
    ----------
    ratios : list of float
        How often each wheel turns while the one before it turns once, from the crank on.
        Negative: it turns the other way. An empty list: the crank itself is the last wheel.

    Returns
    -------
    float
        Turns of the last wheel.
    """
    ### BEGIN SOLUTION
    turns = 1.0
    for ratio in ratios:
        turns = ratio * turns
    return turns
    ### END SOLUTION
