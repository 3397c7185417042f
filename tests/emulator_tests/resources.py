"""Small AWS resources for the tests, made without CDK."""

import io
import json
import zipfile
from textwrap import dedent
from typing import Any
from uuid import uuid4

from emulator.instance import Emulator
from emulator.waiting import wait_until

ROLE = "arn:aws:iam::000000000000:role/test"


def function(emulator: Emulator, source: str, *, timeout: int = 5, role: str = ROLE, **environment: str) -> str:
    """A Python function with this source, its handler named `handler`; returns its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("code.py", dedent(source))
    answer = emulator.client("lambda").create_function(
        FunctionName=f"function-{uuid4().hex[:8]}",
        Runtime="python3.13",
        Role=role,
        Handler="code.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=timeout,
        Environment={"Variables": environment},
    )
    return answer["FunctionArn"]


def invoke(emulator: Emulator, arn: str, payload: Any) -> Any:
    """Call a function; returns what it answers, be it a result or an error."""
    answer = emulator.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(payload))
    return json.load(answer["Payload"])


def state_machine(emulator: Emulator, states: dict[str, Any]) -> str:
    """A JSONata state machine that begins with its first state; returns its ARN."""
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    answer = emulator.client("stepfunctions").create_state_machine(
        name=f"machine-{uuid4().hex[:8]}", definition=json.dumps(definition), roleArn=ROLE
    )
    return answer["stateMachineArn"]


def run(emulator: Emulator, machine: str, **execution_input: Any) -> dict[str, Any]:
    """Execute a state machine to its end; returns `DescribeExecution`'s answer."""
    client = emulator.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine, input=json.dumps(execution_input))["executionArn"]

    def ended() -> dict[str, Any] | None:
        execution = client.describe_execution(executionArn=arn)
        return None if execution["status"] == "RUNNING" else execution

    return wait_until(ended, what=f"the end of {arn}")


def queue(emulator: Emulator, *, visibility: int = 0, **attributes: str) -> str:
    """An SQS queue; returns its URL."""
    answer = emulator.client("sqs").create_queue(
        QueueName=f"queue-{uuid4().hex[:8]}", Attributes={"VisibilityTimeout": str(visibility), **attributes}
    )
    return answer["QueueUrl"]


def queue_arn(emulator: Emulator, url: str) -> str:
    """The ARN of a queue."""
    answer = emulator.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return answer["Attributes"]["QueueArn"]


def table(emulator: Emulator) -> str:
    """A table keyed like the ledger; returns its name."""
    name = f"table-{uuid4().hex[:8]}"
    emulator.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return name
