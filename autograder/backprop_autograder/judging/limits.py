"""How long a submission may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Waiting for a processor that others use does not count.

    Attributes
    ----------
    cell : float
        Seconds for one cell.
    test : float
        Seconds for all the answers that one test cell asks for.
    notebook : float
        Seconds for all cells, and as many for all test cells.
    """

    cell: float = 30.0
    test: float = 15.0
    notebook: float = 180.0
