"""Watching sagas that are executions of a state machine: their history tells everything."""

import json
from collections.abc import Iterator
from typing import Any, Final

from demo.deployment import ORCHESTRATED, Deployment
from demo.mailbox import Mailbox
from saga_runtime import BadCommand
from saga_runtime.client import start
from saga_runtime.services import Services

Json = dict[str, Any]
TRANSITIONS: Final = ("TaskStateEntered", "FailStateEntered")


class Orchestrated:
    """See `style.Style`."""

    counted = "transitions"

    def __init__(self, deployment: Deployment) -> None:
        self.target = deployment.target(ORCHESTRATED)
        self._services = Services(client=deployment.client)
        self._states = self._services.states
        self._lambda = deployment.client("lambda")
        self._first_function = deployment.functions["Flights"]
        self._dead = Mailbox(self._services.sqs, deployment.queues(ORCHESTRATED)["TripDead"])
        self._started: set[str] = set()

    def start(self, saga_id: str, given: Json) -> None:
        """As `style.Style`."""
        start(self.target, saga_id, given, services=self._services)
        self._started.add(saga_id)

    def smuggle(self, command: Json) -> None:
        """As `style.Style`: called the way Step Functions would."""
        answer = self._lambda.invoke(FunctionName=self._first_function, Payload=json.dumps(command))
        if "FunctionError" in answer:
            error = json.load(answer["Payload"])
            raise BadCommand(f"{error['errorType']}: {error['errorMessage']}")

    def kept(self, key: str) -> int:
        """As `style.Style`."""
        return sum(key in body for body in self._dead.bodies())

    def steps(self, saga_id: str) -> list[str]:
        """As `style.Style`: the states it entered, and what failed."""
        return [words for event in self._history(saga_id) if (words := _in_words(event))]

    def count(self, key: str) -> int:
        """As `style.Style`: what Step Functions charges for."""
        ids = [saga_id for saga_id in self._started if saga_id.startswith(key)]
        return sum(event["type"] in TRANSITIONS for saga_id in ids for event in self._history(saga_id))

    def is_quiet(self) -> bool:
        """As `style.Style`."""
        arns = [self._arn(saga_id) for saga_id in self._started]
        return all(self._states.describe_execution(executionArn=arn)["status"] != "RUNNING" for arn in arns)

    def _arn(self, saga_id: str) -> str:
        return f"{self.target.where.replace(':stateMachine:', ':execution:')}:{saga_id}"

    def _history(self, saga_id: str) -> Iterator[Any]:
        paginator = self._states.get_paginator("get_execution_history")
        for page in paginator.paginate(executionArn=self._arn(saga_id)):
            yield from page["events"]


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
