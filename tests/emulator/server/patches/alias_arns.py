"""A function is told the ARN by which it is invoked, its alias included.

So AWS Lambda's guide says ("Using the Lambda context object to retrieve Python function information"). MiniStack names
the function's own ARN, whatever alias was used; the recovery function knows by it what a caller may.
"""

import importlib
from typing import Any

from emulator.server.rewriting import rewrite

_UNQUALIFIED = """\
        if target_ver == "$LATEST":
            return func, func["config"]
"""
_QUALIFIED = """\
        if target_ver == "$LATEST":
            return func, {**func["config"], "FunctionArn": f"{func['config']['FunctionArn']}:{qualifier}"}
"""


def apply() -> None:
    """Patch what finds the function of an alias."""
    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    rewrite(functions._effective_func_record_for_qualifier, {_UNQUALIFIED: _QUALIFIED})
