"""Where everything of a plan's picture is: forward execution left to right, and compensations beneath their actions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from cdk_saga.plan import Ending, Fork, Join, Operation, Plan, Target, Task, TaskId
from cdk_saga.render.pictures.canvas import BOLD, CODE, SOFT, Box

MARGIN = 28
TOP = 92
"""Above forward execution: the title, and the word at the point of no return."""
TASK_HEIGHT = 68
NARROWEST, WIDEST = 116, 240
GAP, PIVOT_GAP = 60, 110
ROW_GAP, COLUMN_GAP = 14, 34
GROUP_PAD, GROUP_HEAD = 14, 26
CHANNEL = 84
"""Between the two ways: the arrows that abort a saga."""
PILL_WIDTH, PILL_HEIGHT = 168, 36
RAIL = 34
"""Beneath compensation: whose attempts are used up."""


@dataclass(frozen=True, eq=False)  # a place is looked up by the part itself
class Part:
    """A step, or a group: what stands between two arrows of forward execution."""

    group: str | None
    branches: tuple[tuple[Task, ...], ...]

    @property
    def tasks(self) -> Iterator[Task]:
        """Its actions."""
        return (task for branch in self.branches for task in branch)

    @property
    def pivot(self) -> bool:
        """Whether it is the point of no return."""
        return any(task.pivot for task in self.tasks)


class Layout:
    """The places of a plan's parts, tasks and endings."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.parts = tuple(_parts(plan))
        self.compensations = {task.id.step: task for task in plan.tasks if task.id.operation is Operation.COMPENSATION}
        self._cells = {part: _cell(part, self.compensations) for part in self.parts}
        self._places: dict[Part, Box] = {}
        x: float = MARGIN + PILL_WIDTH + GAP
        for part in self.parts:
            width, height = self._size(part)
            self._places[part] = Box(x, TOP + (self.row_height - height) / 2, width, height)
            x += width + (PIVOT_GAP if part.pivot else GAP)
        self.end = x
        self.width = x + PILL_WIDTH + MARGIN

    @cached_property
    def row_height(self) -> float:
        """The height of either way."""
        return max(self._size(part)[1] for part in self.parts)

    @property
    def down(self) -> float:
        """From an action to the compensation beneath it."""
        return self.row_height + CHANNEL

    @property
    def channel(self) -> float:
        """The height at which arrows run back, beneath everything of forward execution."""
        return TOP + self.row_height + 32

    @property
    def rail(self) -> float:
        """The height at which the line to STUCK runs."""
        return TOP + self.down + self.row_height + RAIL

    def __getitem__(self, target: Target) -> Box:
        """The place of anything that an arrow begins at or leads to."""
        match target:
            case Ending():
                return self._ending(target)
            case TaskId(step, operation):
                part = next(part for part in self.parts if any(task.id.step == step for task in part.tasks))
                box = self._task(part, step)
            case Fork(group, operation) | Join(group, operation):
                box = next(place for part, place in self._places.items() if part.group == group)
        return box if operation is Operation.ACTION else box.lowered(self.down)

    def whole(self, part: Part, operation: Operation) -> Box:
        """The place of a part, on either way."""
        return self._places[part] if operation is Operation.ACTION else self._places[part].lowered(self.down)

    def _ending(self, which: Ending) -> Box:
        back = 0 if which is Ending.COMPLETED else self.down
        x = MARGIN if which is Ending.COMPENSATED else self.end
        return Box(x, TOP + back + (self.row_height - PILL_HEIGHT) / 2, PILL_WIDTH, PILL_HEIGHT)

    def _task(self, part: Part, step: str) -> Box:
        place, cell = self._places[part], self._cells[part]
        if part.group is None:
            return place
        ((row, column),) = [
            (row, column)
            for row, branch in enumerate(part.branches)
            for column, task in enumerate(branch)
            if task.id.step == step
        ]
        x = place.x + GROUP_PAD + column * (cell + COLUMN_GAP)
        return Box(x, place.y + GROUP_HEAD + row * (TASK_HEIGHT + ROW_GAP), cell, TASK_HEIGHT)

    def _size(self, part: Part) -> tuple[float, float]:
        cell = self._cells[part]
        if part.group is None:
            return cell, TASK_HEIGHT
        columns, rows = max(map(len, part.branches)), len(part.branches)
        width = 2 * GROUP_PAD + columns * cell + (columns - 1) * COLUMN_GAP
        return width, GROUP_HEAD + rows * (TASK_HEIGHT + ROW_GAP) - ROW_GAP + GROUP_PAD


def _parts(plan: Plan) -> Iterator[Part]:
    seen: set[str] = set()
    for task in plan.tasks:
        if task.id.operation is Operation.COMPENSATION or task.group in seen:
            continue
        if task.group is None:
            yield Part(None, ((task,),))
        else:
            seen.add(task.group)
            members = {other.id: other for other in plan.tasks}
            branches = plan.group(Fork(task.group, Operation.ACTION)).branches
            yield Part(task.group, tuple(tuple(members[id] for id in branch) for branch in branches))


def _cell(part: Part, compensations: dict[str, Task]) -> float:
    tasks = [*part.tasks, *(compensations[task.id.step] for task in part.tasks if task.id.step in compensations)]
    words = [(len(task.handler), CODE) for task in tasks]
    words += [(len(task.id.step) + (5 if task.id.operation is Operation.COMPENSATION else 0), BOLD) for task in tasks]
    words += [(len(task.participant), SOFT) for task in tasks]
    return min(WIDEST, max(NARROWEST, *(length * pixels + 24 for length, pixels in words)))
