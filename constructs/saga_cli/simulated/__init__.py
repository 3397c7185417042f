"""A definition run in simulated time with stand-ins for its participants, and what that uses of AWS, counted."""

from saga_cli.simulated.comparison import compare
from saga_cli.simulated.counts import Counts, counting

__all__ = ["Counts", "compare", "counting"]
