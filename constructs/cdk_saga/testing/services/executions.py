"""AWS Step Functions: runs the state machines that :func:`cdk_saga.render.state_machine` makes."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final

from botocore.exceptions import ClientError, ParamValidationError

from cdk_saga.testing.clock import iso
from cdk_saga.testing.dynamodb.errors import refused
from cdk_saga.testing.services.function import Answer
from cdk_saga.testing.services.interpreter import Endings, Interpreter, InterpreterServices
from cdk_saga.testing.services.machines import LIVE, Execution, Machine

Json = dict[str, Any]
LARGEST: Final = 262_144
"""Bytes of an input or output."""
LARGEST_IN_EVENT: Final = 248 * 1024
"""Bytes of an input and output, escaped, that an event includes."""
_NAME: Final = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")


def news_of(execution: Execution) -> Json:
    """The detail of an "Execution Status Change" event, as far as it is of interest here.

    docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html: the input is left out when it and the
    output have more than 248 KB, escaped.
    """
    fits = len(json.dumps(execution.input)) <= LARGEST_IN_EVENT
    return {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine.arn,
        "stateMachineVersionArn": execution.version,
        "name": execution.name,
        "status": execution.status,
        "startDate": int(execution.started * 1000),
        "input": execution.input if fits else None,
        "inputDetails": {"included": fits},
        "error": execution.error or None,
        "cause": execution.cause or None,
    }


class ExecutionAlreadyExists(ClientError):
    """The name is taken by another execution."""


class ExecutionDoesNotExist(ClientError):
    """There is no execution of that name, or none any more."""


class StepFunctions:
    """All executions of a run, and Step Functions as a boto3 client shows it.

    Args:
        engine: what executions need.
        ended: hears of each execution that ends.
    """

    exceptions = SimpleNamespace(
        ExecutionAlreadyExists=ExecutionAlreadyExists, ExecutionDoesNotExist=ExecutionDoesNotExist
    )

    def __init__(self, engine: InterpreterServices, ended: Callable[[Execution], None]) -> None:
        self.machines: dict[str, Machine] = {}
        self.executions: dict[str, Execution] = {}
        self._aliases: dict[str, str] = {}
        self._courses: dict[str, Interpreter] = {}
        self._engine = engine
        self._ended = ended

    def deploy(self, machine: Machine, version: str) -> None:
        """Make or update a state machine, publish a version of it under that ARN, and turn the alias to that."""
        self.machines |= {machine.arn: machine, version: machine}
        self._aliases[f"{machine.arn}:{LIVE}"] = version

    def remove(self, arn: str) -> None:
        """Delete a state machine, its versions and its executions."""
        for execution in [one for one in self.executions.values() if one.machine.arn == arn]:
            self.delete(execution)
            self.executions.pop(execution.arn, None)
        self.machines = {name: machine for name, machine in self.machines.items() if machine.arn != arn}
        self._aliases.clear()

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> Json:  # noqa: N803 # boto3's names
        """Start an execution; the same name with the same input is the same execution while it runs."""
        operation = "StartExecution"
        if not _NAME.fullmatch(name):
            raise refused("InvalidName", f"Invalid Name: '{name}'", operation)
        if len(input.encode()) > LARGEST:
            raise refused("InvalidExecutionInput", f"Input exceeds {LARGEST} bytes", operation)
        started = self._aliases.get(stateMachineArn, stateMachineArn)
        if started not in self.machines:
            raise refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{stateMachineArn}'", operation)
        execution = Execution(self.machines[started], name, input, self._engine.clock.now)
        execution.version = started if started != execution.machine.arn else None
        before = self.executions.get(execution.arn)
        if before and (before.status != "RUNNING" or before.input != input):
            message = f"Execution Already Exists: '{execution.arn}'"
            response: Any = {"Error": {"Code": "ExecutionAlreadyExists", "Message": message}}
            raise ExecutionAlreadyExists(response, operation)
        if not before:
            self.executions[execution.arn] = execution
            self._begin(execution)
        return {"executionArn": execution.arn}

    def describe_execution(self, *, executionArn: str) -> Json:  # noqa: N803 # boto3's name
        """What is known of an execution."""
        if executionArn not in self.executions:
            gone: Any = {"Error": {"Code": "ExecutionDoesNotExist", "Message": f"'{executionArn}' does not exist"}}
            raise ExecutionDoesNotExist(gone, "DescribeExecution")
        execution = self.executions[executionArn]
        failed = {"error": execution.error, "cause": execution.cause} if execution.error else {}
        return {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine.arn,
            **({"stateMachineVersionArn": execution.version} if execution.version else {}),
            "name": execution.name,
            "startDate": datetime.fromtimestamp(execution.started, UTC),
            "status": execution.status,
            "input": execution.input,
            **failed,
        }

    def get_execution_history(self, *, executionArn: str, reverseOrder: bool, maxResults: int) -> Json:  # noqa: N803 # boto3's names
        """Which states were entered with what; events of other types are not simulated."""
        if executionArn not in self.executions:
            gone: Any = {"Error": {"Code": "ExecutionDoesNotExist", "Message": f"'{executionArn}' does not exist"}}
            raise ExecutionDoesNotExist(gone, "GetExecutionHistory")
        events = self.executions[executionArn].history
        return {"events": (events[::-1] if reverseOrder else events)[:maxResults]}

    def stop_execution(self, *, executionArn: str) -> Json:  # noqa: N803 # boto3's name
        """Stop an execution; the functions that it has called go on."""
        self._end(self.executions[executionArn], "ABORTED")
        return {}

    def delete(self, execution: Execution) -> None:
        """Forget an execution in progress, without a notification: its state machine is deleted."""
        if execution.status == "RUNNING":
            self._courses[execution.arn].stop()
            del self.executions[execution.arn]

    def send_task_success(self, *, taskToken: str, output: str) -> Json:  # noqa: N803 # boto3's name
        """Let the task that waits for a token go on."""
        self._waiting(taskToken, "SendTaskSuccess")(Answer(json.loads(output)))
        return {}

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> Json:  # noqa: N803 # boto3's name
        """Let the task that waits for a token fail."""
        self._waiting(taskToken, "SendTaskFailure")(Answer(error=error, cause=cause))
        return {}

    def _waiting(self, token: str, operation: str) -> Callable[[Answer], None]:
        if not token:
            raise ParamValidationError(report="Invalid length for parameter taskToken, value: 0, valid min length: 1")
        if token not in self._engine.tokens:
            raise refused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", operation)
        return self._engine.tokens[token]

    def _begin(self, execution: Execution) -> None:
        ways = Endings(
            done=lambda _output: self._end(execution, "SUCCEEDED"),
            failed=lambda error, cause: self._end(execution, "FAILED", error, cause),
            stopped=lambda: self._end(execution, "ABORTED"),
            deleted=lambda: self.delete(execution),
            entered=lambda kind, name, given: execution.history.append(_entered(kind, name, given)),
        )
        about = {"Name": execution.name, "StartTime": iso(execution.started)}
        course = Interpreter(self._engine, execution.machine, execution.machine.states, ways, about)
        self._courses[execution.arn] = course
        course.begin(json.loads(execution.input))

    def _end(self, execution: Execution, status: str, error: str = "", cause: str = "") -> None:
        if execution.status != "RUNNING":
            return
        self._courses[execution.arn].stop()
        execution.status, execution.error, execution.cause = status, error, cause
        self._ended(execution)


def _entered(kind: str, name: str, given: Any) -> Json:
    """The event of a state that is entered ("HistoryEvent" of the API reference)."""
    return {"type": f"{kind}StateEntered", "stateEnteredEventDetails": {"name": name, "input": json.dumps(given)}}
