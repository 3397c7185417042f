"""Orchestrated: executions that failed, timed out, were stopped or deleted."""

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from saga_runtime import telemetry
from saga_runtime.command import Command
from saga_runtime.ledger import SagaKey, State
from saga_runtime.relay.verdict import Verdict
from saga_runtime.values import canonical

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

Json = dict[str, Any]
MOST_RERUNS: Final = 3
"""A saga whose executions die this often needs somebody to look."""


@dataclass(frozen=True)
class Executions:
    """Hears of executions that ended otherwise than by success."""

    verdict: Verdict

    def failed(self, arn: str) -> None:
        """Answer one execution."""
        execution = self.verdict.services.states.describe_execution(executionArn=arn)
        command = self.verdict.command(json.loads(execution.get("input", "null")))
        saga = SagaKey.of(command)
        state = self.verdict.sagas.state(saga)
        if not state.is_of(command):
            reason = f"saga id {command.saga_id!r} is taken by a saga with another input"
            telemetry.logger().error("refused", extra={"reason": reason, "execution": arn})
            return
        error, cause = execution.get("error", ""), execution.get("cause", "")
        match state.status, execution["status"]:
            case "COMPLETED", _:
                self.verdict.completed(command, state)
            case "STUCK", _:
                # Told again: whoever marked it may have died before the telling, and a repetition harms nobody.
                self.verdict.stuck(self._at(command, state), error, cause)
            case "COMPENSATED", _ if state.closed_by_relay or _may_be_untold(error, cause):
                self.verdict.compensated(command, cause)
            case (("COMPENSATED" | "FORGIVEN"), _):
                return
            case _ if error == "COMPENSATED":
                # The machine is through, yet nobody closed the saga: it had nothing to undo.
                self.verdict.sagas.abort(saga, tuple(self.verdict.steps))
                self.verdict.compensated(command, cause)
            case "COMPENSATING", "FAILED":
                self.verdict.stuck(self._at(command, state), error, cause)
            case "COMMITTED", "FAILED" if error != "PastPivot":
                self.verdict.stuck(self._at(command, state), error, cause)
            case _:
                self.verdict.sagas.abort(saga, tuple(self.verdict.steps))
                self._run_again(command, execution)

    def _at(self, command: Command, state: State) -> Command:
        return self.verdict.at(command, state.stands_at(tuple(self.verdict.steps)))

    def _run_again(self, command: Command, execution: "DescribeExecutionOutputTypeDef") -> None:
        """Run the same definition again: done steps answer from the ledger, the fence turns the rest back."""
        _, _, count = execution["name"].partition(".")
        again = int(count) + 1 if count.isdecimal() else 1
        if again > MOST_RERUNS:
            return self.verdict.stuck(
                command, "ExecutionsDied", f"{again} executions died; the last: {execution['name']}"
            )
        states = self.verdict.services.states
        with contextlib.suppress(states.exceptions.ExecutionAlreadyExists):  # this news came twice
            machine, name = version_of(execution), f"{command.saga_id}.{again}"
            states.start_execution(stateMachineArn=machine, name=name, input=canonical(command.saga))
        return None


def version_of(execution: "DescribeExecutionOutputTypeDef") -> str:
    """The definition that an execution ran: a saga in flight stays on the version it started with."""
    return execution.get("stateMachineVersionArn") or execution["stateMachineArn"]


def _may_be_untold(error: str, cause: str) -> bool:
    """Whether whoever closed the saga may have died before telling anybody; a repetition harms nobody.

    A rejection that was caught as such had been told, and so had a compensation that led on to the end.
    """
    if error != "COMPENSATED":
        return True
    try:
        failure = json.loads(cause)
    except ValueError:
        return True
    return not isinstance(failure, dict) or cast(Json, failure).get("outcome") != "rejected"
