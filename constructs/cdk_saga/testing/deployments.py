"""What is deployed around a saga that is under way."""

from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any, Final, Literal, cast

from cdk_saga.definition import Saga
from cdk_saga.testing.clock import START
from cdk_saga.testing.participant import SimulatedParticipant
from cdk_saga.testing.services.function import Function
from cdk_saga.testing.styles import STYLES, Style
from cdk_saga.testing.world import LEDGER, World

StyleName = Literal["choreographed", "orchestrated"]
UNSET: Final = {
    "SAGA_STATE_MACHINE": "",
    "SAGA_TRIGGER_EVENTS": "{}",
    "SAGA_ON_COMPENSATION_FAILURE": "",
    "SAGA_PREVIOUS_VERSIONS": "{}",
}
"""Variables that recovery may have had before the deployment."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployment while sagas are under way; what it does not name stays as it is.

    Args:
        after: seconds after the start.
        saga: the definition that new sagas start with from then on; a rollback names the one before.
        previous_versions: earlier definitions that stay deployed.
        style: how the saga is rendered from then on.
        replaced: participants whose function is another one from then on: the one before is gone.
        ledger_as_of: seconds after the start; the ledger's table is another one from then on, which holds what the
            ledger held at that moment, so nothing for 0.
    """

    after: float
    saga: Saga | None = None
    previous_versions: tuple[Saga, ...] = ()
    style: StyleName | None = None
    replaced: frozenset[str] = field(default_factory=frozenset[str])
    ledger_as_of: float | None = None


class Deployed:
    """What is deployed in one run, beginning with ``style``.

    Attributes:
        style: the newest.
    """

    def __init__(self, style: Style, recovery: SimulatedParticipant) -> None:
        self.style = style
        self._recovery = recovery

    def deploy(self, world: World, change: Deployment) -> None:
        """Update the resources, or replace them by those of another style."""
        before = self.style
        functions = {name: replace(one) if name in change.replaced else one for name, one in before.functions.items()}
        kind = STYLES[change.style] if change.style else type(before)
        saga, previous = before.saga, before.previous_versions
        if change.saga:
            saga, previous = change.saga, change.previous_versions
        self.style = kind(saga, functions, before.recovery, previous, before.revision + 1)
        cold = replace(cast(Any, self._recovery)) if is_dataclass(self._recovery) else self._recovery
        variables = {**UNSET, **self.style.environment()}
        recovery = Function(before.recovery.name, cold.handler, before.recovery.timeout, variables)
        self.style = replace(self.style, recovery=recovery)
        if kind is not type(before):
            before.tear_down(world)
        before.replace_functions(world, change.replaced)
        if change.ledger_as_of is not None:
            world.dynamodb.restore(LEDGER, START + change.ledger_as_of)
        self.style.set_up(world)
