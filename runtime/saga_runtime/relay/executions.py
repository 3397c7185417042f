"""Orchestrated: executions that failed, timed out, were stopped or deleted."""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from saga_runtime import telemetry
from saga_runtime.causes import plain
from saga_runtime.command import Command
from saga_runtime.envelope import checked_id
from saga_runtime.ledger import Lost, Runs, SagaKey, State, unknown_steps
from saga_runtime.ledger.items import CLAIMS, MAX_ERROR
from saga_runtime.ledger.meta import contradiction
from saga_runtime.ledger.runs import RERUNS, next_rerun
from saga_runtime.relay.history import results_known
from saga_runtime.relay.news import execution_of, name_in
from saga_runtime.relay.verdict import GIVEN_UP, Verdict
from saga_runtime.values import canonical

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

Json = dict[str, Any]
NOT_ATTEMPTS: Final = ("Busy", "Leased", "Lambda.TooManyRequestsException", "Lambda.ServiceException")
"""Errors of deliveries that reached no handler."""
REFUSED_BACK: Final = ("PastPivot", "COMPENSATED")
"""How an execution fails whose way back was refused: at the first compensation, or at each if it goes on."""


@dataclass(frozen=True)
class Executions:
    """Hears of executions that ended otherwise than by success."""

    verdict: Verdict

    def failed(self, news: Json) -> None:
        """Answer the news of one execution; the ledger is read first, by the execution's name."""
        name = name_in(news)
        named = SagaKey(self.verdict.saga, checked_id(name.partition(".")[0]))
        state = self.verdict.sagas.state(named)
        if "." in name and not state.runs(name):
            reason = f"execution {name!r} was not started by recovery, and is no saga's first: nothing is done for it"
            return telemetry.logger().error("refused", extra={"reason": reason, "execution": news["executionArn"]})
        execution = execution_of(news, self.verdict.services, named, state)
        verdict = self.verdict.of(str(state.meta.get("v", self.verdict.version)))
        start = {"execution": name, "at": execution["startDate"].isoformat()}
        command = verdict.command(json.loads(execution.get("input", "null")), start)
        return Executions(verdict).answer(command, news["executionArn"], execution, state)

    def answer(self, command: Command, arn: str, execution: "DescribeExecutionOutputTypeDef", state: State) -> None:
        """Answer one of a saga of this version, which the ledger has in that state."""
        if not state.is_of(command):
            reason = f"saga id {command.saga_id!r} is taken by a saga with another input"
            telemetry.logger().error("refused", extra={"reason": reason, "execution": arn})
        elif lost := self._lost(command, arn, state):
            self._contradicted(lost)
        else:
            self._answer(command, execution, state)

    def _answer(self, command: Command, execution: "DescribeExecutionOutputTypeDef", state: State) -> None:
        error, cause = _real(execution.get("error", ""), plain(execution.get("cause", "")), self.verdict, state)
        match state.status, execution["status"]:
            case "COMPLETED", _:
                self.verdict.completed(command, state)
            case "STUCK", _:
                # Told again: whoever marked it may have died before the telling, and a repetition harms nobody.
                steps = self.verdict.in_order(state.stuck) if CLAIMS in state.meta else state.stuck
                self.verdict.stuck(command, error, cause, steps)
            case (("COMPENSATED" | "FORGIVEN"), _):
                if not _is_published(error, execution.get("cause", "")):
                    self._compensated(command, execution, cause)
            case "COMMITTED" | "COMPENSATING", "FAILED" if error not in _refusals(state):
                self._failed_again(command, state, execution)
            case status, _:
                why = self._why(state, error or f"the execution was {execution['status'].lower()}", cause)
                saga = SagaKey.of(command)
                state = self.verdict.sagas.abort(saga, tuple(self.verdict.steps), why=why, known=command)
                if error == "COMPENSATED" and status != "COMMITTED":
                    self._through(command, state, execution, cause)
                else:
                    self._run_again(command, state, execution)

    def _lost(self, command: Command, arn: str, state: State) -> Command | None:
        """The command with what the execution knew, if that has results of which the ledger knows nothing.

        Once the ledger has the saga as going back it knows all that was done before.
        """
        if state.status not in {"", "RUNNING"} and not state.never_began:
            return None
        knowing = command.with_results(results_known(self.verdict.services, arn))
        return knowing if unknown_steps(knowing, state) else None

    def _contradicted(self, command: Command) -> None:
        """Ask somebody to look, as the ledger has lost what ``command`` knows."""
        state = self.verdict.sagas.state(SagaKey.of(command))
        lost = contradiction(command, *unknown_steps(command, state))
        Lost(self.verdict.sagas.store).record(command, lost)
        stuck = self.verdict.in_order(self.verdict.sagas.state(SagaKey.of(command)).stuck)
        self.verdict.stuck(command, type(lost).__name__, str(lost), stuck)

    def _failed_again(self, command: Command, state: State, execution: "DescribeExecutionOutputTypeDef") -> None:
        """It cannot go on where it failed, unless the functions that it called are not those that there are now."""
        if self._is_superseded(command, execution):
            return self._run_again(command, state, execution)
        error, cause = _real(execution.get("error", ""), plain(execution.get("cause", "")), self.verdict, state)
        return self.verdict.stuck(command, error, cause, self.verdict.standing(state))

    def _why(self, state: State, error: str, cause: str) -> str:
        """What turns the saga back, for people: a failing end names the step, else it is the first that is not done."""
        if error == "COMPENSATED":
            return cause[:MAX_ERROR]
        at = next((step for step in self.verdict.steps if not state.done([step])), "")
        return f"{at}: unknown: {': '.join(filter(None, (error, cause)))}"[:MAX_ERROR]

    def _through(self, command: Command, state: State, execution: "DescribeExecutionOutputTypeDef", cause: str) -> None:
        """The machine is through, yet nobody closed the saga: it had nothing to undo, or has left something behind."""
        if left := self.verdict.left(state):
            known = filter(None, (state.last_error(step, "compensation") for step in left))
            self.verdict.stuck(command, *next(known, (GIVEN_UP, cause)), left)
        else:
            self._compensated(command, execution, cause)

    def _compensated(self, command: Command, execution: "DescribeExecutionOutputTypeDef", cause: str) -> None:
        """Announce that all is undone, with the failure that the machine has ended with."""
        failure = _failure_in(execution.get("cause", ""))
        if isinstance(failure.get("Error"), str) and failure.get("step") in self.verdict.steps:
            why = plain(str(failure.get("Cause", "")))
            self.verdict.compensated(replace(command, step=failure["step"]), why, failure["Error"])
        else:
            self.verdict.compensated(command, cause)

    def _run_again(self, command: Command, state: State, execution: "DescribeExecutionOutputTypeDef") -> None:
        """Run the same definition again: done steps answer from the ledger, and the way back goes on where it was."""
        if (suffix := next_rerun(execution["name"])) is None:
            died = f"{1 + len(RERUNS)} executions died; the last: {execution['name']}"
            return self.verdict.stuck(command, "ExecutionsDied", died)
        states = self.verdict.services.states
        with contextlib.suppress(states.exceptions.ExecutionAlreadyExists):  # this news came twice
            machine = self._machine_for(command, execution)
            name = Runs(self.verdict.sagas.store).name(SagaKey.of(command), suffix)
            left = self.verdict.left(state) if state.meta["st"] == "COMPENSATING" else []
            saga = backward(command.saga, left[0]) if left else command.saga
            states.start_execution(stateMachineArn=machine, name=name, input=canonical(saga))
        return None

    def _machine_for(self, command: Command, execution: "DescribeExecutionOutputTypeDef") -> str:
        """The deployed machine if that has the saga's definition, else the published one that it ran on."""
        deployed = os.environ.get("SAGA_STATE_MACHINE")
        newest = next(iter(self.verdict.versions), "")
        return deployed if deployed and command.saga_version == newest else version_of(execution)

    def _is_superseded(self, command: Command, execution: "DescribeExecutionOutputTypeDef") -> bool:
        """Whether the same definition was deployed again since, so that a machine with other functions has it.

        An execution that names no version, as one started on the machine itself, cannot tell.
        """
        ran = execution.get("stateMachineVersionArn")
        return ran is not None and self._machine_for(command, execution) != ran


def _refusals(state: State) -> Sequence[str]:
    """The errors of an execution whose way back was refused or is through; of these, the ledger knows what follows."""
    return REFUSED_BACK if state.meta["st"] == "COMMITTED" else REFUSED_BACK[1:]


def backward(saga: Json, step: str) -> Json:
    """The travelling half of a saga whose execution does nothing until it goes back from ``step``."""
    return {**saga, "results": {}, "back": step}


def version_of(execution: "DescribeExecutionOutputTypeDef") -> str:
    """The definition that an execution ran: a saga in flight stays on the version it started with."""
    return execution.get("stateMachineVersionArn") or execution["stateMachineArn"]


def _real(error: str, cause: str, verdict: Verdict, state: State) -> tuple[str, str]:
    """What went wrong; where the last delivery reached no handler, the error of the last attempt, by the ledger."""
    if error not in NOT_ATTEMPTS:
        return error, cause
    operation = "compensation" if state.meta.get("st") in {"COMPENSATING", "STUCK"} else "action"
    known = (state.last_error(step, operation) for step in verdict.standing(state))
    return next(filter(None, known), (error, cause))


def _is_published(error: str, cause: str) -> bool:
    """Whether the execution says that the ending was published; else the function may have died before it could.

    A rejection that was caught as such was published before, unless a compensation was left behind later.
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
