"""Orchestrated: executions that failed, timed out, were stopped or deleted."""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from saga_runtime import telemetry
from saga_runtime.command import Command
from saga_runtime.envelope import checked_id
from saga_runtime.error_text import error_text
from saga_runtime.ledger import Lost, Runs, SagaKey, SagaState, unknown_steps
from saga_runtime.ledger.items import CLAIMS, MAX_ERROR
from saga_runtime.ledger.runs import RERUNS, next_rerun
from saga_runtime.recovery.context import GIVEN_UP, SagaContext
from saga_runtime.recovery.history import results_known
from saga_runtime.recovery.news import execution_of, name_in
from saga_runtime.values import canonical

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

Json = dict[str, Any]
NOT_ATTEMPTS: Final = ("Busy", "Leased", "Lambda.TooManyRequestsException", "Lambda.ServiceException")
"""Errors of deliveries that reached no handler."""
REFUSED_BACK: Final = ("PastPivot", "COMPENSATED")
"""How an execution fails whose compensation was refused: at the first compensation, or at each if it goes on."""


@dataclass(frozen=True)
class Executions:
    """Hears of executions that ended otherwise than by success."""

    context: SagaContext

    def failed(self, news: Json) -> None:
        """Answer the news of one execution; the ledger is read first, by the execution's name."""
        name = name_in(news)
        named = SagaKey(self.context.saga, checked_id(name.partition(".")[0]))
        state = self.context.sagas.state(named)
        if "." in name and not state.runs(name):
            reason = f"execution {name!r} was not started by recovery, and is no saga's first: nothing is done for it"
            return telemetry.logger().error("refused", extra={"reason": reason, "execution": news["executionArn"]})
        execution = execution_of(news, self.context.services, named, state)
        context = self.context.of(str(state.meta.get("v", self.context.version)))
        start = {"execution": name, "at": execution["startDate"].isoformat()}
        command = context.command(json.loads(execution.get("input", "null")), start)
        return Executions(context).answer(command, news["executionArn"], execution, state)

    def answer(self, command: Command, arn: str, execution: "DescribeExecutionOutputTypeDef", state: SagaState) -> None:
        """Answer one of a saga of this version, which the ledger has in that state."""
        if not state.is_of(command):
            reason = f"saga id {command.saga_id!r} is taken by a saga with another input"
            telemetry.logger().error("refused", extra={"reason": reason, "execution": arn})
        elif lost := self._lost(command, arn, state):
            self._contradicted(lost)
        else:
            self._answer(command, execution, state)

    def _answer(self, command: Command, execution: "DescribeExecutionOutputTypeDef", state: SagaState) -> None:
        error, cause = _real(execution.get("error", ""), error_text(execution.get("cause", "")), self.context, state)
        match state.status, execution["status"]:
            case "COMPLETED", _:
                self.context.completed(command, state)
            case "STUCK", _:
                # Published again: the function that marked it may have crashed before publishing, and a repetition is
                # harmless.
                steps = self.context.in_order(state.stuck) if CLAIMS in state.meta else state.stuck
                self.context.stuck(command, error, cause, steps)
            case (("COMPENSATED" | "PARTIALLY_COMPENSATED"), _):
                if not _is_published(error, execution.get("cause", "")):
                    self._compensated(command, execution, cause)
            case "COMMITTED" | "COMPENSATING", "FAILED" if error not in _refusals(state):
                self._failed_again(command, state, execution)
            case status, _:
                why = self._why(state, error or f"the execution was {execution['status'].lower()}", cause)
                saga = SagaKey.of(command)
                state = self.context.sagas.abort(saga, tuple(self.context.steps), why=why, known=command)
                if error == "COMPENSATED" and status != "COMMITTED":
                    self._through(command, state, execution, cause)
                else:
                    self._run_again(command, state, execution)

    def _lost(self, command: Command, arn: str, state: SagaState) -> Command | None:
        """The command with what the execution knew, if that has results of which the ledger knows nothing.

        Once the ledger has the saga as going back it knows all that was done before.
        """
        if state.status not in {"", "RUNNING"} and not state.never_began:
            return None
        knowing = command.with_results(results_known(self.context.services, arn))
        return knowing if unknown_steps(knowing, state) else None

    def _contradicted(self, command: Command) -> None:
        """Mark the saga as stuck, as the ledger has lost what ``command`` knows."""
        state = self.context.sagas.state(SagaKey.of(command))
        lost = Lost(self.context.sagas.store).contradicted(command, state)
        stuck = self.context.in_order(self.context.sagas.state(SagaKey.of(command)).stuck)
        self.context.stuck(command, type(lost).__name__, str(lost), stuck)

    def _failed_again(self, command: Command, state: SagaState, execution: "DescribeExecutionOutputTypeDef") -> None:
        """It cannot go on where it failed, unless the functions that it called are not those that there are now."""
        if self._is_superseded(command, execution):
            return self._run_again(command, state, execution)
        error, cause = _real(execution.get("error", ""), error_text(execution.get("cause", "")), self.context, state)
        return self.context.stuck(command, error, cause, self.context.position(state))

    def _why(self, state: SagaState, error: str, cause: str) -> str:
        """What aborts the saga, for people: a failing end names the step, else it is the first that is not done."""
        if error == "COMPENSATED":
            return cause[:MAX_ERROR]
        at = next((step for step in self.context.steps if not state.done([step])), "")
        return f"{at}: unknown: {': '.join(filter(None, (error, cause)))}"[:MAX_ERROR]

    def _through(
        self, command: Command, state: SagaState, execution: "DescribeExecutionOutputTypeDef", cause: str
    ) -> None:
        """The execution has ended, yet the saga is open: it had nothing to undo, or compensations failed."""
        if left := self.context.to_compensate(state):
            known = filter(None, (state.last_error(step, "compensation") for step in left))
            self.context.stuck(command, *next(known, (GIVEN_UP, cause)), left)
        else:
            self._compensated(command, execution, cause)

    def _compensated(self, command: Command, execution: "DescribeExecutionOutputTypeDef", cause: str) -> None:
        """Announce that all is undone, with the failure that the machine has ended with."""
        failure = _failure_in(execution.get("cause", ""))
        if isinstance(failure.get("Error"), str) and failure.get("step") in self.context.steps:
            why = error_text(str(failure.get("Cause", "")))
            self.context.compensated(replace(command, step=failure["step"]), why, failure["Error"])
        else:
            self.context.compensated(command, cause)

    def _run_again(self, command: Command, state: SagaState, execution: "DescribeExecutionOutputTypeDef") -> None:
        """Run the same definition again: done steps answer from the ledger, and compensation continues where it was."""
        if (suffix := next_rerun(execution["name"])) is None:
            died = f"{1 + len(RERUNS)} executions died; the last: {execution['name']}"
            return self.context.stuck(command, "ExecutionsDied", died)
        states = self.context.services.states
        with contextlib.suppress(states.exceptions.ExecutionAlreadyExists):  # this news came twice
            machine = self._machine_for(command, execution)
            name = Runs(self.context.sagas.store).name(SagaKey.of(command), suffix)
            left = self.context.to_compensate(state) if state.meta["st"] == "COMPENSATING" else []
            saga = backward(command.saga, left[0]) if left else command.saga
            states.start_execution(stateMachineArn=machine, name=name, input=canonical(saga))
        return None

    def _machine_for(self, command: Command, execution: "DescribeExecutionOutputTypeDef") -> str:
        """The deployed machine if that has the saga's definition, else the published one that it ran on."""
        deployed = os.environ.get("SAGA_STATE_MACHINE")
        newest = next(iter(self.context.versions), "")
        return deployed if deployed and command.saga_version == newest else version_of(execution)

    def _is_superseded(self, command: Command, execution: "DescribeExecutionOutputTypeDef") -> bool:
        """Whether the same definition was deployed again since, so that a machine with other functions has it.

        An execution that names no version, as one started on the machine itself, cannot tell.
        """
        ran = execution.get("stateMachineVersionArn")
        return ran is not None and self._machine_for(command, execution) != ran


def _refusals(state: SagaState) -> Sequence[str]:
    """The errors of an execution whose compensation was refused or is done; the ledger knows what follows."""
    return REFUSED_BACK if state.meta["st"] == "COMMITTED" else REFUSED_BACK[1:]


def backward(saga: Json, step: str) -> Json:
    """The saga state of a saga whose execution does nothing until it goes back from ``step``."""
    return {**saga, "results": {}, "compensate_from": step}


def version_of(execution: "DescribeExecutionOutputTypeDef") -> str:
    """The definition that an execution ran: a saga in flight stays on the version it started with."""
    return execution.get("stateMachineVersionArn") or execution["stateMachineArn"]


def _real(error: str, cause: str, context: SagaContext, state: SagaState) -> tuple[str, str]:
    """What went wrong; where the last delivery reached no handler, the error of the last attempt, by the ledger."""
    if error not in NOT_ATTEMPTS:
        return error, cause
    operation = "compensation" if state.meta.get("st") in {"COMPENSATING", "STUCK"} else "action"
    known = (state.last_error(step, operation) for step in context.position(state))
    return next(filter(None, known), (error, cause))


def _is_published(error: str, cause: str) -> bool:
    """Whether the execution says that the ending was published; else the function may have died before it could.

    A rejection that was caught as such was published before, unless a compensation was given up later.
    """
    if error != "COMPENSATED":
        return False
    known = _failure_in(cause)
    return bool(known.get("published")) or (known.get("outcome") == "rejected" and not known.get("stuck"))


def _failure_in(cause: str) -> Json:
    """The failure that a failing end of the machine has for its cause; empty for any other text."""
    try:
        failure = json.loads(cause)
    except ValueError:
        return {}
    return cast(Json, failure) if isinstance(failure, dict) else {}
