"""The sagas of an environment, with the plans of what is checked out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from cdk_saga import Saga
from cdk_saga.plan import Plan, compile_saga
from stacks.business_trip import business_trip
from stacks.environments import ENVIRONMENTS
from stacks.order import order
from stacks.stage import suited, title
from stacks.trip import trip
from verify.account import Account

STYLES: Final = ("orchestrated", "choreographed")


@dataclass(frozen=True)
class DeployedSaga:
    """A saga in one style.

    Args:
        definition: the saga.
        style: `orchestrated` or `choreographed`.
        stack: the stack it is in, without the environment.
        target: where it is started, as its stack's output says.
    """

    definition: Saga
    style: str
    stack: str
    target: dict[str, Any]

    @property
    def plan(self) -> Plan:
        """Its plan."""
        return compile_saga(self.definition)

    def differences(self) -> Iterator[str]:
        """What is deployed is what is checked out: else every other comparison is void."""
        if self.target["version"] != self.plan.version:
            yield (
                f"{self.stack}: version {self.target['version']} is deployed, {self.plan.version} is checked out; "
                "deploy it, or check out what is deployed"
            )


def deployed_sagas(account: Account, *, waits: int | None = None) -> list[DeployedSaga]:
    """The sagas of an environment, in both styles.

    Args:
        account: where they are deployed.
        waits: the context value of that name, if they were deployed with one.

    Raises:
        NotDeployedError: one is not deployed.
    """
    (environment,) = [one for one in ENVIRONMENTS if one.name == account.environment]
    return [
        DeployedSaga(definition, style, stack, account.start(stack))
        for saga in (trip, order, business_trip)
        for style in STYLES
        for stack in [f"{title(saga)}{style.title()}"]
        for definition in [_named(suited(saga, environment.retry, waits), style)]
    ]


def _named(saga: Saga, style: str) -> Saga:
    """Both styles share a bus, so they have two names."""
    return saga if style == "orchestrated" else replace(saga, name=f"{saga.name}-by-events")
