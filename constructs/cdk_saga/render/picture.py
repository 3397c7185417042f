"""A plan as a picture: Mermaid text, which GitHub shows in a README and a pull request."""

from collections.abc import Mapping
from typing import Final

from cdk_saga.plan import Ending, Fork, Group, Join, Operation, Outcome, Plan, Target, Task, TaskId

FORWARD: Final = "-->"
BACK: Final = "-.->"


def mermaid(plan: Plan) -> str:
    """Render ``plan`` as a Mermaid flowchart: the way forward in solid arrows, the way back in dotted ones."""
    nodes = [f"    {_id(task.id)}{_shape(task)}" for task in plan.tasks]
    knots = [line for group in plan.groups for line in _knots(group)]
    endings = [f"    {ending}([{ending}])" for ending in (Ending.COMPLETED, Ending.COMPENSATED)]
    arrows = [line for task in plan.tasks for line in _arrows(task.id, _told(task))]
    joined = [line for group in plan.groups for line in _branches(group)]
    return "\n".join(["flowchart LR", *nodes, *knots, *endings, *arrows, *joined, ""])


def _told(task: Task) -> Mapping[Outcome, Target]:
    """What is drawn of a task; a member's failure is drawn once, as its group's."""
    drawn = task.on if task.group is None else {k: v for k, v in task.on.items() if isinstance(v, TaskId | Join)}
    return {outcome: target for outcome, target in drawn.items() if target is not Ending.STUCK}


def _arrows(source: Target, on: Mapping[Outcome, Target]) -> list[str]:
    """One arrow a target, with the outcomes that lead there."""
    outcomes: dict[Target, list[Outcome]] = {}
    for outcome, target in on.items():
        outcomes.setdefault(target, []).append(outcome)
    return [_arrow(_id(source), _id(target), labels) for target, labels in outcomes.items()]


def _arrow(source: str, to: str, outcomes: list[Outcome]) -> str:
    if outcomes == [Outcome.SUCCEEDED]:
        return f"    {source} {FORWARD} {to}"
    if outcomes == [Outcome.COMPENSATED]:
        return f"    {source} {BACK} {to}"
    return f"    {source} {BACK}|{' or '.join(outcomes)}| {to}"


def _knots(group: Group) -> list[str]:
    join = Join(group.id.group, group.id.operation)
    return [f'    {_id(group.id)}{{"{group.id.group}"}}', f'    {_id(join)}{{"all of {group.id.group}"}}']


def _branches(group: Group) -> list[str]:
    line = FORWARD if group.id.operation is Operation.ACTION else BACK
    heads = [f"    {_id(group.id)} {line} {_id(branch[0])}" for branch in group.branches]
    on = {outcome: target for outcome, target in group.on.items() if target is not Ending.STUCK}
    return [*heads, *_arrows(Join(group.id.group, group.id.operation), on)]


def _id(target: Target) -> str:
    if isinstance(target, Ending):
        return target.value
    way = "do" if target.operation is Operation.ACTION else "undo"
    if isinstance(target, TaskId):
        return f"{way}-{target.step}"
    return f"{way}-{target.group}" if isinstance(target, Fork) else f"{way}-all-of-{target.group}"


def _shape(task: Task) -> str:
    return f'["{task.handler}"]' if task.id.operation is Operation.ACTION else f'("{task.handler}")'
