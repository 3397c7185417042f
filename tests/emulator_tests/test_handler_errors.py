"""A handler's errors, as Lambda and Step Functions report them on AWS."""

import json

import pytest

from emulator.instance import Emulator
from emulator_tests.resources import function, invoke, run, state_machine

RAISES = """
    import os

    class Rejected(Exception):
        pass

    def handler(event, context):
        if event.get("fail"):
            raise Rejected("flight full")
        return {"process": os.getpid()}
"""


def test_an_exception_answers_with_its_class_in_awss_shape(emulator: Emulator) -> None:
    answer = invoke(emulator, function(emulator, RAISES), {"fail": True})

    assert set(answer) == {"errorMessage", "errorType", "requestId", "stackTrace"}
    assert answer["errorType"] == "Rejected"
    assert answer["errorMessage"] == "flight full"
    assert 'raise Rejected("flight full")' in answer["stackTrace"][-1]


def test_the_worker_stays_warm_after_an_exception(emulator: Emulator) -> None:
    arn = function(emulator, RAISES)

    before = invoke(emulator, arn, {})
    invoke(emulator, arn, {"fail": True})

    assert invoke(emulator, arn, {}) == before


def test_step_functions_names_the_error_by_its_class_and_gives_the_body_as_cause(emulator: Emulator) -> None:
    arn = function(emulator, RAISES)
    machine = state_machine(emulator, {"Book": {"Type": "Task", "Resource": arn, "End": True}})

    execution = run(emulator, machine, fail=True)

    assert execution["status"] == "FAILED"
    assert execution["error"] == "Rejected"
    assert json.loads(execution["cause"])["errorMessage"] == "flight full"


def test_a_catch_by_class_name_takes_the_error(emulator: Emulator) -> None:
    arn = function(emulator, RAISES)
    catch = {"ErrorEquals": ["Rejected"], "Output": "{% $states.errorOutput.Error %}", "Next": "Caught"}
    states = {
        "Book": {"Type": "Task", "Resource": arn, "Catch": [catch], "End": True},
        "Caught": {"Type": "Succeed"},
    }

    assert json.loads(run(emulator, state_machine(emulator, states), fail=True)["output"]) == "Rejected"


@pytest.mark.parametrize(
    ("end", "reason"), [("os._exit(1)", "exit status 1"), ("os.kill(os.getpid(), 9)", "signal: killed")]
)
def test_a_dying_worker_is_an_exit_error(emulator: Emulator, end: str, reason: str) -> None:
    arn = function(emulator, f"import os\ndef handler(event, context):\n    {end}\n")
    machine = state_machine(emulator, {"Book": {"Type": "Task", "Resource": arn, "End": True}})

    execution = run(emulator, machine)

    assert execution["error"] == "Runtime.ExitError"
    assert json.loads(execution["cause"])["errorMessage"].endswith(f"Runtime exited with error: {reason}")
