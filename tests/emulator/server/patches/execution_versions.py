"""An execution tells through which version and alias of its machine it was started.

MiniStack knows them when it starts an execution, and forgets them. On AWS `DescribeExecution` answers with
`stateMachineVersionArn`, and `stateMachineAliasArn` if it was started through an alias
(https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html).
"""

import importlib

from emulator.server.rewriting import rewrite

_STARTED = """\
        "mockAttempts": {},
"""
_STARTED_THROUGH = """\
        "mockAttempts": {},
        "stateMachineVersionArn": _execution_version_arn(requested_arn),
        "stateMachineAliasArn": requested_arn if requested_arn in _state_machine_aliases else None,
"""
_DESCRIBED = """\
    if execution.get("error"):
        result["error"] = execution["error"]
"""
_DESCRIBED_WITH_VERSION = f"""\
    for through in ("stateMachineVersionArn", "stateMachineAliasArn"):
        if execution.get(through):
            result[through] = execution[through]
{_DESCRIBED}\
"""


def apply() -> None:
    """Patch the start and the description of an execution."""
    service = importlib.import_module("ministack.services.stepfunctions")
    rewrite(service._start_execution, {_STARTED: _STARTED_THROUGH})
    rewrite(service._describe_execution, {_DESCRIBED: _DESCRIBED_WITH_VERSION})
