"""What cannot be a handler is refused when it is registered; what a handler may not raise or return is a failure."""

import functools
from collections.abc import Callable
from typing import Any, cast

import pytest

from saga_runtime import Command, Participant, Writes
from saga_runtime.errors import BadResult, HandlerFailed, Rejected
from shop import payload
from world import World

Register = Callable[[Participant], Callable[[Any], Any]]


async def waits(command: Command, writes: Writes) -> None: ...


async def waits_outside(command: Command) -> None: ...


def iterates(*_: Any) -> Any:
    yield {}


async def iterates_and_waits(*_: Any) -> Any:
    yield {}


def takes_nothing() -> None: ...


def takes_one(command: Command) -> None: ...


def takes_two(command: Command, writes: Writes) -> None: ...


def takes_three(command: Command, writes: Writes, stock: int) -> None: ...


def takes_by_name(*, command: Command, writes: Writes) -> None: ...


class Callback:
    def __call__(self, command: Command, writes: Writes) -> None: ...


def own(participant: Participant) -> Callable[[Any], Any]:
    return participant.action


def own_back(participant: Participant) -> Callable[[Any], Any]:
    return participant.action(takes_two).compensation


def outside(participant: Participant) -> Callable[[Any], Any]:
    return participant.outside_action


def outside_back(participant: Participant) -> Callable[[Any], Any]:
    return participant.outside_action(takes_one).compensation


UNFIT: dict[str, tuple[Any, str]] = {
    "an async def": (waits, "asyncio.run"),
    "a generator": (iterates, "write a def that returns its result"),
    "an async generator": (iterates_and_waits, "write a def that returns its result"),
    "a partial": (functools.partial(takes_three, stock=1), "with a name of its own"),
    "a partial of an async def": (functools.partial(waits), "with a name of its own"),
    "a lambda": (lambda *_: None, "with a name of its own"),
    "an object": (Callback(), "with a name of its own"),
    "no function": ("book", "register a function"),
    "too few parameters": (takes_nothing, "too many positional arguments"),
    "too many parameters": (takes_three, "missing a required argument: 'stock'"),
    "parameters by name": (takes_by_name, "too many positional arguments"),
}


@pytest.mark.parametrize("register", [own, own_back])
@pytest.mark.parametrize(("handler", "cure"), UNFIT.values(), ids=UNFIT)
def test_what_cannot_be_a_handler_is_refused_with_the_cure(handler: Any, cure: str, register: Register) -> None:
    with pytest.raises(TypeError, match=r"cannot be registered: ") as refused:
        register(Participant("shop"))(handler)
    assert cure in str(refused.value)


@pytest.mark.parametrize("register", [outside, outside_back])
@pytest.mark.parametrize("handler", [waits_outside, takes_two, takes_nothing, Callback()])
def test_an_outside_handler_takes_the_command_alone(handler: Any, register: Register) -> None:
    with pytest.raises(TypeError, match=r"cannot be registered: .*def\(command\)"):
        register(Participant("shop"))(handler)


def test_a_decorated_function_is_registered_under_its_own_name() -> None:
    def logged(handler: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(handler)
        def wrapper(*args: Any) -> None:
            handler(*args, 3)

        return wrapper

    participant = Participant("shop")
    participant.action(logged(takes_three))
    assert list(participant.handlers) == ["takes_three"]


@pytest.mark.parametrize(("action", "compensation"), [("reserve", "release"), ("charge", "refund")])
def test_a_compensation_cannot_be_rejected(world: World, action: str, compensation: str) -> None:
    world.call(payload(action, first=True))
    world.shop.raises = Rejected("the refund window is closed")
    with pytest.raises(HandlerFailed, match="raised Rejected: the refund window is closed; a compensation cannot be"):
        world.call(payload(compensation, "compensation", first=True, ends={"compensated": "COMPENSATED"}))
    assert world.step() in ("DONE", "UNDOING")
    assert world.meta() != "COMPENSATED"


@pytest.mark.parametrize("returned", [False, "done", {"refunded": 5}])
@pytest.mark.parametrize(("action", "compensation"), [("reserve", "release"), ("charge", "refund")])
def test_a_compensation_returns_nothing(world: World, action: str, compensation: str, returned: Any) -> None:
    world.call(payload(action, first=True))
    world.shop.returns = returned
    with pytest.raises(BadResult, match="a compensation returns nothing"):
        world.call(payload(compensation, "compensation", first=True, ends={"compensated": "COMPENSATED"}))
    assert world.step() != "UNDONE"


def test_what_an_async_function_returned_is_no_compensation(world: World) -> None:
    later = waits_outside(cast(Any, None))

    def called(_command: Command) -> Any:
        return later

    world.participant.outside_action(takes_one).compensation(called)
    world.call(payload("takes_one", first=True))
    with pytest.raises(BadResult, match="called: a compensation returns nothing"):
        world.call(payload("called", "compensation", ends={"compensated": "COMPENSATED"}))
    later.close()
