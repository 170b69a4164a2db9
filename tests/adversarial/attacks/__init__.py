"""The attacks, a file for each family."""

from adversarial.attacks import (
    attack,
    batch,
    comparison,
    damaged,
    gate,
    neighbours,
    others,
    secrets,
    transport,
    verdict,
)
from adversarial.attacks.attack import HONEST_DOUBLE, HONEST_MEANS, Attack

__all__ = ["ATTACKS", "HONEST_DOUBLE", "HONEST_MEANS", "Attack"]

FAMILIES = (
    verdict.VERDICT,
    comparison.COMPARISON,
    secrets.SECRETS,
    others.OTHERS,
    batch.BATCH,
    damaged.DAMAGED,
    transport.TRANSPORT,
    gate.GATE,
    neighbours.NEIGHBOURS,
)
ATTACKS = sorted(attack.ATTACKS, key=lambda one: FAMILIES.index(one.family))
