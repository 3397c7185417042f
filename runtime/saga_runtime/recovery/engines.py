"""How a saga is set going from outside, in each style; the ledger decides what then happens."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError

from saga_runtime import ledger
from saga_runtime.admission import STARTED, started_as
from saga_runtime.client import execution_arn
from saga_runtime.entry.direct import announce
from saga_runtime.events import publish
from saga_runtime.join import publish_outcome
from saga_runtime.recovery.executions import backward, version_of
from saga_runtime.values import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

    from saga_runtime.command import Command
    from saga_runtime.outcome import Outcome
    from saga_runtime.services import Services

Json = dict[str, Any]
AGAIN: Final = "x"
"""What the name of the one replay of an execution ends with."""
TASK_ENDED: Final = ("TaskDoesNotExist", "TaskTimedOut", "InvalidToken")
"""What Step Functions says of a token whose task has ended meanwhile."""


class Engine(Protocol):
    """How a style is set going again; the ledger decides what then happens."""

    def compensate(self, saga: Json, step: str) -> None:
        """Undo, beginning with ``step``."""
        ...

    def resume(self, saga: Json, step: str) -> None:
        """Go on, beginning with ``step``."""
        ...

    def retry(self, saga: Json, step: str) -> str | None:
        """Go on before the pivot, beginning with ``step``, unless an execution is in progress; returns a refusal."""
        ...

    def answer(self, command: "Command", report: "Outcome") -> None:
        """Tell what became of a step that has waited."""
        ...

    def release(self, state: ledger.SagaState) -> None:
        """Fail the task tokens of an aborted saga's waiting steps."""
        ...


@dataclass(frozen=True)
class EventEngine:
    """Choreographed: the event that leads to the task is published again.

    Args:
        services: AWS.
        trigger_events: which event leads to the action of each step.
    """

    services: "Services"
    trigger_events: "Mapping[str, str]"

    def compensate(self, saga: Json, step: str) -> None:
        """An unknown outcome leads to the step's own compensation."""
        failure = {"step": step, "outcome": "unknown", "Error": "Ordered", "Cause": "on request", "recorded": True}
        publish(self.services, saga["name"], f"{step}.unknown", {**saga, "failure": failure})

    def resume(self, saga: Json, step: str) -> None:
        """The success of what comes before leads to this step."""
        event = self.trigger_events[step]
        publish(self.services, saga["name"], started_as(saga["version"]) if event == STARTED else event, saga)

    def retry(self, saga: Json, step: str) -> str | None:
        """A copy of a message is harmless."""
        self.resume(saga, step)

    def answer(self, command: "Command", report: "Outcome") -> None:
        """As the participant would; the message that keeps the time then finds that all has been told."""
        publish_outcome(self.services, command, report)
        _published(self.services, command)

    def release(self, state: ledger.SagaState) -> None:
        """Nothing to do: a message that comes back finds the fence."""


@dataclass(frozen=True)
class StateMachineEngine:
    """Orchestrated: the definition runs again; done steps answer from the ledger, fences turn the rest back.

    Args:
        services: AWS.
        machine: the deployed state machine.
        newest: the version of the definition that it has.
    """

    services: "Services"
    machine: str
    newest: str = ""

    def compensate(self, saga: Json, step: str) -> None:
        """Nothing is done until ``step``, which leads to its own compensation; for ``""`` the first fence does."""
        self._run(backward(saga, step) if step else {**saga, "results": {}})

    def resume(self, saga: Json, step: str) -> None:
        """Done steps answer from the ledger."""
        del step  # the ledger knows
        self._run({**saga, "results": {}})

    def retry(self, saga: Json, step: str) -> str | None:
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
            return f"saga {saga['id']!r} has been retried before: cancel it, if it makes no progress"
        return None

    def answer(self, command: "Command", report: "Outcome") -> None:
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
            if not command.after_pivot:
                return None
            self.resume(report.saga, command.step)
        # Or the same answer again would start another execution past the pivot.
        return _published(self.services, command)

    def _answer_of_events(self, command: "Command", report: "Outcome") -> None:
        """The step was asked when the saga was choreographed: no state waits for it, so an execution goes on."""
        if report.rejection:
            self.compensate(report.saga, command.step)
        else:
            self.resume(report.saga, command.step)
        return _published(self.services, command)

    def release(self, state: ledger.SagaState) -> None:
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


def _published(services: "Services", command: "Command") -> None:
    ledger.Callbacks(ledger.Store(services)).published(command)


def _is_over(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in TASK_ENDED
