"""The interpreter of state machines does what Step Functions does with the definitions that we render."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cdk_saga.plan import compile_saga
from cdk_saga.render import state_machine
from cdk_saga.testing import Delay, Duplicate, Fault, NamelessErrors, Schedule, Stop
from cdk_saga.testing.faults import Faults
from cdk_saga.testing.services.executions import ExecutionAlreadyExists
from cdk_saga.testing.services.expressions import EvaluationError, expression, interpreted
from cdk_saga.testing.services.function import Function
from cdk_saga.testing.services.machines import Machine, MachineStates
from cdk_saga.testing.world import World
from simulation.shapes import saga

Json = dict[str, Any]
ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:m"
RETRY: Json = {"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 3, "MaxDelaySeconds": 5}
CATCH: Json = {
    "ErrorEquals": ["States.ALL"],
    "Output": "{%$merge([$states.input,{'failure':$merge([{'step':'a'},$states.errorOutput])}])%}",
    "Next": "undo",
}


class Busy(Exception):
    pass


class Bench:
    """A machine of two tasks, `a` and then `undo`, whose functions a test writes."""

    def __init__(self, *faults: Fault, **state: Any) -> None:
        self.world = World(Schedule.calm(), Faults(faults), {})
        self.calls: list[tuple[int, Json]] = []
        self.errors: list[Exception] = []
        task = {
            "Type": "Task",
            "Resource": "f",
            "TimeoutSeconds": 30,
            "Arguments": {
                "task": {"step": "a", "operation": "action"},
                "saga": "{%$states.input%}",
                "attempt": "{%$states.context.State.RetryCount+1%}",
            },
        }
        fail = {"Type": "Fail", "Error": "GAVE_UP", "Cause": "{%$states.input.failure.Cause%}"}
        definition = {
            "StartAt": "a",
            "States": {"a": {**task, "Next": "b", **state}, "b": {**task, "End": True}, "undo": fail},
        }
        self.world.states.machines[ARN] = Machine(
            ARN, MachineStates(definition), {"f": Function("f", self._handle, 10)}
        )

    def run(self, given: Json | None = None, name: str = "one") -> Json:
        self.world.states.start_execution(stateMachineArn=ARN, name=name, input=json.dumps(given or {}))
        self.world.clock.run(100)
        return self.world.states.describe_execution(executionArn=f"{ARN.replace('stateMachine', 'execution')}:{name}")

    def _handle(self, event: Json, _context: Any) -> Json:
        self.calls.append((round(self.world.clock.elapsed), event))
        if self.errors:
            raise self.errors.pop(0)
        return {**event["saga"], "n": len(self.calls)}


def test_each_task_gets_what_the_one_before_returned() -> None:
    bench = Bench()
    assert bench.run({"x": 1})["status"] == "SUCCEEDED"
    assert [call["saga"] for _, call in bench.calls] == [{"x": 1}, {"x": 1, "n": 1}]


def test_a_named_error_is_retried_with_back_off_up_to_the_longest_delay() -> None:
    bench = Bench(Retry=[RETRY])
    bench.errors = [Busy(), Busy(), Busy()]
    assert bench.run()["status"] == "SUCCEEDED"
    assert [at for at, _ in bench.calls] == [0, 2, 6, 11, 11]
    assert [call["attempt"] for _, call in bench.calls] == [1, 2, 3, 4, 1]


def test_a_retrier_counts_its_own_attempts_only() -> None:
    bench = Bench(Retry=[{**RETRY, "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}])
    bench.errors = [Busy(), RuntimeError(), Busy()]
    execution = bench.run()
    assert (execution["status"], execution["error"], len(bench.calls)) == ("FAILED", "Busy", 3)


def test_what_no_retrier_names_goes_to_the_first_catcher_that_does() -> None:
    bench = Bench(Retry=[RETRY], Catch=[{**CATCH, "ErrorEquals": ["Other"]}, CATCH])
    bench.errors = [RuntimeError("broken")]
    execution = bench.run({"x": 1})
    assert (execution["status"], execution["error"]) == ("FAILED", "GAVE_UP")
    assert json.loads(execution["cause"]) == {"errorMessage": "broken", "errorType": "RuntimeError"}


def test_errors_may_lose_their_names() -> None:
    bench = Bench(NamelessErrors(), Retry=[RETRY])
    bench.errors = [Busy()]
    assert bench.run()["error"] == "Lambda.Unknown"


def test_a_function_that_is_late_is_a_failure_of_its_task() -> None:
    bench = Bench(Delay("a.action", seconds=100))
    execution = bench.run()
    assert (execution["status"], execution["error"]) == ("FAILED", "States.Timeout")


def test_a_late_answer_changes_nothing_any_more() -> None:
    bench = Bench(Delay("a.action", seconds=100), Retry=[{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1}])
    assert bench.run()["status"] == "SUCCEEDED"
    assert [at for at, _ in bench.calls] == [31, 31, 100]


def test_a_duplicate_is_invoked_and_its_answer_dropped() -> None:
    bench = Bench(Duplicate("a.action", after=50))
    assert bench.run()["status"] == "SUCCEEDED"
    assert [at for at, _ in bench.calls] == [0, 0, 50]


def test_a_stopped_execution_is_aborted_and_calls_nobody_any_more() -> None:
    bench = Bench(Stop("a.action"))
    assert (bench.run()["status"], len(bench.calls)) == ("ABORTED", 1)


def test_a_name_is_an_execution_of_one_input() -> None:
    bench = Bench()
    states = bench.world.states
    states.start_execution(stateMachineArn=ARN, name="one", input="{}")
    states.start_execution(stateMachineArn=ARN, name="one", input="{}")
    with pytest.raises(ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=ARN, name="one", input='{"x":1}')
    bench.world.clock.run(100)
    with pytest.raises(ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=ARN, name="one", input="{}")
    assert len(bench.calls) == 2


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 81])
def test_a_name_that_step_functions_refuses_is_refused(name: str) -> None:
    with pytest.raises(ClientError, match="InvalidName"):
        Bench().world.states.start_execution(stateMachineArn=ARN, name=name, input="{}")


def test_an_input_has_at_most_256_kilobytes() -> None:
    with pytest.raises(ClientError, match="InvalidExecutionInput"):
        Bench().world.states.start_execution(stateMachineArn=ARN, name="one", input="x" * 262_145)


STATES: Json = {
    "input": {"id": "s-1", "results": {"a": {"n": 1}}, "failure": {"Error": "E", "Cause": "C"}, "deadline": 5},
    "errorOutput": {"Error": "Busy", "Cause": "later"},
    "context": {"State": {"Name": "a", "RetryCount": 2}},
}


def test_every_expression_that_we_render_has_the_value_that_jsonata_gives_it() -> None:
    definition = json.dumps(state_machine(compile_saga(saga("TXT")), timeouts={"own": 1, "outside": 1}))
    texts = {part.split("%}")[0] for part in json.loads(f'"{json.dumps(definition)[1:-1]}"').split("{%")[1:]}
    assert len(texts) > 3
    for text in texts:
        assert expression(text)(STATES) == interpreted(text)(STATES), text


@pytest.mark.parametrize("text", ["$states.input.gone", "$states.input.id.deeper", "$merge([$gone.x, 1])"])
def test_an_expression_without_a_value_is_an_error(text: str) -> None:
    for compiled in (expression(text), interpreted(text)):
        with pytest.raises(EvaluationError):
            compiled(STATES)
