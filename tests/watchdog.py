"""Having a deployed recovery function look for silent sagas now, by other limits than it was deployed with."""

import json
from typing import Any


def look_at_once(functions: Any, name: str, silent: int = 0) -> None:
    """Change the limits in the function's environment, as only its deployer can, and invoke it as its schedule does.

    Args:
        functions: a client of AWS Lambda.
        name: the function's.
        silent: seconds without activity.
    """
    known = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    limits = {"SAGA_LATE_ALARM_AFTER": "0", "SAGA_SILENT": str(silent)}
    if {**known, **limits} != known:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**known, **limits}})
    functions.invoke(FunctionName=name, Payload=json.dumps({"watchdog": {}}), InvocationType="Event")
