"""Inputs and cases that several exercises of the unit share."""


def matrix(rng):
    return {"X": rng.normal(size=(4, 3))}
