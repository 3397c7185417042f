"""Attempts: executions of a handler. Each that raises is counted in the step's item, with its error."""

from dataclasses import dataclass, replace
from typing import Final

from saga_runtime.command import Command
from saga_runtime.errors import BadResult, RejectedPastPivot, UsedUp
from saga_runtime.ledger.items import MAX_ERROR, TRIED, Item, saga_key, step_key
from saga_runtime.ledger.store import Store
from saga_runtime.values import short

KINDS: Final = {"action": "f", "compensation": "uf"}
"""The attribute that counts the attempts that raised.

With ``<kind>err``, the last error; ``<kind>t``, when that was; ``<kind>end``, whether another attempt cannot change it.
"""
FINAL: Final = (BadResult, RejectedPastPivot)
"""Errors that another attempt cannot change."""
ENDS: Final = tuple(f"{kind}end" for kind in KINDS.values())
OPEN: Final = {"action": (None, TRIED, "STARTED"), "compensation": ("DONE", "PENDING", "STARTED", "UNDOING")}
"""The states of a step in which the handler would be executed."""


def attempts(step: Item, u: str) -> int:
    """How often a step's action (``u`` is empty) or compensation (``"u"``) was attempted, as far as recorded."""
    return int(step.get(f"{u}past", 0)) + max(int(step.get(f"{u}n", 0)), int(step.get(f"{u}f", 0)))


@dataclass(frozen=True)
class Raised:
    """What an attempt that raised changes of its step's item.

    Attributes:
        change: attributes to set.
        count: the one that grows.
        once: a condition that fails when the SDK sends the same record again.
    """

    change: Item
    count: Item
    once: str


def record(kind: str, error: Exception, now: int) -> Raised:
    """Describe an attempt that raised.

    Args:
        kind: the attribute that counts, see :data:`KINDS`.
        error: what the handler raised.
        now: milliseconds since the epoch.
    """
    text = short(f"{type(error).__name__}: {error}")[:MAX_ERROR]
    final: Item = {f"{kind}end": 1} if isinstance(error, FINAL) else {}
    once = f"(attribute_not_exists({kind}t) OR {kind}t <> :{kind}t)"
    return Raised({f"{kind}err": text, f"{kind}t": now, **final}, {kind: 1}, once)


def counted(store: Store, command: Command, most: int | None = None) -> Command:
    """Return ``command`` with its attempt by the ledger's count; the first delivery needs no look.

    Args:
        store: the ledger.
        command: what was delivered.
        most: executions that the policy allows; ``None`` where the engine counts those itself.

    Raises:
        UsedUp: as many have raised already.
        Busy: DynamoDB throttles.
    """
    if command.delivery == 1:
        return command
    step = store.read((saga_key(command.saga_name, command.saga_id), step_key(command.step)))
    kind = KINDS[command.operation]
    count = int(step.get(kind, 0)) if step.get("ih") == command.input_hash else 0
    fenced = command.operation == "action" and "fence" in step
    over = most is not None and (count >= most or f"{kind}end" in step)
    if over and not fenced and step.get("st") in OPEN[command.operation]:
        raise UsedUp(f"{command.step!r} was attempted {count} times; its last error: {step.get(f'{kind}err')}")
    return replace(command, attempt=count + 1)
