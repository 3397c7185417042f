"""The course of an execution through its states, and through those of each branch."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from cdk_saga.render.permissions import MACHINE
from cdk_saga.testing.clock import Clock
from cdk_saga.testing.faults import Lost, Stop
from cdk_saga.testing.schedule import Schedule
from cdk_saga.testing.services.expressions import EvaluationError
from cdk_saga.testing.services.function import Answer
from cdk_saga.testing.services.functions import Functions, Kind
from cdk_saga.testing.services.machines import Attempts, Machine, MachineState, MachineStates

Json = dict[str, Any]


@dataclass(frozen=True)
class InterpreterServices:
    """What every course needs.

    Attributes:
        clock: the time.
        schedule: how long things take.
        functions: AWS Lambda.
        tokens: who waits for an answer, by token.
    """

    clock: Clock
    schedule: Schedule
    functions: Functions
    tokens: dict[str, Callable[[Answer], None]] = field(default_factory=dict[str, Callable[[Answer], None]])


@dataclass(frozen=True)
class Endings:
    """What becomes of a course in the end.

    Attributes:
        done: takes its output.
        failed: takes its error and the cause.
        stopped: an operator has stopped the execution.
        deleted: it is there no more, and no notification is sent.
        entered: hears of each state that is entered: its type, its name and its input.
    """

    done: Callable[[Any], None]
    failed: Callable[[str, str], None]
    stopped: Callable[[], None]
    deleted: Callable[[], None]
    entered: Callable[[str, str, Any], None]


@dataclass(eq=False)
class Interpreter:
    """A way through states, one at a time.

    Attributes:
        execution: what the context object says of the execution.
    """

    engine: InterpreterServices
    machine: Machine
    states: MachineStates
    ways: Endings
    execution: Json
    over: bool = False
    token: str = ""
    branches: list["Interpreter"] = field(default_factory=list["Interpreter"])

    def begin(self, given: Any) -> None:
        """Enter the first state."""
        self._enter(self.states.start, given)

    def stop(self) -> None:
        """Do nothing any more; functions in progress go on, and their answers are dropped."""
        self.over = True
        self.engine.tokens.pop(self.token, None)  # an answer is refused then
        for branch in self.branches:
            branch.stop()

    def _enter(self, name: str, given: Any) -> None:
        state = self.states.by_name[name]
        self.ways.entered(state.definition["Type"], name, given)
        match state.definition["Type"]:
            case "Task":
                attempts = Attempts(state.definition.get("Retry", ()))
                self._soon(lambda: self._call(state, given, attempts))
            case "Parallel":
                self._fork(state, given)
            case "Succeed":
                self.over = True
                self.ways.done(given)
            case "Fail":
                self._fail(self._text(state, "Error", given), self._text(state, "Cause", given))
            case kind:
                raise NotImplementedError(f"a state of type {kind!r} is not simulated")

    def _soon(self, action: Callable[[], None]) -> None:
        self.engine.clock.after(self.engine.schedule.invocation(), lambda: None if self.over else action())

    def _call(self, state: MachineState, given: Any, attempts: Attempts) -> None:
        functions = self.engine.functions
        token = f"token-{len(self.engine.tokens) + 1}"
        context = {"State": {"Name": state.name, "RetryCount": attempts.retries}, "Task": {"Token": token}}
        arguments = state.templates["Arguments"]({"input": given, "context": {"Execution": self.execution, **context}})
        payload = json.dumps(arguments["Payload"] if state.waits else arguments)
        function = self.machine.functions[arguments["FunctionName"] if state.waits else state.definition["Resource"]]
        answered = False

        def done(answer: Answer) -> None:
            nonlocal answered
            if not (answered or self.over):
                answered = True
                self.engine.tokens.pop(token, None)
                self._answered(state, given, attempts, answer)

        def called(answer: Answer) -> None:
            if answer.error or not state.waits:
                done(answer)

        def again(_kind: Kind) -> None:
            functions.invoke(function, json.loads(payload), state.task, _ignore, _never)

        if state.waits:
            self.token = token
            self.engine.tokens[token] = done
        functions.invoke(function, json.loads(payload), state.task, called, again, role=MACHINE)
        faults = functions.faults.of_invocation(state.task, functions.invocations[state.task])
        if any(isinstance(fault, Stop) for fault in faults):
            self.ways.stopped()
        elif any(isinstance(fault, Lost) for fault in faults):
            self.ways.deleted()
        elif not answered:
            timeout = state.definition["TimeoutSeconds"]
            late = Answer(error="States.Timeout", cause=f"no answer after {timeout} seconds")
            self.engine.clock.after(timeout, lambda: done(late))

    def _answered(self, state: MachineState, given: Any, attempts: Attempts, answer: Answer) -> None:
        if not answer.error:
            return self._leave(state, answer.value)
        error = "Lambda.Unknown" if self.engine.functions.faults.nameless else answer.error
        wait = attempts.wait(error, self.engine.schedule.chance())
        if wait is None:
            return self._catch(state, given, error, answer.cause)
        self.engine.clock.after(wait, lambda: None if self.over else self._call(state, given, attempts))
        return None

    def _fork(self, state: MachineState, given: Any) -> None:
        results: dict[int, Any] = {}

        def done(i: int, value: Any) -> None:
            results[i] = value
            if len(results) == len(state.branches):
                outputs = [results[n] for n in range(len(results))]
                self._leave(state, state.templates["Output"]({"input": given, "result": outputs}))

        def failed(error: str, cause: str) -> None:
            for branch in self.branches:
                branch.stop()
            self._catch(state, given, error, cause)

        def branch_ways(i: int) -> Endings:
            return replace(self.ways, done=partial(done, i), failed=failed)

        self.branches = [
            Interpreter(self.engine, self.machine, states, branch_ways(i), self.execution)
            for i, states in enumerate(state.branches)
        ]
        for branch in self.branches:
            branch.begin(given)

    def _catch(self, state: MachineState, given: Any, error: str, cause: str) -> None:
        if catcher := state.catcher(error):
            context = {"Execution": self.execution}
            known = {"input": given, "context": context, "errorOutput": {"Error": error, "Cause": cause}}
            self._enter(catcher.next, catcher.output(known))
        else:
            self._fail(error, cause)

    def _leave(self, state: MachineState, output: Any) -> None:
        if state.definition.get("End"):
            self.over = True
            self.ways.done(output)
        else:
            self._enter(state.definition["Next"], output)

    def _fail(self, error: str, cause: str) -> None:
        self.over = True
        self.ways.failed(error, cause)

    def _text(self, state: MachineState, field: str, given: Any) -> str:
        try:
            return str(state.templates[field]({"input": given}))
        except EvaluationError as error:
            return f"States.QueryEvaluationError: {error}"


def _ignore(_answer: Answer) -> None:
    """A caller that has got its answer is not there for the second one."""


def _never(_kind: Kind) -> None:
    """A repetition is not repeated."""
