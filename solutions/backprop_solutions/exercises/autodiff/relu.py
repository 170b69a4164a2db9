"""ReLU: a module that replaces negative entries by 0."""

import numpy as np

from backprop_autograder import Definition
from backprop_solutions.autodiff import ReLU
from backprop_solutions.exercises.autodiff.inputs import lines, signed

ONCE = "module = ReLU()\nZ, G = np.array($Z), np.array($G)\nA = module.fprop(Z)\ndZ = module.bprop(G)"
TWICE = (
    "module = ReLU()\nZ, G = np.array($Z), np.array($G)\nmodule.fprop(np.array($F))\nmodule.bprop(G)\n"
    "A = module.fprop(Z)\nmodule.bprop(2 * G)\ndZ = module.bprop(G)"
)
NEXT_TO_0 = ONCE.replace("Z, G = np", "Z, G = 1e-9 * np")
SEEN = ("A", "dZ", "Z", "G")


def both_signs(rng):
    return {"Z": rng.permutation([-1.5, -0.5, 0.5, 1.5]) * rng.uniform(0.8, 1.2, size=4), "G": signed(rng, 4)}


def zeros(rng):
    return {"Z": rng.permutation([0.0, 0.0, 1.0, -1.0, 2.0]), "G": signed(rng, 5)}


def all_off(rng):
    return {"Z": -np.abs(signed(rng, 2, 3)), "G": signed(rng, 2, 3)}


exercise = Definition(ReLU)

values = exercise.aspect("values", hint="for which entries does the output move when Z moves a little?")
values.add(
    lines("a vector", ONCE, *SEEN, draws=2, draw=both_signs),
    lines("a batch", ONCE, *SEEN, draws=2, Z=(4, 3), G=(4, 3)),
    lines("entries that are exactly 0", ONCE, *SEEN, draws=2, draw=zeros),
    lines("entries next to 0", NEXT_TO_0, *SEEN, draw=both_signs),
    lines("units that are all off", ONCE, *SEEN, draw=all_off),
    lines("used a second time", TWICE, *SEEN, draws=2, Z=(4, 3), G=(4, 3), F=(4, 3)),
)

# --- wrong answers ----------------------------------------------------------------------------------

FPROP, BPROP = "np.where(self.is_on, Z, 0.0)", "np.where(self.is_on, G, 0.0)"
exercise.slip(
    "mask_of_the_upstream_gradient",
    (BPROP, "np.where(G > 0, G, 0.0)"),
    cause="The gradient is cut off where it is itself negative; what counts is the sign of Z.",
    next_step="on what does the slope of max(0, z) depend?",
)
exercise.slip(
    "passes_everything",
    (BPROP, "G"),
    cause="The gradient passes everywhere, also where the output does not move.",
    next_step="by how much does max(0, z) change when z goes from -2 to -1.9?",
)
exercise.slip(
    "on_at_zero",
    ("Z > 0", "Z >= 0"),
    cause="At exactly 0 the gradient passes; the course takes relu'(0) = 0.",
    next_step="which comparison is false for 0?",
)
exercise.slip(
    "upstream_gradient_dropped",
    (BPROP, "self.is_on * 1.0"),
    cause="bprop returns the local slope and drops the gradient that comes in.",
    next_step="what does the chain rule multiply the local slope by?",
)
exercise.slip(
    "multiplied_by_the_output",
    ("return np.where(self.is_on, Z, 0.0)", "self.A = np.where(self.is_on, Z, 0.0)\n        return self.A"),
    (BPROP, "G * self.A"),
    cause="The gradient is multiplied by the output instead of the slope.",
    next_step="what is the slope of max(0, z) at z = 3?",
)
exercise.slip(
    "input_changed_in_place",
    (FPROP, "np.multiply(Z, self.is_on, out=Z)"),
    cause="fprop changes the array that it was given: whoever made Z has lost it.",
    next_step="which expressions make a new array, and which write into Z?",
)
exercise.slip(
    "gradient_changed_in_place",
    (BPROP, "np.multiply(G, self.is_on, out=G)"),
    cause="bprop changes the gradient that it was given: whoever made G has lost it.",
    next_step="which expressions make a new array, and which write into G?",
)
exercise.slip(
    "mask_from_what_was_cut",
    (
        "        self.is_on = Z > 0\n        return np.where(self.is_on, Z, 0.0)",
        "        Z[Z < 0] = 0.0\n        self.is_on = Z >= 0\n        return Z",
    ),
    cause="Z is cut in place, and where it was on is asked afterwards with >=: then every entry is on.",
    next_step="which entries of max(0, Z) are at least 0?",
)
exercise.slip(
    "off_side_kept",
    (FPROP, "np.where(self.is_on, 0.0, Z)"),
    cause="fprop keeps the negative entries and drops the positive ones.",
    next_step="what is max(0, -2)?",
)
exercise.slip(
    "absolute_value",
    (FPROP, "np.abs(Z)"),
    cause="Negative entries come out positive: that is |z|, not max(0, z).",
    next_step="what is max(0, -2)?",
)
exercise.slip(
    "negative_side_passes_a_sign",
    (BPROP, "np.where(self.is_on, G, -G)"),
    cause="Where Z is negative the gradient is turned round: that is the slope of |z|.",
    next_step="by how much does max(0, z) change when z goes from -2 to -1.9?",
)
exercise.slip(
    "first_pass_kept",
    ("self.is_on = Z > 0", 'self.is_on = getattr(self, "is_on", Z > 0)'),
    cause="The module still holds what its first fprop saw.",
    next_step="which Z belongs to the outputs that G is the gradient of?",
)


# --- other right answers ----------------------------------------------------------------------------


@exercise.alternative
class ReLUByMaximum:
    def fprop(self, Z):
        self.A = np.maximum(Z, 0)
        return self.A.copy()

    def bprop(self, G):
        return G * (self.A > 0)


@exercise.alternative
class ReLUByClosure:
    def fprop(self, Z):
        slope = np.heaviside(Z, 0.0)
        self.bprop = lambda G: slope * G
        return slope * Z


@exercise.alternative
class ReLUByIndices:
    def fprop(self, Z):
        self.off = np.nonzero(Z <= 0)
        A = Z.copy()
        A[self.off] = 0.0
        return A

    def bprop(self, G):
        dZ = np.array(G)
        dZ[self.off] = 0.0
        return dZ
