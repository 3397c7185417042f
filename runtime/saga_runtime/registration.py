"""What can be a handler: checked when it is registered, and not when the first saga needs it."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from saga_runtime.fields import WORD
from saga_runtime.refusals import shown


def name_of(handler: Callable[..., Any], parameters: Sequence[str]) -> str:
    """The name under which a handler is registered: its function's.

    Args:
        handler: the function.
        parameters: what it is called with, by position.

    Raises:
        TypeError: it cannot be called so, or its answer would not be what it returns; the text has the cure.
    """
    call = f"({', '.join(parameters)})"
    if not callable(handler):
        raise _unfit(handler, f"it cannot be called: register a function{call}")
    name = getattr(handler, "__name__", "")  # partials and objects that can be called have none
    if not WORD.fullmatch(name):
        cure = f"write a def{call} with a name of its own, as definitions name handlers, and call it in there"
        raise _unfit(handler, f"it has no name that a definition could say: {cure}")
    if inspect.iscoroutinefunction(handler):
        cure = f"write a def{call}, with asyncio.run(…) in it"
        raise _unfit(name, f"it is an async def, which the runtime never awaits: {cure}")
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise _unfit(name, "it is a generator, whose body runs only when iterated: write a def that returns its result")
    try:
        # The wrapper that a decorator made is what is called, whatever it wraps.
        inspect.signature(handler, follow_wrapped=False).bind(*parameters)
    except (TypeError, ValueError) as error:
        other = " (action takes a def(command, writes), external_action a def(command))"
        raise _unfit(name, f"it is called as {name}{call}: {error}; give it these parameters{other}") from None
    return name


def _unfit(handler: object, why: str) -> TypeError:
    return TypeError(f"handler {handler if isinstance(handler, str) else shown(handler)} cannot be registered: {why}")
