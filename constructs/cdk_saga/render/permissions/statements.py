"""Statements of policies as plain data, and the names of what they are about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple


class Ref(NamedTuple):
    """A resource, or some text, that is only known when deployed or simulated.

    Attributes:
        name: what it is called here; the user of the statements says what that is, e.g. an ARN.
        below: what follows it, e.g. ``/index/Sagas``.
    """

    name: str
    below: str = ""

    def text(self, names: Mapping[str, str]) -> str:
        """What it stands for."""
        return names[self.name] + self.below


class Condition(NamedTuple):
    """A condition of a statement.

    Attributes:
        operator: e.g. ``StringEquals``.
        key: e.g. ``kms:ViaService``.
        values: any of which has to match.
    """

    operator: str
    key: str
    values: tuple[str | Ref, ...]


@dataclass(frozen=True)
class Statement:
    """What is allowed.

    Args:
        actions: e.g. ``dynamodb:PutItem``.
        on: the resources.
        conditions: all of which have to hold.
    """

    actions: tuple[str, ...]
    on: tuple[Ref, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def needs_key(self) -> bool:
        """Whether it is about a customer-managed key, and so holds only where there is one."""
        return self.on[0].name in (KEY, LEDGER_KEY)


def conditions_of(statement: Statement, names: Mapping[str, str]) -> dict[str, Any]:
    """A statement's conditions as IAM writes them."""
    written: dict[str, dict[str, object]] = {}
    for operator, key, values in statement.conditions:
        texts = [value.text(names) if isinstance(value, Ref) else value for value in values]
        written.setdefault(operator, {})[key] = texts[0] if len(texts) == 1 else texts
    return written


Permissions = Mapping[str, tuple[Statement, ...]]
"""The statements of each role, by the participant's name or one of the others."""

LEDGER: Final = "ledger"
LEDGER_KEY: Final = "key of the ledger"
BUS: Final = "bus"
KEY: Final = "key"
STATE_MACHINE: Final = "state machine"
EXECUTIONS: Final = "executions"
RULES: Final = "rules of the bus"
ALL_RULES: Final = "rules of the account"
FAILED: Final = "queue of failed commands"
DEAD_LETTERS: Final = "dead-letter queue"
ALIAS: Final = "live"
"""The state machine's alias, by which sagas are started."""
INDEX: Final = "Sagas"
"""The ledger's index by which people list sagas."""
WATCHDOG: Final = "Watchdog"
"""Its index by which recovery finds sagas without activity."""


def queue_of(step: str, operation: str) -> str:
    """The name of a task's queue."""
    return f"queue of {step}.{operation}"


def rule_of(step: str, operation: str, version: str) -> str:
    """The name of the rule that fills a task's queue with the commands of one version."""
    return f"rule of {step}.{operation}, version {version}"


def function_of(participant: str) -> str:
    """The name of a participant's function."""
    return f"function of {participant}"


def via(service: str) -> str:
    """The name of the beginning of a service's endpoint in the Region, without the suffix of its partition."""
    return f"endpoint of {service}"
