"""The functions: one a participant, and the one that writes to the customer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk_saga.aws import Bundle, DeadLetterQueue, ParticipantFunction, RuntimeFunction, add_failure_queue, grant_key
from stacks.environments import Environment
from stacks.placeholders import refuse_placeholder
from stacks.state import State

CODE: Final = Path(__file__).parent.parent / "runtime" / "participants"
PUT, UPDATE, DELETE = "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"
WRITES: Final[Mapping[str, tuple[str, ...]]] = {
    "flights": (PUT, UPDATE, DELETE),
    "hotels": (PUT, UPDATE, DELETE),
    "warehouse": (PUT, UPDATE, DELETE),
    "shipping": (PUT, UPDATE),
    "approvals": (PUT, DELETE),
}
"""What each does in its own table. Once shipping has a booking, the order is past its pivot; a request is no stock."""


class Participants(Stack):
    """One function a participant: it either writes its own table or asks its own provider.

    Attributes:
        by_name: the functions that carry out steps.
        messages: tells the customer how a saga ended.
        messages_alarm: on any message to a customer that could not be sent.
    """

    def __init__(self, scope: Construct, id: str, *, environment: Environment, state: State) -> None:
        super().__init__(scope, id)
        self._environment = environment
        self._state = state
        self._bundle = Bundle.runtime(CODE)
        self._provider_url: str = self.node.try_get_context("provider_url") or environment.provider_url
        consequence = "no provider answers, and every saga is compensated"
        refuse_placeholder(self, environment.name, "provider_url", self._provider_url, consequence)
        self.by_name = {
            **{name: self._with_table(name) for name in WRITES},
            **{name: self._with_provider(name) for name in ("transfers", "payments", "notices")},
        }
        self.messages = self._messages(state.tables["messages"])

    def _with_table(self, name: str) -> lambda_.Function:
        table = self._state.tables[name]
        limit = {"LIMIT": str(self._environment.approved_at_once)} if name == "approvals" else {}
        function = self._participant(name, {"TABLE": table.table_name, **limit})
        table.grant(function, *WRITES[name])
        return function

    def _with_provider(self, name: str) -> lambda_.Function:
        url = self._provider_url.format(name)
        timeout = str(self._environment.provider_timeout)
        return self._participant(name, {"PROVIDER_URL": url, "PROVIDER_TIMEOUT": timeout})

    def _participant(self, name: str, variables: Mapping[str, str]) -> lambda_.Function:
        return ParticipantFunction(
            self,
            name.title(),
            service=name,
            handler=f"participants.{name}.handler",
            bundle=self._bundle,
            ledger=self._state.ledger,
            bus=self._state.bus,
            environment=variables,
            settings=self._environment.functions,
            encryption_key=self._state.key,
        )

    def _messages(self, table: dynamodb.TableV2) -> lambda_.IFunction:
        function = RuntimeFunction(
            self,
            "Messages",
            service="messages",
            handler="participants.messages.handler",
            bundle=self._bundle,
            environment={"TABLE": table.table_name},
            settings=self._environment.functions,
            encryption_key=self._state.key,
        )
        table.grant(function, "dynamodb:PutItem")
        grant_key(self._state.key, function, "dynamodb", "kms:Decrypt")
        dead = DeadLetterQueue(
            self,
            "MessagesDead",
            whose="customers' messages",
            encryption_key=self._state.key,
            alarm_actions=self._state.alarm_actions,
        )
        self.messages_alarm = dead.alarm
        add_failure_queue(function, dead.queue)
        return cast(lambda_.IFunction, function)
