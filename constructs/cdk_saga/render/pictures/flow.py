"""The orchestrated view: forward execution above, compensation beneath it, and how each ends."""

from collections.abc import Iterator

from cdk_saga.plan import Ending, Fork, Join, Operation, Outcome, Plan, Target, Task, TaskId
from cdk_saga.render.pictures import arrows, canvas
from cdk_saga.render.pictures.arrows import Arrow
from cdk_saga.render.pictures.canvas import BOLD, CODE, SOFT, Box
from cdk_saga.render.pictures.layout import MARGIN, TOP, Layout

ACTION, COMPENSATION = Operation.ACTION, Operation.COMPENSATION


def flow(plan: Plan) -> str:
    """``plan`` as an SVG."""
    layout = Layout(plan)
    lines = [arrow for arrow in (*arrows.of_tasks(plan), *arrows.of_groups(plan)) if _outside(plan, arrow)]
    parts = [
        canvas.text(MARGIN, 40, plan.saga, "head"),
        *_groups(layout),
        *(drawn for arrow in lines for drawn in _arrow(layout, arrow)),
        *_within(layout),
        *_stuck_rail(layout),
        *_point_of_no_return(layout),
        *(_task(layout[task.id], task) for task in plan.tasks),
        *_nothing_to_undo(layout),
        *_start(layout),
        *(canvas.ending(layout[ending], ending) for ending in _endings(lines)),
        *_legend(layout),
    ]
    height = layout.rail + canvas.LEGEND_GAP + MARGIN
    return canvas.picture(layout.width, height, title=f"Saga {plan.saga}", told=_description(plan, lines), parts=parts)


def _outside(plan: Plan, arrow: Arrow) -> bool:
    """Whether it is not between members of one group."""
    grouped = {task.id for task in plan.tasks if task.group}
    return arrow.source not in grouped


def _groups(layout: Layout) -> Iterator[str]:
    for group in layout.plan.groups:
        box = layout[group.id]
        yield canvas.rect(box, "group", corner=12)
        words = f"{group.id.group}: together" if group.id.operation is ACTION else f"undo {group.id.group}"
        yield canvas.text(box.x + 14, box.y + 18, canvas.fits(words, box.width - 20, SOFT), "soft")


def _arrow(layout: Layout, arrow: Arrow) -> Iterator[str]:
    source, to = layout[arrow.source], layout[arrow.to]
    if arrow.outcomes == (Outcome.SUCCEEDED,):
        yield canvas.line([(source.right, source.middle[1]), (to.x - 1, to.middle[1])])
    elif _operation(arrow.source) is COMPENSATION:
        if arrow.to is Ending.STUCK:
            return  # the rail says it
        yield canvas.line([(source.x, source.middle[1]), (to.right + 1, to.middle[1])], "way-back", tip="back")
    elif arrow.to is Ending.STUCK:
        start, end = source.middle[0], to.middle[0]
        yield from _sideways(layout, [(start, source.bottom), (end, to.y - 1)], "faint", "bad")
        yield canvas.text(start + 7, layout.channel + 15, arrow.label, "label")
    elif _beneath(layout, arrow):
        x = source.middle[0]
        yield canvas.line([(x, source.bottom), (x, to.y - 1)], "way-back", tip="back")
        yield canvas.text(x + 7, layout.channel - 12, arrow.label, "label")
    else:
        start, end = source.x + source.width / 4, to.right - to.width / 4
        yield from _sideways(layout, [(start, source.bottom), (end, to.y - 1)], "way-back", "back")
        yield canvas.text(start - 7, layout.channel + 15, arrow.label, "label left")


def _sideways(layout: Layout, ends: list[tuple[float, float]], look: str, tip: str) -> Iterator[str]:
    """Down, along the channel between the two ways, and down again."""
    start, end = ends
    yield canvas.line([start, (start[0], layout.channel), (end[0], layout.channel), end], look, tip=tip)


def _beneath(layout: Layout, arrow: Arrow) -> bool:
    return not isinstance(arrow.to, Ending) and layout[arrow.to].x == layout[arrow.source].x


def _within(layout: Layout) -> Iterator[str]:
    """The arrows between the members of a group's branch."""
    for arrow in arrows.of_tasks(layout.plan):
        if _outside(layout.plan, arrow) or not isinstance(arrow.to, TaskId):
            continue
        source, to = layout[arrow.source], layout[arrow.to]
        if arrow.to.operation is ACTION:
            yield canvas.line([(source.right, source.middle[1]), (to.x - 1, to.middle[1])])
        else:
            yield canvas.line([(source.x, source.middle[1]), (to.right + 1, to.middle[1])], "way-back", tip="back")


def _stuck_rail(layout: Layout) -> Iterator[str]:
    """From each compensation to STUCK: its attempts are used up."""
    undone = [part for part in layout.parts if any(task.id.step in layout.compensations for task in part.tasks)]
    if not undone:
        return
    stuck = layout[Ending.STUCK]
    for part in undone:
        box = layout.whole(part, COMPENSATION)
        yield canvas.line([(box.middle[0], box.bottom), (box.middle[0], layout.rail)], "faint", tip="")
    first, end = layout.whole(undone[0], COMPENSATION).middle[0], stuck.middle[0]
    way = [(first, layout.rail), (end, layout.rail), (end, stuck.bottom + 1)]
    yield canvas.line(way, "faint", tip="bad")
    used_up = (
        "attempts used up: goes on, and is STUCK at the end" if layout.plan.continue_on_failure else "attempts used up"
    )
    yield canvas.text(first + 8, layout.rail - 6, used_up, "label")


def _point_of_no_return(layout: Layout) -> Iterator[str]:
    for part in layout.parts:
        if part.pivot:
            box = layout.whole(part, ACTION)
            x = box.right + 55
            yield canvas.line([(x, TOP - 12), (x, TOP + layout.row_height + 12)], "return", tip="")
            yield canvas.text(x, TOP - 20, "point of no return", "label mid")


def _task(box: Box, task: Task) -> str:
    back = task.id.operation is COMPENSATION
    look = "task undo" if back else f"task{' pivot' if task.pivot else ''}"
    name = f"undo {task.id.step}" if back else task.id.step
    room = box.width - 20
    return "".join(
        [
            f'<g class="{look}" data-task="{task.id.step}.{task.id.operation}">',
            f"<title>{name}: {task.handler} of {task.participant}</title>",
            canvas.rect(box, "box", corner=16 if back else 6),
            canvas.text(box.middle[0], box.y + 23, canvas.fits(name, room, BOLD), "name mid"),
            canvas.text(box.middle[0], box.y + 41, canvas.fits(task.handler, room, CODE), "code mid"),
            canvas.text(box.middle[0], box.y + 57, canvas.fits(task.participant, room, SOFT), "soft mid"),
            "</g>",
        ]
    )


def _nothing_to_undo(layout: Layout) -> Iterator[str]:
    for part in layout.parts:
        for task in part.tasks:
            if task.id.step not in layout.compensations and not task.after_pivot:
                x, y = layout[TaskId(task.id.step, COMPENSATION)].middle
                yield canvas.text(x, y + 4, "nothing to undo", "label mid")


def _start(layout: Layout) -> Iterator[str]:
    to = layout.whole(layout.parts[0], ACTION)
    y = to.middle[1]
    x = to.x - 60
    yield f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="6"/>'
    yield canvas.text(x, y - 14, "start", "soft mid")
    yield canvas.line([(x + 6, y), (to.x - 1, y)])


def _endings(lines: list[Arrow]) -> list[Ending]:
    reached = {arrow.to for arrow in lines}
    stuck = any(_operation(arrow.source) is COMPENSATION for arrow in lines)
    return [ending for ending in Ending if ending in reached or (stuck and ending is Ending.STUCK)]


def _operation(target: Target) -> Operation | None:
    return None if isinstance(target, Ending) else target.operation


def _legend(layout: Layout) -> Iterator[str]:
    words = "rejected: it did not happen · unknown: perhaps it did, so it is undone · STUCK: resumable, nothing lost"
    yield canvas.text(MARGIN, layout.rail + canvas.LEGEND_GAP, words, "soft")


def _description(plan: Plan, lines: list[Arrow]) -> str:
    """The picture in words."""
    start = f"Starts with {_name(plan.start)}."
    return " ".join([start, *(f"{_name(a.source)}, {' or '.join(a.outcomes)}: {_name(a.to)}." for a in lines)])


def _name(target: Target) -> str:
    match target:
        case Ending():
            return target.value
        case TaskId(name, operation) | Fork(name, operation) | Join(name, operation):
            return name if operation is ACTION else f"undo {name}"
