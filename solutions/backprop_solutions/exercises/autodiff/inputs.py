"""What several exercises of unit 10 draw."""


def signed(rng, *shape):
    """Draw numbers of order one, away from 0, of both signs."""
    return rng.uniform(0.5, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def positive(rng, *shape):
    """Draw positive numbers of order one."""
    return rng.uniform(0.5, 2.0, size=shape)
