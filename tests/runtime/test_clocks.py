"""A starter's clock does not decide: a start in the future is refused, and no saga is hidden by one."""

from typing import Any

import pytest

from saga_runtime import BadCommand
from shop import payload
from world import World

HOURS = 2 * 3600


def started(at: float, **more: Any) -> dict[str, Any]:
    command = payload("reserve", first=True, **more)
    command["saga"]["started"] = int(at)
    return command


@pytest.mark.parametrize("handler", ["reserve", "charge"])
def test_a_start_in_the_future_is_refused_by_name(world: World, handler: str) -> None:
    command = {**started(world.clock[0] + HOURS)}
    command["task"]["handler"] = handler
    with pytest.raises(BadCommand, match=r"saga\.started is 1800007200, 7,200 s ahead of the ledger's time"):
        world.call(command)
    assert (world.meta(), world.step(), world.requests) == (None, None, [])


def test_a_clock_that_is_a_little_ahead_hides_no_saga(world: World) -> None:
    world.call(started(world.clock[0] + 200))
    assert world.item("META")["at"] == str(int(world.clock[0]))


def test_a_saga_that_began_late_is_as_old_as_its_start(world: World) -> None:
    world.call(started(world.clock[0] - HOURS))
    assert world.item("META")["at"] == str(int(world.clock[0]) - HOURS)


def test_what_has_begun_goes_on_whatever_its_start_says(world: World) -> None:
    world.call(started(world.clock[0]))
    command = payload("reserve", step="more")
    command["saga"]["started"] = int(world.clock[0] + HOURS)
    world.call(command)
    assert world.step("more") == "DONE"
