"""Small AWS resources for the tests, made without CDK."""

import io
import json
import zipfile
from textwrap import dedent
from typing import Any
from uuid import uuid4

from emulator.instance import Emulator
from emulator.waiting import wait_until

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def role(emulator: Emulator, *statements: dict[str, Any], service: str = "lambda") -> str:
    """A role of a service that allows this and nothing else; returns its ARN."""
    iam, name = emulator.client("iam"), f"role-{uuid4().hex[:8]}"
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
    iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=_policy(*statements))
    return made["Role"]["Arn"]


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def function(
    emulator: Emulator, source: str, *, timeout: int = 5, allowed: dict[str, Any] = EVERYTHING, **environment: str
) -> str:
    """A Python function with this source, its handler named `handler`; returns its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("code.py", dedent(source))
    answer = emulator.client("lambda").create_function(
        FunctionName=f"function-{uuid4().hex[:8]}",
        Runtime="python3.13",
        Role=role(emulator, allowed),
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
        name=f"machine-{uuid4().hex[:8]}",
        definition=json.dumps(definition),
        roleArn=role(emulator, EVERYTHING, service="states"),
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
