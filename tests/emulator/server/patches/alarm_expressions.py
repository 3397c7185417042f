"""Alarms on metric math, which MiniStack refuses, and with them the whole template.

On AWS an alarm watches a metric or an expression of several. Here the alarm is made and watches nothing: the local AWS
takes no metrics from functions' logs anyway.
"""

import importlib
from typing import Any

from emulator.server.rewriting import rewrite

_REFUSED = """\
    if props.get("Metrics"):
        raise ValueError("""
_ACCEPTED = """\
    props = without_expression(props)
    if props.get("Metrics"):
        raise ValueError("""


def without_expression(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties of an alarm, as of one on a metric that nobody measures."""
    if not properties.get("Metrics"):
        return properties
    plain = {"Namespace": "Math", "MetricName": "Expression", "Statistic": "Sum", "Period": 60}
    return {**{name: value for name, value in properties.items() if name != "Metrics"}, **plain}


def apply() -> None:
    """Patch what makes an alarm of a template."""
    provisioners: Any = importlib.import_module("ministack.services.cloudformation.provisioners")
    changes, names = {_REFUSED: _ACCEPTED}, {"without_expression": without_expression}
    rewrite(provisioners._cw_metric_alarm_record, changes, names)
