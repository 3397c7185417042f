"""The functions: one a participant, and the one that writes to the customer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from constructs import Construct

from cdk_saga.aws import Bundle, DeadLetterQueue, ParticipantFunction, RuntimeFunction
from stacks.environments import Environment
from stacks.state import State

CODE: Final = Path(__file__).parent.parent / "runtime" / "participants"
WRITES: Final = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")


class Participants(Stack):
    """Flights, hotels, transfers and messages: one function each, allowed to write its own table if it has one.

    Attributes:
        by_name: the functions that carry out steps.
        messages: tells the customer how a saga ended.
    """

    def __init__(self, scope: Construct, id: str, *, environment: Environment, state: State) -> None:
        super().__init__(scope, id)
        self._environment = environment
        self._state = state
        self._bundle = Bundle.runtime(CODE)
        provider = {
            "PROVIDER_URL": self.node.try_get_context("provider_url") or environment.provider_url,
            "PROVIDER_TIMEOUT": str(environment.provider_timeout),
        }
        self.by_name = {
            "flights": self._with_table("flights", state.flights),
            "hotels": self._with_table("hotels", state.hotels),
            "transfers": self._participant("transfers", provider),
        }
        self.messages = self._messages(state.messages)

    def _with_table(self, name: str, table: dynamodb.TableV2) -> lambda_.Function:
        function = self._participant(name, {"TABLE": table.table_name})
        table.grant(function, *WRITES)
        return function

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
        )
        table.grant(function, "dynamodb:PutItem")
        dead = DeadLetterQueue(
            self, "MessagesDead", whose="customers' messages", alarm_actions=self._state.alarm_actions
        )
        function.configure_async_invoke(on_failure=cast(lambda_.IDestination, destinations.SqsDestination(dead.queue)))
        return cast(lambda_.IFunction, function)
