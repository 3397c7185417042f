"""The saga compiled: one transition table, the only place that knows what compensation means."""

from cdk_saga.plan.compiler import compile_saga
from cdk_saga.plan.table import Ending, Operation, Outcome, Plan, Target, Task, TaskId

__all__ = ["Ending", "Operation", "Outcome", "Plan", "Target", "Task", "TaskId", "compile_saga"]
