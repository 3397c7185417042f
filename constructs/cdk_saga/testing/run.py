"""What came of a run."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cdk_saga.definition import Saga
from cdk_saga.testing.deployments import Deployment
from cdk_saga.testing.services.bus import Event
from cdk_saga.testing.trace import Trace
from cdk_saga.testing.world import DEAD, LEDGER, World

Json = dict[str, Any]
TOLD_AS: Final = {
    "COMPLETED": "saga.completed",
    "COMPENSATED": "saga.compensated",
    "PARTIALLY_COMPENSATED": "saga.compensated",
    "STUCK": "saga.stuck",
}
"""What it is published of each ending."""
ANNOUNCEMENTS: Final = tuple(dict.fromkeys(TOLD_AS.values()))


@dataclass
class Run:
    """One saga, run to its end.

    Attributes:
        saga: the definition.
        style: how it was rendered.
        world: the simulated services as the run left them.
        printed: what the functions printed: metrics.
        endless: whether it was given up.
        deployments: what was deployed meanwhile.
    """

    saga: Saga
    style: str
    world: World
    printed: io.StringIO = field(default_factory=io.StringIO)
    endless: bool = False
    deployments: Sequence[Deployment] = ()

    @property
    def ending(self) -> str:
        """What the ledger says of the saga; empty when it never began."""
        meta = self._meta
        # A saga that waits for an operator may keep its direction, and is marked.
        waits = meta.get("stuck") and meta["st"] in ("COMMITTED", "COMPENSATING")
        return "STUCK" if waits else str(meta.get("st", ""))

    @property
    def stuck(self) -> list[str]:
        """The steps that the saga is stuck at."""
        return [step for step in self._meta.get("stuck", "").split(",") if step]

    @property
    def ended(self) -> bool:
        """Whether the saga has come to one of its endings."""
        return self.ending in TOLD_AS

    @property
    def skipped(self) -> list[str]:
        """The steps whose compensation an operator let go."""
        return [sk.rpartition("#")[2] for sk, item in self.ledger.items() if "skipped" in item]

    @property
    def trace(self) -> Trace:
        """What happened, line by line."""
        return self.world.trace

    @property
    def ledger(self) -> dict[str, Json]:
        """The saga's items by sort key, as plain values."""
        items = self.world.dynamodb.items(LEDGER)
        return {sk: _plain(items[pk, sk]) for pk, sk in sorted(items) if pk == self._partition}

    @property
    def _meta(self) -> Json:
        return _plain(self.world.dynamodb.items(LEDGER).get((self._partition, "META"), {}))

    @property
    def _partition(self) -> str:
        return f"SAGA#{self.saga.name}#{self.world.saga_id}"

    @property
    def announced(self) -> list[Event]:
        """The endings that were published, in order."""
        return [event for event in self.world.bus.events if event.detail_type in ANNOUNCEMENTS]

    @property
    def dead_letters(self) -> list[str]:
        """What waits in the dead-letter queue for an operator."""
        return [message.body for message in self.world.queues.by_name[DEAD].messages.values()]

    @property
    def metrics(self) -> list[Json]:
        """The metrics that functions printed, in CloudWatch's embedded format."""
        return [json.loads(line) for line in self.printed.getvalue().splitlines() if line.startswith("{")]

    def counted(self, metric: str) -> int:
        """The sum of a metric by saga, e.g. ``Compensated``; the same by step and reason is another one."""
        found: list[list[float]] = [one[metric] for one in self.metrics if metric in one and "step" not in one]
        return int(sum(map(sum, found)))


def _plain(item: Json) -> Json:
    return {name: next(iter(value.values())) for name, value in item.items() if name != "sk"}
