"""A stack with one saga in it, for tests of the constructs."""

from collections.abc import Callable, Mapping
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_

from cdk_saga import Saga
from cdk_saga.aws import ChoreographedSaga, Ledger, OrchestratedSaga, SagaBus
from sagas import TRIP
from templates import Json, synthesized

Style = type[OrchestratedSaga] | type[ChoreographedSaga]
Deployed = OrchestratedSaga | ChoreographedSaga
STYLES: tuple[Style, ...] = (OrchestratedSaga, ChoreographedSaga)


def function(stack: Stack, id: str, *, timeout: int | None = 20) -> lambda_.Function:
    """The smallest function there is."""
    return lambda_.Function(
        stack,
        id,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        timeout=Duration.seconds(timeout) if timeout else None,
    )


def deploy(
    stack: Stack, style: Style, *, saga: Saga = TRIP, participants: Mapping[str, Any] | None = None, **props: Any
) -> Deployed:
    """Put ``saga`` into ``stack``, with all that it needs."""
    return style(
        stack,
        "Saga",
        saga=saga,
        participants=participants or {name: function(stack, name) for name in saga.participants},
        ledger=Ledger(stack, "Ledger"),
        bus=SagaBus(stack, "Bus"),
        **props,
    )


def deployed(style: Style, then: Callable[[Deployed, Stack], object] | None = None, **props: Any) -> Json:
    """The template of a stack with one saga, after ``then`` has used it."""

    def build(stack: Stack) -> None:
        saga = deploy(stack, style, **props)
        if then:
            then(saga, stack)

    return synthesized(build)
