"""One step: an action, and the compensation that undoes it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

from cdk_saga.definition.errors import DefinitionError, checked_flag, checked_name, checked_whole
from cdk_saga.definition.retry import Retry

MAX_STEP_NAME: Final = 64
"""Characters. With its suffix a step must fit a state's name (80) and an event rule's (64 with a hash)."""
MAX_HANDLER_NAME: Final = 80
MAX_CALLBACK_TIMEOUT: Final = 864_000
"""Seconds: 10 days. SQS keeps a message for 14, and that of a step that waits is its timer."""
RESERVED: Final = ("saga", "COMPLETED", "COMPENSATED", "STUCK", "PARTIALLY_COMPENSATED")
"""``saga.started`` and its like are events of the whole saga, and a state machine's states are called after its
endings: no step or group may be called that."""


class _Nothing(Enum):
    TO_UNDO = "nothing to undo"

    def __repr__(self) -> str:
        return "NOTHING_TO_UNDO"


Nothing = Literal[_Nothing.TO_UNDO]
NOTHING_TO_UNDO: Final = _Nothing.TO_UNDO
"""Says out loud that a step leaves no effect behind; compensation passes it by."""


def checked_part(name: object, what: str) -> str:
    """Return the name of a step or group when it can be one; raises :class:`DefinitionError` otherwise."""
    name = checked_name(name, f"a {what}:", longest=MAX_STEP_NAME)
    if name in RESERVED:
        raise DefinitionError(f"{what} {name!r}: that word stands for the whole saga or an ending; rename the {what}")
    return name


@dataclass(frozen=True)
class Step:
    """A step of a saga.

    Args:
        name: unique in its saga; a letter, then letters, digits, ``-`` or ``_``; at most 64 characters.
        participant: the service that owns the effect: a key of the construct's ``participants``.
        action: the handler that does it, as registered with the participant's runtime.
        compensation: the handler that undoes it, or :data:`NOTHING_TO_UNDO`. There is no default on purpose.
        retry: further attempts of the action after an unknown outcome.
        compensation_retry: further attempts of the compensation. Longer by default: giving up leaves an effect behind.
        pivot: the point of no return: once it has succeeded the saga only goes forward, and a step that fails after it
            is ``STUCK`` until it is resumed. At most one a saga.
        callback_timeout: seconds, 1 to 864,000 (10 days), that the action may wait for a callback, from a person or a
            webhook, after it has returned ``Pending``; then its outcome is unknown, or after the pivot ``STUCK``. Also
            a rejection is followed by its compensation, as it has asked. ``None``: it never waits.

    Raises:
        DefinitionError: a name, policy or time that cannot be used.
    """

    name: str
    participant: str = field(kw_only=True)
    action: str = field(kw_only=True)
    compensation: str | Nothing = field(kw_only=True)
    retry: Retry = field(default=Retry(), kw_only=True)
    compensation_retry: Retry = field(default=Retry(max_attempts=9), kw_only=True)
    pivot: bool = field(default=False, kw_only=True)
    callback_timeout: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        checked_part(self.name, "step")
        where = f"step {self.name!r}:"
        checked_name(self.participant, f"{where} participant", longest=MAX_STEP_NAME)
        checked_name(self.action, f"{where} action", longest=MAX_HANDLER_NAME)
        if self.compensation is not NOTHING_TO_UNDO:
            if not self.compensation:
                raise DefinitionError(
                    f"{where} compensation is {self.compensation!r}; name a handler, or say NOTHING_TO_UNDO"
                )
            checked_name(self.compensation, f"{where} compensation", longest=MAX_HANDLER_NAME)
        if self.compensation == self.action:
            raise DefinitionError(f"{where} action and compensation are both {self.action!r}; they are two handlers")
        for what, policy in (("retry", self.retry), ("compensation_retry", self.compensation_retry)):
            if not isinstance(policy, Retry):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
                raise DefinitionError(f"{where} {what} is {policy!r}; use Retry(...)")
        checked_flag(self.pivot, f"{where} pivot")
        if self.callback_timeout is not None:
            checked_whole(
                self.callback_timeout,
                f"{where} callback_timeout",
                least=1,
                most=MAX_CALLBACK_TIMEOUT,
                unit="None, or whole seconds",
            )
