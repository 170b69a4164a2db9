"""Other correct solutions of unit 0."""

import math
from functools import reduce
from operator import mul

import numpy as np


def product_of_all(ratios):
    return math.prod(ratios)


def numpy_product(ratios):
    return np.prod(ratios)


def from_the_last_wheel_back(ratios):
    return reduce(mul, reversed(ratios), 1)


def wheel_by_wheel(ratios):
    return ratios[0] * wheel_by_wheel(ratios[1:]) if ratios else 1


ALTERNATIVES = {"gear_train": [product_of_all, numpy_product, from_the_last_wheel_back, wheel_by_wheel]}
