"""The policies of a saga as it is deployed in a simulated account, everything being encrypted with customer's keys."""

from collections.abc import Mapping, Sequence
from typing import Final

from cdk_saga.plan import Plan
from cdk_saga.render.permissions import (
    ALL_RULES,
    BUS,
    DEAD_LETTERS,
    EXECUTIONS,
    FAILED,
    KEY,
    LEDGER,
    LEDGER_KEY,
    RULES,
    STATE_MACHINE,
    function_of,
    permissions,
    queue_of,
    rule_of,
    via,
)
from cdk_saga.render.permissions.roles import Style
from cdk_saga.testing.services.authorization import Policies
from cdk_saga.testing.services.calls import REGION, arn
from cdk_saga.testing.services.function import Function
from cdk_saga.testing.world import BUS as BUS_NAME
from cdk_saga.testing.world import DEAD
from cdk_saga.testing.world import LEDGER as LEDGER_TABLE

KEYS: Final = {
    "dynamodb": arn("kms", "key/ledger"),
    "sqs": arn("kms", "key/saga"),
    "states": arn("kms", "key/saga"),
}
"""Service → the key that its data is encrypted with."""
FAILED_COMMANDS: Final = "failed"
"""The queue of commands whose attempts are used up."""


def policies(plans: Sequence[Plan], style: Style, functions: Mapping[str, Function]) -> Policies:
    """What the constructs allow.

    Args:
        plans: of the saga, the newest version first.
        style: how it is rendered.
        functions: the participants'.
    """
    names = {
        LEDGER: arn("dynamodb", f"table/{LEDGER_TABLE}"),
        BUS: arn("events", f"event-bus/{BUS_NAME}"),
        RULES: arn("events", f"rule/{BUS_NAME}"),
        ALL_RULES: arn("events", "rule"),
        DEAD_LETTERS: arn("sqs", DEAD),
        FAILED: arn("sqs", FAILED_COMMANDS),
        STATE_MACHINE: machine_arn(plans[0].saga),
        EXECUTIONS: machine_arn(plans[0].saga).replace(":stateMachine:", ":execution:"),
        KEY: KEYS["sqs"],
        LEDGER_KEY: KEYS["dynamodb"],
        **{via(service): f"{service}.{REGION}" for service in KEYS},
        **{function_of(name): function.arn for name, function in functions.items()},
    }
    for plan in plans:
        for step, operation in (task.id for task in plan.tasks):
            names[queue_of(step, operation)] = arn("sqs", queue_name(step, operation))
            names[rule_of(step, operation, plan.version)] = rule_arn(step, operation, plan.version)
    return Policies(permissions(plans, style), names, KEYS)


def machine_arn(saga: str) -> str:
    """The ARN of a saga's state machine."""
    return arn("states", f"stateMachine:{saga}")


def queue_name(step: str, operation: str) -> str:
    """The name of a task's queue."""
    return f"{step}-{operation}"


def rule_arn(step: str, operation: str, version: str) -> str:
    """The ARN of the rule that fills it with the commands of a version."""
    return arn("events", f"rule/{BUS_NAME}/{queue_name(step, operation)}-{version}")
