"""What tests of steps that wait have in common: an order whose goods wait a day, and who takes the answers."""

from typing import Any, Final

from orders_desk import employed
from saga_runtime.client import Target
from saga_runtime.relay import Orders
from saga_runtime.relay.ways import Way
from world import World

DAY: Final = 86_400
KEY: Final = "order.t-1.goods"
TARGET: Final = Target(name="order", version="v1", style="choreographed", where="bus", relay="relay")
WAITS: Final[dict[str, Any]] = {
    "first": True,
    "waits": DAY,
    "retry": {"attempts": 3, "interval": 1, "backoff": 1, "cap": 1},
}
STEPS: Final = {"goods": ["reserve", "release"], "card": ["charge", "refund"]}


def way(world: World, how: Way) -> Orders:
    return employed(world, STEPS, how, "goods")
