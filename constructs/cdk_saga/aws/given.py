"""Checks of what constructs are given, so that a wrong value is refused in plain words where it was written."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from aws_cdk import Duration

from cdk_saga.aws.errors import WiringError

LITERALS: Final = (str, int, float, bool, type(None))
LONGEST: Final = 60
"""Characters of a value that an error shows."""


def expect(owner: str, name: str, value: object, fits: Callable[[Any], bool], cure: str) -> None:
    """Refuse ``value`` unless it ``fits``.

    Args:
        owner: the class whose property it is.
        name: of the property.
        value: as given.
        fits: whether it can be used; raises nothing.
        cure: what to give instead.

    Raises:
        WiringError: names the property, the value and the cure.
    """
    if not fits(value):
        raise WiringError(f"{owner}({name}={shown(value)}): {cure}")


def shown(value: object) -> str:
    """``value`` as a reader knows it: a literal as written, anything else by its type."""
    if isinstance(value, list | tuple):
        text = f"[{', '.join(map(shown, cast('Sequence[object]', value)))}]"
    elif isinstance(value, dict):
        items = cast("dict[object, object]", value).items()
        text = f"{{{', '.join(f'{name!r}: {shown(one)}' for name, one in items)}}}"
    elif isinstance(value, LITERALS):
        text = repr(value)
    else:
        return f"<{type(value).__name__}>"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def is_a(*types: type) -> Callable[[object], bool]:
    """Whether a value is an instance of one of ``types``; ``bool`` is no ``int``."""
    return lambda value: isinstance(value, types) and not (isinstance(value, bool) and bool not in types)


def has(*attributes: str) -> Callable[[object], bool]:
    """Whether a value has ``attributes``: interfaces of CDK cannot be told by their type."""
    return lambda value: all(hasattr(value, name) for name in attributes)


def none_or(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    """Whether a value is ``None`` or ``fits``."""
    return lambda value: value is None or fits(value)


def each(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    """Whether a value is a sequence, and no text, all of which ``fits``."""
    return lambda value: (
        isinstance(value, Sequence) and not isinstance(value, str) and all(map(fits, cast("Sequence[object]", value)))
    )


def each_value(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    """Whether a value is a mapping from texts to what ``fits``."""
    return lambda value: (
        isinstance(value, Mapping)
        and all(isinstance(name, str) and fits(one) for name, one in cast("Mapping[object, object]", value).items())
    )


def seconds(owner: str, name: str, value: Duration, most: int) -> int:
    """Return ``value`` in seconds.

    Raises:
        WiringError: it is no ``Duration`` of whole seconds from 1 to ``most``.
    """
    expect(owner, name, value, is_a(Duration), "give a Duration, such as Duration.seconds(30)")
    try:
        found = value.to_seconds()
    except RuntimeError:
        found = value.to_milliseconds() / 1000
    if not 1 <= found <= most or found != int(found):
        raise WiringError(f"{owner}({name}={found:g} seconds): use whole seconds from 1 to {most:,}")
    return int(found)
