"""Starting the same execution twice returns the running one, as Standard workflows do on AWS.

MiniStack refuses every second use of a name. On AWS `StartExecution` is idempotent: the same name and the same input
while the execution runs answer with the first call's ARN and start date.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

import importlib

from emulator.server.rewriting import rewrite

_REJECT = """\
    if exec_arn in _executions:
        return error_response_json(
"""
_RETURN_THE_RUNNING_ONE = """\
    if exec_arn in _executions:
        existing = _executions[exec_arn]
        if existing["status"] == "RUNNING" and existing["input"] == data.get("input", "{}"):
            return json_response({"executionArn": exec_arn, "startDate": existing["startDate"]})
        return error_response_json(
"""


def apply() -> None:
    """Patch `StartExecution`."""
    service = importlib.import_module("ministack.services.stepfunctions")
    rewrite(service._start_execution, {_REJECT: _RETURN_THE_RUNNING_ONE})
