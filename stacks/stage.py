"""One environment: every stack of it, so that ``cdk deploy 'dev/*'`` deploys just that."""

import dataclasses

from aws_cdk import Stage
from constructs import Construct

from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from stacks.environments import Environment
from stacks.participants import Participants
from stacks.state import State
from stacks.trip import TripStack, trip


class Trips(Stage):
    """The example in one environment. The trip runs in both styles, under two names because there is one bus."""

    def __init__(self, scope: Construct, environment: Environment) -> None:
        super().__init__(scope, environment.name)
        state = State(self, "State", environment=environment)
        participants = Participants(self, "Participants", environment=environment, state=state)
        by_events = dataclasses.replace(trip, name="trip-by-events")
        for id, style, saga in (
            ("TripOrchestrated", OrchestratedSaga, trip),
            ("TripChoreographed", ChoreographedSaga, by_events),
        ):
            TripStack(self, id, style=style, saga=saga, environment=environment, state=state, participants=participants)
