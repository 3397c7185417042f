"""Every case of every saga of the example."""

from typing import Final

from demo.business_trip import BUSINESS_TRIP
from demo.order import ORDER
from demo.trip import TRIP

SCENARIOS: Final = tuple((example, case) for example in (TRIP, ORDER, BUSINESS_TRIP) for case in example.cases)
