"""Telling others, broken on purpose: events, dead letters, groups."""

# ruff: noqa: SLF001
# pyright: reportPrivateUsage=false
# They reach inside on purpose.

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest

from saga_runtime import Command, events, execution, join
from saga_runtime.entry import direct, queue
from saga_runtime.execution import carry_out
from saga_runtime.ledger.sagas import Sagas
from saga_runtime.ledger.state import SagaKey, SagaState
from saga_runtime.outcome import Outcome
from saga_runtime.recovery import executions
from saga_runtime.recovery.callbacks import Answers
from saga_runtime.recovery.messages import Messages
from saga_runtime.services import Services

Json = dict[str, Any]
Patch = pytest.MonkeyPatch


def publish_before_commit(patch: Patch) -> None:
    """The next step is called before this one is done."""

    def hasty(participant: Any, command: Command, context: Any) -> Outcome:
        if command.operation == "action":
            results = {**command.results, command.step: {}}
            join.publish_outcome(
                participant.services, command, Outcome("succeeded", {**command.saga, "results": results})
            )
        return carry_out(participant, command, context)

    patch.setattr(queue, "carry_out", hasty)


def failed_entry_count_ignored(patch: Patch) -> None:
    """EventBridge says that it did not take the event, and nobody listens."""

    def publish(services: Services, saga_name: str, detail_type: str, saga: Json) -> None:
        entry: Any = {
            "EventBusName": services.bus,
            "Source": f"saga.{saga_name}",
            "DetailType": detail_type,
            "Detail": json.dumps(saga),
        }
        services.events.put_events(Entries=[entry])

    patch.setattr(events, "publish", publish)


def no_repetition_after_a_crash(patch: Patch) -> None:
    """What was done at an earlier delivery is not published again."""

    def tell(services: Services, command: Command, report: Outcome) -> None:
        if command.delivery == 1:
            join.publish_outcome(services, command, report)

    patch.setattr(queue, "publish_outcome", tell)


def errors_swallowed(patch: Patch) -> None:
    """A message is taken as done although its command failed."""
    attempt = queue._attempt

    def careless(*args: Any) -> None:
        with contextlib.suppress(Exception):
            attempt(*args)

    patch.setattr(queue, "_attempt", careless)


def dead_letter_not_published(patch: Patch) -> None:
    """An action whose attempts are used up is forgotten."""
    patch.setattr(Messages, "_action", lambda *_: None)


def turned_in_the_middle(patch: Patch) -> None:
    """Recovery begins compensation at the step it gave up, although another delivery of it went on."""
    given_up = Messages._given_up

    def careless(self: Messages, command: Command, state: SagaState, record: Any) -> None:
        given_up(replace(self, turn=""), command, state, record)

    patch.setattr(Messages, "_given_up", careless)


def counted_at_every_delivery(patch: Patch) -> None:
    """An ending is counted whenever it is published."""

    def announce(services: Services, command: Command, ending: str, report: Outcome) -> bool:
        events.publish_ending(services, command, ending, report.saga)
        events.count_ending(services, command, ending, report.saga)
        return True

    patch.setattr(events, "announce_ending", announce)
    patch.setattr(direct, "announce_ending", announce)


def published_by_copies(patch: Patch) -> None:
    """A copy of a command publishes the ending that another delivery has brought."""
    patch.setattr(execution, "replace", lambda report, **change: replace(report, **{**change, "again": True}))


def not_published_again(patch: Patch) -> None:
    """A delivery after a crash takes the ending for published."""
    patch.setattr(execution, "replace", lambda report, **change: replace(report, **{**change, "again": False}))


def not_known_as_published(patch: Patch) -> None:
    """The execution of a compensated saga does not say that its ending is published."""
    patch.setattr(direct, "published", lambda saga: saga)


def description_believed(patch: Patch) -> None:
    """Recovery asks how an execution ended, although the event says it, and the answer may be late."""

    def asked(news: Json, services: Services, *_: object) -> Any:
        return services.states.describe_execution(executionArn=news["executionArn"])

    patch.setattr(executions, "execution_of", asked)


def joined_too_early(patch: Patch) -> None:
    """The first branch of a group that is through speaks for all."""
    patch.setattr(SagaState, "done", lambda *_: True)


def resumed_without_looking(patch: Patch) -> None:
    """Resuming takes off a mark that was set again meanwhile."""
    clear_stuck = Sagas.clear_stuck
    patch.setattr(Sagas, "clear_stuck", lambda self, saga, _seen: clear_stuck(self, saga, SagaState({}, {})))


def unstuck_by_an_answer(patch: Patch) -> None:
    """A repeated yes takes the mark off a saga that is stuck being compensated."""
    complete = Answers.complete

    def careless(self: Answers, saga: SagaKey, step: str, result: Json) -> str | None:
        refused, state = complete(self, saga, step, result), self.context.sagas.state(saga)
        if not refused and step in state.stuck:
            self.context.sagas.clear_stuck(saga, state)
        return refused

    patch.setattr(Answers, "complete", careless)


def copies_kept(patch: Patch) -> None:
    """A copy of a dead letter is kept although one waits already: redriven, each makes more copies."""
    patch.setattr(SagaState, "has_dead_letter", lambda *_, **__: False)


def dead_letter_not_taken(patch: Patch) -> None:
    """Whoever redrives a dead letter does not say so first: what fails meanwhile leaves none."""
    patch.setattr(Sagas, "take_dead_letter", lambda *_: True)
