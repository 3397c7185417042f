"""The trip: its definition, and the stack that deploys it in one style or the other."""

from aws_cdk import Stack
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from cdk_saga import Saga, Step
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga
from stacks.environments import Environment
from stacks.participants import Participants
from stacks.state import State

trip = Saga(
    "trip",
    [
        Step("flight", participant="flights", action="book_flight", compensation="cancel_flight"),
        Step("hotel", participant="hotels", action="book_hotel", compensation="cancel_hotel"),
        Step("transfer", participant="transfers", action="book_transfer", compensation="cancel_transfer"),
    ],
)


class TripStack(Stack):
    """The trip in one style; the customer gets a message either way.

    Args:
        style: :class:`OrchestratedSaga` or :class:`ChoreographedSaga`: nothing else here depends on it.
        saga: the definition.
        environment: what is special about where it is deployed.
        state: ledger and bus.
        participants: who carries out the steps, and who writes to the customer.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        style: type[OrchestratedSaga] | type[ChoreographedSaga],
        saga: Saga,
        environment: Environment,
        state: State,
        participants: Participants,
    ) -> None:
        super().__init__(scope, id)
        deployed = style(
            self,
            "Trip",
            saga=saga,
            participants=participants.by_name,
            ledger=state.ledger,
            bus=state.bus,
            settings=environment.functions,
            execution_logs=environment.execution_logs,
            alarm_actions=state.alarm_actions,
        )
        message = targets.LambdaFunction(participants.messages, dead_letter_queue=deployed.dead_letter_queue)
        deployed.on_completed("Booked", target=message)
        deployed.on_compensated("NotBooked", target=message)
