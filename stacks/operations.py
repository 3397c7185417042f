"""What the person on call looks at."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import CrossStackReferences, ReferenceStrength, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cdk_saga.aws import SagaDashboard
from cdk_saga.aws.saga import SagaBase
from stacks.participants import Participants
from stacks.state import State


class Operations(Stack):
    """One dashboard for all sagas of an environment, and the alarms on what they share."""

    def __init__(
        self, scope: Construct, id: str, *, state: State, participants: Participants, sagas: Sequence[SagaBase]
    ) -> None:
        super().__init__(scope, id)
        # What only shows a saga must not keep its stack from being deleted, as an import would.
        CrossStackReferences.of(self).consume(ReferenceStrength.WEAK)
        SagaDashboard(
            self,
            "Sagas",
            sagas=sagas,
            ledger=state.ledger,
            functions=[*participants.by_name.values(), participants.messages],
            alarms=[cast(cloudwatch.IAlarm, participants.messages_alarm)],
            alarm_actions=state.alarm_actions,
        )
