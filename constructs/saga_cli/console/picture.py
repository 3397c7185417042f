"""The definition's picture, with what happened marked in it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final
from xml.etree import ElementTree as ET

from markupsafe import Markup

from cdk_saga import Saga
from cdk_saga.plan import compile_saga
from cdk_saga.render import svg
from saga_cli.console.icons import BUSY, BUSY_BACK, WAITING, icon
from saga_runtime.client import Status, StepStatus, Target

SPACE: Final = "{http://www.w3.org/2000/svg}"
BEING_DONE: Final = (BUSY, BUSY_BACK, WAITING)


def definition_of(status: Status, definitions: Iterable[Saga]) -> Saga | None:
    """The definition that a saga began with; else one of its name, or else of the same steps.

    The name alone does not decide: one definition may be deployed twice, under two names.
    """
    steps = [step.step for step in status.steps]
    named = [(saga.name, replace(saga, name=status.saga)) for saga in definitions]
    same = [saga for _, saga in named if saga.version == status.version]
    alike = [saga for name, saga in named if name == status.saga]
    alike += [saga for _, saga in named if [step.name for step in saga.all_steps] == steps]
    return next(iter([*same, *alike]), None)


def is_drawn(saga: Saga, target: Target, version: str) -> bool:
    """Whether the picture of ``saga`` shows how a saga of ``version`` goes.

    An environment may deploy it with other retries, which make another version and no other picture. What is deployed
    says its steps, and what there is to undo; of what was deployed before, nothing is known.
    """
    drawn = replace(saga, name=target.name)
    if drawn.version == version:
        return True
    return version == target.version and [*compile_saga(drawn).undoable.items()] == [*target.steps.items()]


def lit(saga: Saga, status: Status) -> Markup:
    """The picture of ``saga`` in the saga's style; each task and ending carries what became of it."""
    root = ET.fromstring(svg(compile_saga(saga), style=status.style))  # noqa: S314 # our own
    for element in root.iter():
        element.tag = element.tag.removeprefix(SPACE)  # in HTML an SVG needs none
    for group in [*root.iter("g")]:
        if task := group.get("data-task"):
            step = next((one for one in status.steps if one.step == task.partition(".")[0]), None)
            _mark(group, _became(step, undo=task.endswith(".compensation")) if step else "")
    _mark_endings([group for group in root.iter("g") if "ending" in _looks(group)], status.state)
    return Markup(ET.tostring(root, encoding="unicode", short_empty_elements=False))  # noqa: S704 # escaped


def _became(step: StepStatus, *, undo: bool) -> str:
    """What became of one task, in the step's words; empty when nothing has."""
    begun_back = step.undo_began is not None or step.undo_ended is not None
    if undo:
        return step.outcome if begun_back else ""
    if step.outcome == "not begun":
        return ""
    if not begun_back or step.outcome == "stopped before it was done":
        return step.outcome
    return "done" if step.ended is not None else "interrupted"


def _mark(group: ET.Element, became: str) -> None:
    group.set("data-became", "never")
    if not became:
        return
    group.set("data-became", "now" if icon(became) in BEING_DONE else "was")
    title = group.find("title")
    if title is None:
        title = ET.Element("title")
        group.insert(0, title)
    title.text = f"{title.text or ''} ({became})".strip()
    box = next(_boxes(group), None)
    if box is not None:
        x, y = float(box.get("x", 0)) + float(box.get("width", 0)) - 12, float(box.get("y", 0)) - 8
        badge = ET.SubElement(group, "g", {"class": f"badge {icon(became).look}"})
        badge.set("transform", f"translate({x:g} {y:g})")
        for look, path in (("shape", icon(became).shape), ("mark", icon(became).mark)):
            ET.SubElement(badge, "path", {"class": look, "d": path})


def _mark_endings(endings: list[ET.Element], state: str) -> None:
    """The one that was reached; where several are drawn of a kind, it is unknown which published it.

    With something skipped compensation is done as well.
    """
    drawn = {"PARTIALLY_COMPENSATED": "COMPENSATED"}.get(state, state).lower()
    reached = [ending for ending in endings if drawn in _looks(ending)]
    for ending in endings:
        if ending not in reached:
            ending.set("data-became", "never")
        elif len(reached) == 1:
            ending.set("data-became", "reached")


def _boxes(group: ET.Element) -> Iterator[ET.Element]:
    return (one for one in group.iter("rect") if "box" in _looks(one))


def _looks(element: ET.Element) -> list[str]:
    return element.get("class", "").split()
