"""Inputs that several exercises of the unit share."""

N, D, K = 4, 3, 5  # all different and above 2: a transpose in the wrong place cannot hide


def off_the_kinks(rng, shape, *kinks):
    """Return pre-activations on either side of every kink, none of them near one."""
    z = rng.normal(scale=2.0, size=shape)
    ends = [kink + side * rng.uniform(0.1, 0.9) for kink in kinks for side in (-1, 1)]
    z.flat[: len(ends)] = ends[: z.size]
    for kink in kinks:
        near = abs(z - kink) < 0.05
        z[near] += 0.1
    return rng.permuted(z)
