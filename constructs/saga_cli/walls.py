"""The walls that many sagas at once run into, in the order in which they do."""

from collections.abc import Iterator
from typing import NamedTuple

from cdk_saga import Saga
from cdk_saga.cost import Assumptions, Usage
from saga_cli import quotas
from saga_cli.simulated.comparison import Style, used
from saga_cli.simulated.paths import ExecutionPath

MOVES = 2
"""Write units of an index's part when a saga enters RUNNING and leaves it again."""


class Wall(NamedTuple):
    """A quota that sagas use up.

    Attributes:
        what: it is.
        default: the quota, a second unless ``what`` says otherwise.
        taken: what one saga a second takes of it.
    """

    what: str
    default: int
    taken: float

    @property
    def binds_at(self) -> float:
        """Sagas a second from which on it holds them up."""
        return self.default / self.taken


def walls(saga: Saga, style: Style, region: str, given: Assumptions) -> list[Wall]:
    """The walls of a saga in a style, the nearest first; all goes well."""
    _, usage, counts = used(saga, style, ExecutionPath(), given)
    own = _orchestrated if style == "orchestrated" else _choreographed
    found = [*own(saga, usage, quotas.quotas(region)), *_common(usage, counts.ledger_units, given)]
    return sorted((wall for wall in found if wall.taken), key=lambda wall: wall.binds_at)


def _orchestrated(saga: Saga, usage: Usage, region: quotas.Region) -> Iterator[Wall]:
    yield Wall("Standard executions started", region.starts, 1)
    yield Wall("state transitions", region.transitions, usage.transitions)
    yield Wall("executions open at once", quotas.OPEN_EXECUTIONS, sum(_waits(saga)))


def _choreographed(saga: Saga, usage: Usage, region: quotas.Region) -> Iterator[Wall]:
    yield Wall("PutEvents requests", region.put_events, usage.events)
    yield Wall("targets of rules invoked", region.targets, usage.events - 1)
    # A step that waits keeps its message, which is its timer, in flight.
    yield Wall("messages of a queue in flight at once", quotas.IN_FLIGHT, max(_waits(saga), default=0))


def _common(usage: Usage, units: int, given: Assumptions) -> Iterator[Wall]:
    yield Wall("functions at the same time", quotas.CONCURRENCY, usage.invocations * given.milliseconds / 1000)
    yield Wall("write units of a new ledger", quotas.NEW_TABLE, units)
    yield Wall("write units of a ledger", quotas.TABLE, units)
    yield Wall("write units of an index's busiest part", quotas.PARTITION, MOVES / quotas.PARTS)


def _waits(saga: Saga) -> list[float]:
    return [float(step.callback_timeout) for step in saga.all_steps if step.callback_timeout]
