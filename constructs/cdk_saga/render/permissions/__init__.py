"""A plan as permissions: what the role of each function may do for the saga, and which service may reach what.

The constructs attach exactly these statements; the simulator holds every request to them.
"""

from cdk_saga.render.permissions.roles import EVENTBRIDGE, MACHINE, RECOVERY, STARTER, permissions
from cdk_saga.render.permissions.statements import (
    ALIAS,
    ALL_RULES,
    BUS,
    DEAD_LETTERS,
    EXECUTIONS,
    FAILED,
    INDEX,
    KEY,
    LEDGER,
    LEDGER_KEY,
    RULES,
    STATE_MACHINE,
    Condition,
    Permissions,
    Ref,
    Statement,
    conditions_of,
    function_of,
    queue_of,
    rule_of,
    via,
)

__all__ = [
    "ALIAS",
    "ALL_RULES",
    "BUS",
    "DEAD_LETTERS",
    "EVENTBRIDGE",
    "EXECUTIONS",
    "FAILED",
    "INDEX",
    "KEY",
    "LEDGER",
    "LEDGER_KEY",
    "MACHINE",
    "RECOVERY",
    "RULES",
    "STARTER",
    "STATE_MACHINE",
    "Condition",
    "Permissions",
    "Ref",
    "Statement",
    "conditions_of",
    "function_of",
    "permissions",
    "queue_of",
    "rule_of",
    "via",
]
