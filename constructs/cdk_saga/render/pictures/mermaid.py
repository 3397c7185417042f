"""A plan as Mermaid text."""

from cdk_saga.plan import Ending, Fork, Group, Join, Operation, Outcome, Plan, Target, Task, TaskId
from cdk_saga.render.pictures import arrows
from cdk_saga.render.pictures.arrows import Arrow
from cdk_saga.render.pictures.reactions import FollowingEvent, Reaction, reactions

FORWARD = "-->"
BACK = "-.->"


def mermaid_flow(plan: Plan) -> str:
    """Forward execution in solid arrows, compensation in dotted ones; that a step may be stuck is left out."""
    nodes = [f"    {_id(task.id)}{_shape(task)}" for task in plan.tasks]
    knots = [line for group in plan.groups for line in _knots(group)]
    endings = [f"    {ending}([{ending}])" for ending in (Ending.COMPLETED, Ending.COMPENSATED)]
    drawn = [_arrow(arrow) for arrow in arrows.of_tasks(plan) if arrow.to is not Ending.STUCK]
    forks = [_branch(group.id, head) for group in plan.groups for head in arrows.heads(plan, group.id)]
    joins = [_arrow(arrow) for arrow in arrows.of_groups(plan) if arrow.to is not Ending.STUCK]
    return "\n".join(["flowchart LR", *nodes, *knots, *endings, *drawn, *forks, *joins, ""])


def mermaid_reactions(plan: Plan) -> str:
    """Events, the queues they lead to, the participants behind those, and the events these publish."""
    all_of_them = reactions(plan)
    named = dict.fromkeys(event for one in all_of_them for event in one.events)
    told = dict.fromkeys(one.event for reaction in all_of_them for one in reaction.publishes)
    events = [f'    {_event(event)}{{{{"{event}"}}}}' for event in {**named, **told}]
    return "\n".join(["flowchart LR", *events, *(line for one in all_of_them for line in _reaction(one)), ""])


def _reaction(reaction: Reaction) -> list[str]:
    queue, at_work = f"queue-{_id(reaction.task)}", _id(reaction.task)
    return [
        f'    {queue}[("{reaction.queue}")]',
        f'    {at_work}["{reaction.participant}: {reaction.handler}"]',
        *(f"    {_event(event)} {FORWARD} {queue}" for event in reaction.events),
        f"    {queue} {FORWARD} {at_work}",
        *(f"    {at_work} {_line(told)} {_event(told.event)}" for told in reaction.publishes),
    ]


def _line(told: FollowingEvent) -> str:
    if told.together:
        return f"{FORWARD}|all of {told.together}|"
    return f"{BACK}|recovery|" if told.by_recovery else FORWARD


def _event(event: str) -> str:
    return f"event-{event}"


def _arrow(arrow: Arrow) -> str:
    source, to = _id(arrow.source), _id(arrow.to)
    if arrow.label:
        return f"    {source} {BACK}|{arrow.label}| {to}"
    return f"    {source} {FORWARD if arrow.outcomes == (Outcome.SUCCEEDED,) else BACK} {to}"


def _branch(fork: Fork, head: TaskId) -> str:
    return f"    {_id(fork)} {FORWARD if fork.operation is Operation.ACTION else BACK} {_id(head)}"


def _knots(group: Group) -> list[str]:
    join = Join(group.id.group, group.id.operation)
    return [f'    {_id(group.id)}{{"{group.id.group}"}}', f'    {_id(join)}{{"all of {group.id.group}"}}']


def _id(target: Target) -> str:
    if isinstance(target, Ending):
        return target.value
    way = "do" if target.operation is Operation.ACTION else "undo"
    if isinstance(target, TaskId):
        return f"{way}-{target.step}"
    return f"{way}-{target.group}" if isinstance(target, Fork) else f"{way}-all-of-{target.group}"


def _shape(task: Task) -> str:
    return f'["{task.handler}"]' if task.id.operation is Operation.ACTION else f'("{task.handler}")'
