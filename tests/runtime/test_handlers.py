"""What cannot be a handler is refused when it is registered; what a handler may not raise or return is a failure."""

import asyncio
import functools
import gc
from collections.abc import Callable
from typing import Any

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
    return participant.external_action


def outside_back(participant: Participant) -> Callable[[Any], Any]:
    return participant.external_action(takes_one).compensation


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
def test_an_external_handler_takes_the_command_alone(handler: Any, register: Register) -> None:
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


def unawaited(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator whose author forgot that some functions are async; what it returns looks like a plain function."""

    @functools.wraps(handler)
    def wrapper(*args: Any) -> Any:
        return handler(*args)

    return wrapper


def awaited(handler: Callable[..., Any]) -> Callable[..., Any]:
    """The same by an author who thought of it."""

    @functools.wraps(handler)
    def wrapper(*args: Any) -> Any:
        return asyncio.run(handler(*args))

    return wrapper


class Later:
    """Something that can be awaited, and is no coroutine."""

    def __await__(self) -> Any:
        yield


def later(*_: Any) -> Any:
    return Later()


async def waits_for_result(*_: Any) -> dict[str, str]:
    return {"seat": "1A"}


async def waits_for_nothing(*_: Any) -> None: ...


UNRUN: dict[str, Callable[..., Any]] = {
    "coroutine": unawaited(waits_for_nothing),
    "generator": unawaited(iterates),
    "async generator": unawaited(iterates_and_waits),
    "awaitable": later,
}


def registered(
    world: World, kind: str, action: Callable[..., Any], compensation: Callable[..., Any]
) -> tuple[str, str]:
    """Register a pair of handlers, and return their names."""
    register = {"own": world.participant.action, "outside": world.participant.external_action}[kind]
    register(action).compensation(compensation)
    return action.__name__, compensation.__name__


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["own", "outside"])
@pytest.mark.parametrize("handler", UNRUN.values(), ids=UNRUN)
def test_an_action_that_returned_a_coroutine_is_not_done(world: World, handler: Any, kind: str) -> None:
    action, _ = registered(world, kind, handler, takes_two if kind == "own" else takes_one)
    with pytest.raises(BadResult, match=rf"^{action}: the handler has not run: .*asyncio\.run"):
        world.call(payload(action, first=True))
    gc.collect()  # what was not closed would warn now
    assert world.step() in ("TRIED", "STARTED")
    assert "has not run" in world.item("STEP#0#goods")["ferr"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["own", "outside"])
@pytest.mark.parametrize("handler", UNRUN.values(), ids=UNRUN)
def test_a_compensation_that_returned_a_coroutine_undoes_nothing(world: World, handler: Any, kind: str) -> None:
    action, compensation = registered(world, kind, takes_two if kind == "own" else takes_one, handler)
    world.call(payload(action, first=True))
    with pytest.raises(BadResult, match=rf"^{compensation}: the handler has not run: "):
        world.call(payload(compensation, "compensation", first=True, ends={"compensated": "COMPENSATED"}))
    gc.collect()
    assert world.step() in ("DONE", "UNDOING")
    assert world.meta() != "COMPENSATED"
    assert "has not run" in world.item("STEP#0#goods")["uferr"]


@pytest.mark.parametrize("kind", ["own", "outside"])
def test_a_wrapper_that_runs_an_async_def_is_a_handler(world: World, kind: str) -> None:
    action, compensation = registered(world, kind, awaited(waits_for_result), awaited(waits_for_nothing))
    world.call(payload(action, first=True))
    assert world.item("STEP#0#goods")["res"] == '{"seat":"1A"}'
    world.call(payload(compensation, "compensation", first=True, ends={"compensated": "COMPENSATED"}))
    assert (world.step(), world.meta()) == ("UNDONE", "COMPENSATED")
