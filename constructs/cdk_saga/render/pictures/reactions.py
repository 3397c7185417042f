"""Who reacts to what: the choreographed view of a plan, as data."""

from dataclasses import dataclass

from cdk_saga.plan import Ending, Fork, Join, Outcome, Plan, Target, TaskId
from cdk_saga.render.routes import Route, routes

BY_RECOVERY = (Outcome.UNKNOWN, Outcome.STUCK)
"""Outcomes that no participant can report: attempts are used up."""


@dataclass(frozen=True, kw_only=True)
class FollowingEvent:
    """An event that follows.

    Args:
        event: its detail-type.
        ending: the ending it announces, if it does.
        by_recovery: whether recovery publishes it, because the participant cannot.
        together: the group that has to be through first.
    """

    event: str
    ending: Ending | None = None
    by_recovery: bool = False
    together: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """A participant reacts to events, through a queue of its own, and tells what became of it.

    Args:
        task: which task.
        events: after any of which it begins, as detail-types.
        queue: the queue between the bus and the participant.
        participant: who reacts.
        handler: how.
        publishes: the events that follow.
    """

    task: TaskId
    events: tuple[str, ...]
    queue: str
    participant: str
    handler: str
    publishes: tuple[FollowingEvent, ...]


def reactions(plan: Plan) -> tuple[Reaction, ...]:
    """The reactions of ``plan``, forward execution first; drawn from the very routes that are deployed."""
    return tuple(_reaction(plan, route) for route in routes(plan))


def _reaction(plan: Plan, route: Route) -> Reaction:
    id = TaskId(route.step, route.operation)
    (on,) = [task.on for task in plan.tasks if task.id == id]
    told: dict[str, FollowingEvent] = {}
    for outcome, target in on.items():
        after = _following_event(plan, id, outcome, target)
        told.setdefault(after.event, after)
    return Reaction(
        task=id,
        events=plan.events_to(id),
        queue=f"{route.step}.{route.operation}",
        participant=route.participant,
        handler=route.task["handler"],
        publishes=tuple(told.values()),
    )


def _following_event(plan: Plan, id: TaskId, outcome: Outcome, target: Target) -> FollowingEvent:
    recovery = outcome in BY_RECOVERY or target is Ending.STUCK
    if isinstance(target, Ending):
        return FollowingEvent(event=target.event, ending=target, by_recovery=recovery)
    if isinstance(target, Join):
        group = target.group
        after = plan.group(Fork(group, target.operation)).on[outcome]
        if isinstance(after, Ending):
            return FollowingEvent(event=after.event, ending=after, together=group, by_recovery=recovery)
        return FollowingEvent(event=f"{group}.{outcome}", together=group, by_recovery=recovery)
    return FollowingEvent(event=f"{id.step}.{outcome}", by_recovery=recovery)
