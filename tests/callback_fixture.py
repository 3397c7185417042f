"""What tests of steps that wait have in common: an order whose goods wait a day, and who takes the answers."""

from typing import Any, Final

from operations_fixture import employed
from saga_runtime.recovery import ControlOperations
from saga_runtime.recovery.engines import Engine
from world import World

DAY: Final = 86_400
KEY: Final = "order.t-1.goods"
WAITS: Final[dict[str, Any]] = {
    "first": True,
    "callback_timeout": DAY,
    "retry": {"max_attempts": 3, "interval": 1, "backoff_rate": 1, "max_delay": 1},
}
STEPS: Final = {"goods": ["reserve", "release"], "card": ["charge", "refund"]}


def way(world: World, how: Engine) -> ControlOperations:
    return employed(world, STEPS, how, "goods")
