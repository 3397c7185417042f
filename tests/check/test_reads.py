"""Handlers that read by query, scan, index, batch: what the check lacks it says, and blames no handler."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from cdk_saga import Saga, Step
from cdk_saga.testing.check import CheckError, CheckReport, Table, check
from saga_runtime import Command, Participant, Rejected, Writes

Read = Callable[[Any], Any]
SEATS = Table([{"pk": "S1", "flight": "LH1"}], indexes={"byFlight": ("flight",)})
OF_LH1: dict[str, Any] = {
    "TableName": "seats",
    "KeyConditionExpression": "flight = :f",
    "ExpressionAttributeValues": {":f": {"S": "LH1"}},
}
EVENT: dict[str, Any] = {"Source": "shop", "DetailType": "seen", "Detail": "{}"}
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/mine"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:mine"


def checked(read: Read, *, own: bool, service: str = "dynamodb") -> CheckReport:
    """Check a saga whose action reads before it writes, by a client of its own or the participant's."""
    participant = Participant("p")
    own_client: Callable[[str], Any] = boto3.client

    @participant.action
    def book(command: Command, writes: Writes) -> None:
        try:
            read(own_client(service) if own else participant.services.client(service))
        except Exception as error:
            raise Rejected("none free") from error
        writes.put("seats", {"pk": command.idempotency_key})

    @book.compensation
    def cancel(command: Command, writes: Writes) -> None:
        writes.delete("seats", {"pk": command.idempotency_key})

    saga = Saga("s", [Step("a", participant="p", action="book", compensation="cancel")])
    return check(saga, participants={"p": participant}, tables={"seats": SEATS}, inputs=[{}], most=20)


READS: dict[str, Read] = {
    "a scan": lambda client: client.scan(TableName="seats")["Items"][0],
    "an index": lambda client: client.query(IndexName="byFlight", **OF_LH1)["Items"][0],
    "a batch": lambda client: client.batch_get_item(RequestItems={"seats": {"Keys": [{"pk": {"S": "S1"}}]}}),
    "a count": lambda client: client.scan(TableName="seats", Select="COUNT")["Count"],
    "pages": lambda client: next(iter(client.get_paginator("scan").paginate(TableName="seats")))["Items"][0],
}
LACKING: dict[str, tuple[Read, str]] = {
    "an index that is not declared": (
        lambda client: client.query(IndexName="byCity", **OF_LH1),
        "table 'seats' has no index 'byCity' here: declare its keys",
    ),
    "another language": (
        lambda client: client.execute_statement(Statement="SELECT * FROM seats"),
        "dynamodb's ExecuteStatement is not simulated",
    ),
    "a legacy parameter": (
        lambda client: client.scan(TableName="seats", AttributesToGet=["pk"]),
        "Scan with ['AttributesToGet'] is not simulated",
    ),
    "a legacy condition": (
        lambda client: client.query(
            TableName="seats",
            KeyConditions={"pk": {"AttributeValueList": [{"S": "S1"}], "ComparisonOperator": "EQ"}},
        ),
        "Query with ['KeyConditions'] is not simulated",
    ),
    "a table by its ARN": (
        lambda client: client.get_item(
            TableName="arn:aws:dynamodb:us-east-1:123456789012:table/seats", Key={"pk": {"S": "S1"}}
        ),
        "a table named by its ARN",
    ),
}
BEYOND: dict[str, tuple[str, Read]] = {
    "the default bus": ("events", lambda client: client.put_events(Entries=[EVENT])),
    "another bus": ("events", lambda client: client.put_events(Entries=[{"EventBusName": "mine", **EVENT}])),
    "a queue": ("sqs", lambda client: client.send_message(QueueUrl=QUEUE, MessageBody="{}")),
    "a state machine": ("stepfunctions", lambda client: client.start_execution(stateMachineArn=MACHINE)),
}
"""What a handler may have been granted by its own stack, of which the check knows nothing."""


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_a_handler_reads_is_there(read: Read, own: bool) -> None:  # noqa: FBT001 # a parameter
    report = checked(read, own=own)
    assert report.ok, str(report)


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(("read", "text"), LACKING.values(), ids=LACKING)
def test_what_the_check_lacks_is_no_handlers_fault(read: Read, text: str, own: bool) -> None:  # noqa: FBT001 # likewise
    with pytest.raises(CheckError) as lacking:
        checked(read, own=own)
    assert text in str(lacking.value)


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(("service", "read"), BEYOND.values(), ids=BEYOND)
def test_a_handlers_other_resources_are_not_denied_but_lacking(service: str, read: Read, own: bool) -> None:  # noqa: FBT001 # likewise
    with pytest.raises(CheckError) as lacking:
        checked(read, own=own, service=service)
    assert "hand over what calls them in providers" in str(lacking.value)
