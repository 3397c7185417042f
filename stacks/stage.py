"""One environment: every stack of it, so that ``cdk deploy 'dev/*'`` deploys just that."""

from dataclasses import replace

from aws_cdk import Stage
from constructs import Construct

from cdk_saga import Parallel, Retry, Saga, Step
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from stacks.business_trip import business_trip
from stacks.environments import Environment
from stacks.operations import Operations
from stacks.order import order
from stacks.participants import Participants
from stacks.saga import SagaStack
from stacks.state import State
from stacks.trip import trip


class Example(Stage):
    """The example in one environment. Each saga runs in both styles, under two names because there is one bus.

    The context value ``waits`` is how many seconds a step waits for a callback at most, instead of a day.
    """

    def __init__(self, scope: Construct, environment: Environment) -> None:
        super().__init__(scope, environment.name)
        self._environment = environment
        self._state = State(self, "State", environment=environment)
        self._participants = Participants(self, "Participants", environment=environment, state=self._state)
        stacks = [
            *self._deploy(trip, "your trip is booked", "the booking could not be completed"),
            *self._deploy(order, "your order is on its way", "the order could not be completed"),
            *self._deploy(business_trip, "your business trip is booked", "the business trip does not take place"),
        ]
        sagas = [stack.saga for stack in stacks]
        Operations(self, "Operations", state=self._state, participants=self._participants, sagas=sagas)

    def _deploy(self, saga: Saga, completed: str, compensated: str) -> list[SagaStack]:
        waits = self.node.try_get_context("waits")
        saga = suited(saga, self._environment.retry, waits and int(waits))
        by_events = replace(saga, name=f"{saga.name}-by-events")
        return [
            SagaStack(
                self,
                f"{title(saga)}{style.style.title()}",
                style=style,
                saga=definition,
                completed=completed,
                compensated=compensated,
                environment=self._environment,
                state=self._state,
                participants=self._participants,
            )
            for style, definition in ((OrchestratedSaga, saga), (ChoreographedSaga, by_events))
        ]


def title(saga: Saga) -> str:
    """The beginning of its stacks' ids: ``BusinessTrip`` for ``business-trip``."""
    return saga.name.title().replace("-", "")


def suited(saga: Saga, retry: Retry | None, waits: int | None) -> Saga:
    """The saga with that patience in every step, and in every step that waits; with its own for ``None``."""

    def step(one: Step) -> Step:
        wait = replace(one, callback_timeout=waits if one.callback_timeout and waits else one.callback_timeout)
        return replace(wait, retry=retry, compensation_retry=retry) if retry else wait

    def part(one: Step | Parallel) -> Step | Parallel:
        return step(one) if isinstance(one, Step) else Parallel(one.name, *(list(map(step, b)) for b in one.branches))

    return replace(saga, steps=map(part, saga.steps))
