"""A plan as a picture: Mermaid text, which GitHub shows in a README and a pull request."""

from cdk_saga.plan import Ending, Operation, Outcome, Plan, Target, Task

FORWARD = "-->"
BACK = "-.->"


def mermaid(plan: Plan) -> str:
    """Render ``plan`` as a Mermaid flowchart: the way forward in solid arrows, the way back in dotted ones."""
    nodes = [f"    {_id(task.id)}{_shape(task)}" for task in plan.tasks]
    endings = [f"    {ending}([{ending}])" for ending in (Ending.COMPLETED, Ending.COMPENSATED)]
    arrows = [line for task in plan.tasks for line in _arrows(task)]
    return "\n".join(["flowchart LR", *nodes, *endings, *arrows, ""])


def _arrows(task: Task) -> list[str]:
    """One arrow a target, with the outcomes that lead there; a compensation that is stuck leads nowhere."""
    outcomes: dict[Target, list[Outcome]] = {}
    for outcome, target in task.on.items():
        if target is not Ending.STUCK:
            outcomes.setdefault(target, []).append(outcome)
    return [_arrow(task, target, labels) for target, labels in outcomes.items()]


def _arrow(task: Task, target: Target, outcomes: list[Outcome]) -> str:
    source, to = _id(task.id), _id(target)
    if outcomes == [Outcome.SUCCEEDED]:
        return f"    {source} {FORWARD} {to}"
    if outcomes == [Outcome.COMPENSATED]:
        return f"    {source} {BACK} {to}"
    return f"    {source} {BACK}|{' or '.join(outcomes)}| {to}"


def _id(target: Target) -> str:
    if isinstance(target, Ending):
        return target.value
    return f"do-{target.step}" if target.operation is Operation.ACTION else f"undo-{target.step}"


def _shape(task: Task) -> str:
    return f'["{task.handler}"]' if task.id.operation is Operation.ACTION else f'("{task.handler}")'
