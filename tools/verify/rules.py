"""Every rule of a choreographed saga: it matches the events that its plan sends to the rule's task, and no others.

Asks `events:TestEventPattern`
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html) with the deployed pattern.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from cdk_saga.plan import Operation, Plan, TaskId
from verify.account import Account
from verify.sagas import DeployedSaga

TASK: Final = re.compile(r'\{"task":(\{.*\}),"saga":<saga>(?:,"start":\{[^{}]*\})?\}', re.DOTALL)
"""The input template of a rule that leads to a task."""
ENVELOPE: Final[dict[str, Any]] = {
    "id": "00000000-0000-0000-0000-000000000000",
    "account": "123456789012",
    "time": "2030-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
}


def differences(account: Account, saga: DeployedSaga) -> Iterator[str]:
    """What the rules of a saga match otherwise than its plan says."""
    client, bus = account.client("events"), saga.target["where"]
    unled = {task.id for task in saga.plan.tasks}
    # CloudFormation's id of a rule is its name, after that of its bus unless it is the default one.
    own = {rule.rpartition("|")[2] for rule in account.all(saga.stack, "AWS::Events::Rule").values()}
    for rule in _on(client, bus):
        if (name := rule["Name"]) not in own:
            continue
        targets = client.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
        pattern = rule.get("EventPattern", "")
        for task in filter(None, map(_task, targets)):
            unled.discard(task)
            for told, event, wanted in events(saga.plan, task):
                found = client.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]
                if found != wanted:
                    led, right = ("leads", "does not") if found else ("does not lead", "does")
                    yield f"{saga.stack}: by rule {name}, {told} {led} to {_named(task)}; by the plan it {right}"
    yield from (f"{saga.stack}: no rule leads to {_named(task)}" for task in sorted(unled))


def _on(client: Any, bus: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("list_rules").paginate(EventBusName=bus):
        yield from page["Rules"]


def events(plan: Plan, task: TaskId) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Every event that there can be, those of another version and saga too, and whether each leads to a task.

    A saga begins whatever version its starter knows.
    """
    leading, begins = set(plan.events_to(task)), any(one.first for one in plan.tasks if one.id == task)
    for detail_type in _all_events(plan):
        yield detail_type, _event(plan.saga, plan.version, detail_type), detail_type in leading
    for detail_type in sorted(leading):
        yield f"{detail_type} of another version", _event(plan.saga, "another", detail_type), begins
        yield f"{detail_type} of another saga", _event(f"{plan.saga}x", plan.version, detail_type), False


def _all_events(plan: Plan) -> list[str]:
    outcomes = {f"{task.id.step}.{outcome}" for task in plan.tasks for outcome in task.on}
    groups = {f"{group.id.group}.{outcome}" for group in plan.groups for outcome in group.on}
    sagas = {f"saga.{word}" for word in ("started", "completed", "compensated", "skipped", "stuck")}
    return sorted(outcomes | groups | sagas)


def _event(saga: str, version: str, detail_type: str) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "name": saga,
        "version": version,
        "id": "verify",
        "input": {},
        "results": {},
        "failure": None,
    }
    return {**ENVELOPE, "source": f"saga.{saga}", "detail-type": detail_type, "detail": detail}


def _task(target: dict[str, Any]) -> TaskId | None:
    """The task that a rule's target puts into a queue; none for a rule that tells somebody else."""
    found = TASK.fullmatch(target.get("InputTransformer", {}).get("InputTemplate", ""))
    if found is None:
        return None
    task = json.loads(found[1])
    return TaskId(task["step"], Operation(task["operation"]))


def _named(task: TaskId) -> str:
    return f"{task.step}.{task.operation}"
