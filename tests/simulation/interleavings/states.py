"""What a state of the search is, and what may still go wrong in it."""

from typing import NamedTuple

from simulation.interleavings.deliveries import Point, Reply
from simulation.interleavings.tables import Tables


class Budget(NamedTuple):
    """What may still go wrong.

    Attributes:
        crashes: functions that die, before or after any of their requests.
        losses: replies that are lost, so that the AWS SDK sends the request again.
        copies: deliveries beside a running one, or of a message that has been dealt with.
        surrenders: messages whose attempts are used up although none of them failed.
        catches: actions that are given up as a state machine does it: it takes the outcome for unknown, begins the way
            back, and does not listen any more.
        cancels: orders to cancel.
        resumes: orders to resume.
        skips: orders to skip the first step.
        completes: answers of yes to the step that waits.
        rejects: answers of no.
    """

    crashes: int = 1
    losses: int = 0
    copies: int = 1
    surrenders: int = 1
    catches: int = 0
    cancels: int = 0
    resumes: int = 0
    skips: int = 0
    completes: int = 0
    rejects: int = 0


class Running(NamedTuple):
    """A delivery at work: where it stands, and what became of a request whose reply was lost."""

    point: Point
    lost: Reply | None = None


class State(NamedTuple):
    """One state. Sets of messages are bit masks.

    Attributes:
        tables: what is stored.
        running: the deliveries at work, one for each slot.
        waiting: messages for participants.
        twice: those of them that are there twice, as EventBridge sent a copy.
        received: messages that wait and that a function has received before: SQS counts that.
        failed: messages for recovery.
        tired: messages an attempt of which has failed.
        known: every message that was ever sent.
        heard: messages a delivery of which has published it something.
        ignored: messages whose deliveries nobody listens to any more.
        told: the endings that the bus was told.
        parked: whether something waits for an operator.
        left: what may still go wrong.
    """

    tables: Tables
    running: tuple[Running | None, ...]
    waiting: int
    twice: int
    received: int
    failed: int
    tired: int
    known: int
    heard: int
    ignored: int
    told: int
    parked: bool
    left: Budget


class Edge(NamedTuple):
    """What can happen next: what to call it, where it leads, and what is wrong with it."""

    label: str
    state: State
    problems: tuple[str, ...] = ()


def one_less(state: State, mask: int) -> State:
    """The state in which one message less waits for a participant."""
    if state.twice & mask:
        return state._replace(twice=state.twice & ~mask)
    return state._replace(waiting=state.waiting & ~mask, tired=state.tired & ~mask, received=state.received & ~mask)


def rests(state: State) -> bool:
    """Whether nothing needs to happen any more."""
    return not (state.waiting or state.failed or any(state.running))
