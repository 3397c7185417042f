"""Orchestrated: executions that failed, timed out, were stopped or deleted."""

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from saga_runtime import telemetry
from saga_runtime.command import Command, parse
from saga_runtime.relay.verdict import Verdict
from saga_runtime.values import canonical

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

MOST_RERUNS: Final = 3
"""A saga whose executions die this often needs somebody to look."""


@dataclass(frozen=True)
class Executions:
    """Hears of executions that ended otherwise than by success."""

    verdict: Verdict

    def failed(self, arn: str) -> None:
        """Answer one execution."""
        execution = self.verdict.services.states.describe_execution(executionArn=arn)
        command = self._command(execution)
        state = self.verdict.sagas.state(command.saga_name, command.saga_id)
        if state.meta and state.meta["ih"] != command.input_hash:
            reason = f"saga id {command.saga_id!r} is taken by a saga with another input"
            telemetry.logger().error("refused", extra={"reason": reason, "execution": arn})
            return
        error, cause = execution.get("error", ""), execution.get("cause", "")
        match state.status, execution["status"]:
            case (("COMPENSATED" | "STUCK" | "COMPLETED" | "FORGIVEN"), _):
                return
            case _ if error == "COMPENSATED":
                # The machine is through, yet nobody closed the saga: it had nothing to undo.
                self.verdict.sagas.abort(command, self.verdict.steps)
                self.verdict.compensated(command, cause)
            case "COMPENSATING", "FAILED":
                self.verdict.stuck(command, error, cause)
            case _:
                self.verdict.sagas.abort(command, self.verdict.steps)
                self._run_again(command, execution)

    def _command(self, execution: "DescribeExecutionOutputTypeDef") -> Command:
        task = {"step": self.verdict.steps[0], "operation": "action", "handler": "relay"}
        return parse({"task": task, "saga": json.loads(execution.get("input", "null"))})

    def _run_again(self, command: Command, execution: "DescribeExecutionOutputTypeDef") -> None:
        """Run the same definition again: done steps answer from the ledger, the fence turns the rest back."""
        _, _, count = execution["name"].partition(".")
        again = int(count or 0) + 1
        if again > MOST_RERUNS:
            return self.verdict.stuck(
                command, "ExecutionsDied", f"{again} executions died; the last: {execution['name']}"
            )
        states = self.verdict.services.states
        with contextlib.suppress(states.exceptions.ExecutionAlreadyExists):  # this news came twice
            machine, name = execution["stateMachineArn"], f"{command.saga_id}.{again}"
            states.start_execution(stateMachineArn=machine, name=name, input=canonical(command.saga))
        return None
