"""The stack that deploys a saga in one style or the other."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from cdk_saga import Saga
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from stacks.environments import Environment
from stacks.participants import Participants
from stacks.state import State


class SagaStack(Stack):
    """A saga in one style; the customer gets a message either way.

    Args:
        style: :class:`OrchestratedSaga` or :class:`ChoreographedSaga`: nothing else here depends on it.
        saga: the definition.
        completed: what the customer is told when everything was done.
        compensated: what the customer is told when everything was undone.
        environment: what is special about where it is deployed.
        state: ledger and bus.
        participants: who carries out the steps, and who writes to the customer.

    Attributes:
        saga: the saga, deployed.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        style: type[OrchestratedSaga] | type[ChoreographedSaga],
        saga: Saga,
        completed: str,
        compensated: str,
        environment: Environment,
        state: State,
        participants: Participants,
    ) -> None:
        super().__init__(scope, id)
        self._participants = participants
        self.saga = style(
            self,
            "Saga",
            saga=saga,
            participants={name: participants.by_name[name] for name in saga.participants},
            ledger=state.ledger,
            bus=state.bus,
            settings=environment.functions,
            execution_logs=environment.execution_logs,
            encryption_key=state.key,
            alarm_actions=state.alarm_actions,
        )
        self.saga.on_completed("Completed", target=self._message(completed))
        self.saga.on_compensated("Compensated", target=self._message(compensated))

    def _message(self, text: str) -> targets.LambdaFunction:
        content = events.RuleTargetInput.from_object({"text": text, "saga": events.EventField.from_path("$.detail")})
        return targets.LambdaFunction(
            self._participants.messages, event=content, dead_letter_queue=self.saga.dead_letter_queue
        )
