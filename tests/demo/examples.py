"""Every case of every saga of the example."""

from typing import Final

from demo.order import ORDER
from demo.trip import TRIP

SCENARIOS: Final = tuple((example, case) for example in (TRIP, ORDER) for case in example.cases)
