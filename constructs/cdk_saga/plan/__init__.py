"""The saga compiled: one transition table, the only place that knows what compensation means."""

from cdk_saga.plan.advice import Advice, advise
from cdk_saga.plan.compiler import compile_saga
from cdk_saga.plan.table import Plan
from cdk_saga.plan.words import STARTED, Ending, Fork, Group, Join, Operation, Outcome, Target, Task, TaskId

__all__ = [
    "STARTED",
    "Advice",
    "Ending",
    "Fork",
    "Group",
    "Join",
    "Operation",
    "Outcome",
    "Plan",
    "Target",
    "Task",
    "TaskId",
    "advise",
    "compile_saga",
]
