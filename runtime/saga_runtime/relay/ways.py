"""How a saga is set in motion from outside, in each style; the ledger decides what then happens."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError

from saga_runtime import ledger
from saga_runtime.admission import STARTED, started_as
from saga_runtime.client import execution_arn
from saga_runtime.entry.direct import announce
from saga_runtime.events import publish
from saga_runtime.joining import tell
from saga_runtime.relay.executions import backward, version_of
from saga_runtime.values import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

    from saga_runtime.command import Command
    from saga_runtime.report import Report
    from saga_runtime.services import Services

Json = dict[str, Any]
AGAIN: Final = "x"
"""What the name of the one replay of an execution ends with."""
NOBODY_WAITS: Final = ("TaskDoesNotExist", "TaskTimedOut", "InvalidToken")
"""What Step Functions says of a token whose task has ended meanwhile."""


class Way(Protocol):
    """How a style is set in motion again; the ledger decides what then happens."""

    def back(self, saga: Json, step: str) -> None:
        """Undo, beginning with ``step``."""
        ...

    def forward(self, saga: Json, step: str) -> None:
        """Go on, beginning with ``step``."""
        ...

    def repeat(self, saga: Json, step: str) -> str | None:
        """Go on before the pivot, beginning with ``step``, unless somebody is at work; returns who."""
        ...

    def answer(self, command: "Command", report: "Report") -> None:
        """Tell what became of a step that has waited."""
        ...

    def release(self, state: ledger.State) -> None:
        """Let nobody wait any more for steps of a saga that has been turned back."""
        ...


@dataclass(frozen=True)
class ByEvents:
    """Choreographed: the event that leads to the task is published again.

    Args:
        services: AWS.
        forward_events: which event leads to the action of each step.
    """

    services: "Services"
    forward_events: "Mapping[str, str]"

    def back(self, saga: Json, step: str) -> None:
        """An unknown outcome leads to the step's own compensation."""
        failure = {"step": step, "outcome": "unknown", "Error": "Ordered", "Cause": "on order", "recorded": True}
        publish(self.services, saga["name"], f"{step}.unknown", {**saga, "failure": failure})

    def forward(self, saga: Json, step: str) -> None:
        """The success of what comes before leads to this step."""
        event = self.forward_events[step]
        publish(self.services, saga["name"], started_as(saga["version"]) if event == STARTED else event, saga)

    def repeat(self, saga: Json, step: str) -> str | None:
        """A copy of a message harms nobody."""
        self.forward(saga, step)

    def answer(self, command: "Command", report: "Report") -> None:
        """As the participant would; the message that keeps the time then finds that all has been told."""
        tell(self.services, command, report)
        _told(self.services, command)

    def release(self, state: ledger.State) -> None:
        """Nobody waits: a message that comes back finds the fence."""


@dataclass(frozen=True)
class ByMachine:
    """Orchestrated: the definition runs again; done steps answer from the ledger, fences turn the rest back.

    Args:
        services: AWS.
        machine: the deployed state machine.
        newest: the version of the definition that it has.
    """

    services: "Services"
    machine: str
    newest: str = ""

    def back(self, saga: Json, step: str) -> None:
        """Nothing is done until ``step``, which leads to its own compensation; for ``""`` the first fence does."""
        self._run(backward(saga, step) if step else {**saga, "results": {}})

    def forward(self, saga: Json, step: str) -> None:
        """Done steps answer from the ledger."""
        del step  # the ledger knows
        self._run({**saga, "results": {}})

    def repeat(self, saga: Json, step: str) -> str | None:
        """Two executions before the pivot would be one too many: while one goes on, the other may turn back."""
        del step  # the ledger knows
        execution = self._execution(saga["id"])
        if execution and execution["status"] == "RUNNING":
            return f"the execution of saga {saga['id']!r} is at work"
        states, machine = self.services.states, self._machine_for(saga, execution)
        name, document = self._runs.name(_key(saga), AGAIN), canonical({**saga, "results": {}})
        try:
            states.start_execution(stateMachineArn=machine, name=name, input=document)
        except states.exceptions.ExecutionAlreadyExists:
            return f"saga {saga['id']!r} has been replayed before: cancel it, if nobody is at work"
        return None

    def answer(self, command: "Command", report: "Report") -> None:
        """The state that waits goes on; past the pivot a new execution does, if that one has given up."""
        announce(self.services, command, report)
        if not command.token:
            return self._answer_of_events(command, report)
        if report.rejection:
            return self._fail(command.token, "Rejected", str(report.rejection))
        try:
            self.services.states.send_task_success(taskToken=command.token, output=canonical(report.saga))
        except ClientError as error:
            if not _is_over(error):
                raise
            if not command.forward:
                return None
            self.forward(report.saga, command.step)
        # Or the same answer again would start another execution past the pivot.
        return _told(self.services, command)

    def _answer_of_events(self, command: "Command", report: "Report") -> None:
        """The step was asked when the saga was choreographed: no state waits for it, so an execution goes on."""
        if report.rejection:
            self.back(report.saga, command.step)
        else:
            self.forward(report.saga, command.step)
        return _told(self.services, command)

    def release(self, state: ledger.State) -> None:
        """A state that waits is told that its step is fenced."""
        for item in state.steps.values():
            if item.get("st") == "PENDING" and item.get("tok"):
                self._fail(str(item["tok"]), "SagaFenced", "the saga is going back")

    def _fail(self, token: str, error: str, cause: str) -> None:
        try:
            self.services.states.send_task_failure(taskToken=token, error=error, cause=cause)
        except ClientError as refusal:
            if not _is_over(refusal):
                raise

    def _run(self, saga: Json) -> None:
        """Run the definition that it started with: as deployed if it is the newest, else as published then."""
        execution = self._execution(saga["id"])
        self.services.states.start_execution(
            stateMachineArn=self._machine_for(saga, execution),
            name=self._runs.resumption(_key(saga)),
            input=canonical(saga),
        )

    @property
    def _runs(self) -> ledger.Runs:
        return ledger.Runs(ledger.Store(self.services))

    def _machine_for(self, saga: Json, execution: "DescribeExecutionOutputTypeDef | None") -> str:
        """The deployed machine has the functions that there are; a published one those that were there before."""
        if execution is None or saga["version"] == self.newest:
            return self.machine
        return version_of(execution)

    def _execution(self, saga_id: str) -> "DescribeExecutionOutputTypeDef | None":
        """The one that it started with, if it is still there."""
        states = self.services.states
        try:
            return states.describe_execution(executionArn=execution_arn(self.machine, saga_id))
        except states.exceptions.ExecutionDoesNotExist:
            return None


def _key(saga: Json) -> ledger.SagaKey:
    return ledger.SagaKey(saga["name"], saga["id"])


def _told(services: "Services", command: "Command") -> None:
    ledger.Waiting(ledger.Store(services)).told(command)


def _is_over(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in NOBODY_WAITS
