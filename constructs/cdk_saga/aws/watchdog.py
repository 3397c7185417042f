"""The schedule on which a saga's recovery function looks for sagas that have stopped making progress."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk_saga.aws.function import RuntimeFunction
from cdk_saga.aws.wiring import Wired
from cdk_saga.definition import Saga
from cdk_saga.plan import Plan
from cdk_saga.render.patience import longest_time

EVERY: Final = 5
"""Minutes between two looks. One look is 64 queries of the ledger's index, most of them empty: a cent a month."""
MISSING: Final = "Unfinished, of a version not deployed"
"""The dashboard's title of the metric ``MissingVersion``."""
LATE: Final = 3600
"""Seconds after which a saga is late that has no deadline, no callback step and no setting of its own."""
BUSY: Final = 900
"""Seconds that leases and cold starts may add to any task."""


class Watchdog(Construct):
    """A rule, and the permission to call recovery. What recovery finds it takes over, in either style.

    Args:
        saga: the saga's name.
        recovery: looks, and takes over.
        late: seconds after its start from which on an unfinished saga counts as late.
        silent: seconds without a recorded activity after which no execution or message can be in progress.

    Attributes:
        rule: the schedule.
    """

    def __init__(
        self, scope: Construct, id: str, *, saga: str, recovery: RuntimeFunction, late: int, silent: int
    ) -> None:
        super().__init__(scope, id)
        # The limits are the function's own: no event can have it take over what is not silent.
        recovery.add_environment("SAGA_LATE_ALARM_AFTER", str(late))
        recovery.add_environment("SAGA_SILENT", str(silent))
        event = json.dumps({"watchdog": {}})
        target = events.CfnRule.TargetProperty(id="Recovery", arn=recovery.function_arn, input=event)
        self.rule = events.CfnRule(
            self,
            "Rule",
            description=f"saga {saga}: recovery looks for stalled ones",
            schedule_expression=f"rate({EVERY} minutes)",
            targets=[target],
        )
        lambda_.CfnPermission(
            self,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=recovery.function_arn,
            principal="events.amazonaws.com",
            source_arn=self.rule.attr_arn,
        )


def default_lateness(saga: Saga) -> int:
    """Seconds after which a saga is late: its deadline, else an hour and the time that its steps may wait."""
    return saga.deadline or LATE + sum(step.callback_timeout or 0 for step in saga.all_steps)


def silence(plans: Sequence[Plan], wired: Mapping[str, Wired]) -> int:
    """The longest time between two recorded activities of a saga in progress: that of the most patient retry policy."""
    tasks = ((task.retry, wired[task.participant].timeout) for plan in plans for task in plan.tasks)
    return BUSY + math.ceil(max(longest_time(retry, timeout) for retry, timeout in tasks))
