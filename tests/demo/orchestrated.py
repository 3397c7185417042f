"""Watching sagas that are executions of a state machine: their history tells everything."""

import json
from collections.abc import Iterator
from typing import Any, Final

from demo.deployment import Deployed
from demo.example import Example
from demo.mailbox import Mailbox
from saga_runtime import BadCommand

Json = dict[str, Any]
TRANSITIONS: Final = ("TaskStateEntered", "FailStateEntered")


class Orchestrated:
    """See `style.Style`."""

    counted = "transitions"

    def __init__(self, deployment: Deployed, example: Example) -> None:
        stack = deployment.named(f"{example.title}Orchestrated")
        self.target = deployment.target(stack)
        self._states = deployment.client("stepfunctions")
        self._lambda = deployment.client("lambda")
        self._first_function = deployment.functions[example.first]
        self._dead = Mailbox(deployment.client("sqs"), deployment.queues(stack)["SagaDead"], _body)

    def smuggle(self, command: Json) -> None:
        """As `style.Style`: called the way Step Functions would."""
        answer = self._lambda.invoke(FunctionName=self._first_function, Payload=json.dumps(command))
        if "FunctionError" in answer:
            error = json.load(answer["Payload"])
            raise BadCommand(f"{error['errorType']}: {error['errorMessage']}")

    def kept(self, key: str) -> int:
        """As `style.Style`."""
        return sum(key in body for body in self._dead.messages())

    def steps(self, saga_id: str) -> list[str]:
        """As `style.Style`: the states it entered, and what failed, also when it ran again."""
        return [words for event in self._events(saga_id) if (words := _in_words(event))]

    def count(self, key: str) -> int:
        """As `style.Style`: what Step Functions charges for."""
        return sum(event["type"] in TRANSITIONS for event in self._events(key))

    def close(self) -> None:
        """As `style.Style`: nothing was made."""

    def is_quiet(self) -> bool:
        """As `style.Style`."""
        return not any(execution["status"] == "RUNNING" for execution in self._executions())

    @property
    def _machine(self) -> str:
        """The state machine, of whichever version: sagas are started through its alias."""
        return ":".join(self.target.where.split(":")[:7])

    def _executions(self) -> list[Json]:
        """All of them, oldest first."""
        pages = self._states.get_paginator("list_executions").paginate(stateMachineArn=self._machine)
        return [execution for page in pages for execution in page["executions"]][::-1]

    def _events(self, key: str) -> Iterator[Json]:
        """The histories of all executions whose names begin with `key`."""
        paginator = self._states.get_paginator("get_execution_history")
        for execution in self._executions():
            if execution["name"].startswith(key):
                for page in paginator.paginate(executionArn=execution["executionArn"]):
                    yield from page["events"]


def _body(message: Json) -> str:
    return message["Body"]


def _in_words(event: Json) -> str:
    match event["type"]:
        case "TaskStateEntered" | "FailStateEntered":
            return event["stateEnteredEventDetails"]["name"]
        case "LambdaFunctionFailed":
            return _failure(event["lambdaFunctionFailedEventDetails"])
        case "TaskFailed":
            return _failure(event["taskFailedEventDetails"])
        case _:
            return ""


def _failure(details: Json) -> str:
    """The error's name, and what the function says about it."""
    try:
        text = json.loads(details["cause"])["errorMessage"]
    except (KeyError, TypeError, ValueError):
        text = details.get("cause", "")
    return f"failed: {details['error']}: {text}"
