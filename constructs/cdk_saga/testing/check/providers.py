"""Providers in the hands of handlers: what they find under a dotted name, for as long as the check lasts."""

import copy
import functools
import pkgutil
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cdk_saga.testing.check.subject import CheckError, Provider
from cdk_saga.testing.faults import Point, RequestFault
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.world import World

AT: Final = " at "
"""Between a call and its provider in traces; no API call of AWS has it in its name."""


class Stage(Protocol):
    """Where a run takes place."""

    world: World
    providers: Mapping[str, Provider]

    def called(self, provider: str, before: Mapping[str, Any]) -> None:
        """Note what a call has changed at a provider, after what was there ``before``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Silent(RequestFault):
    """An external provider does what it is asked, and its answer is lost: its client gets a ``TimeoutError``."""

    def strike(self, point: Point) -> Any:
        """Ask, and hear nothing."""
        point.send()
        raise TimeoutError(f"no answer to {point.request.operation}")


class StandIn:
    """Stands where the handlers look for a provider; each call reaches the provider of the run as a request.

    Args:
        name: the provider.
        stage: where the run takes place.
    """

    def __init__(self, name: str, stage: Stage) -> None:
        self._name = name
        self._stage = stage

    def __getattr__(self, name: str) -> Any:
        """The provider's method ``name``, or whatever else it has by that name."""
        found = getattr(self._stage.providers[self._name], name)
        return functools.partial(self._call, found) if callable(found) else found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call a provider that is a function."""
        return self._call(self._stage.providers[self._name], *args, **kwargs)  # pyright: ignore[reportArgumentType]

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        stage = self._stage

        # A rejection is an answer too: it is raised where it arrives, and lost where no caller waits for it.
        def perform() -> Callable[[], Any]:
            before = copy.deepcopy(stage.providers[self._name].effects())
            try:
                answer = method(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 # whatever a provider's client raises
                return functools.partial(_raised, error)
            finally:
                stage.called(self._name, before)
            return lambda: answer

        operation = f"{getattr(method, '__name__', 'call')}{AT}{self._name}"
        return stage.world.functions.request(Request(self._name, operation, {}, perform))()


def _raised(error: Exception) -> Any:
    raise error


@contextmanager
def in_place(names: Iterable[str], stage: Stage) -> Generator[None]:
    """Put a stand-in where each dotted name leads."""
    before: list[tuple[Any, str, Any]] = []
    try:
        for name in names:
            owner, attribute = _found(name)
            before.append((owner, attribute, getattr(owner, attribute)))
            setattr(owner, attribute, StandIn(name, stage))
        yield
    finally:
        for owner, attribute, value in reversed(before):
            setattr(owner, attribute, value)


def _found(name: str) -> tuple[Any, str]:
    path, _, attribute = name.rpartition(".")
    try:
        owner = pkgutil.resolve_name(path)
        getattr(owner, attribute)
    except (AttributeError, ImportError, ValueError) as error:
        raise CheckError(
            f"providers names {name!r}, where nothing is ({error}): give the module and the name under which the "
            "handlers find the provider, e.g. 'payments.client'"
        ) from error
    return owner, attribute
