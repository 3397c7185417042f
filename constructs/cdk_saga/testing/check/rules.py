"""The rules of a saga's handlers, and what a trial says of them in plain words."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from cdk_saga.definition import NOTHING_TO_UNDO
from cdk_saga.testing.check.promises import (
    DEFINITE,
    EVERY,
    FINISHES,
    NOTHING,
    ONCE,
    OWN,
    REJECTED,
    RESULTLESS,
    SAME,
    TRANSACTION,
    UNANSWERED,
    UNDONE,
    UNDONE_ONCE,
    VOID,
    WAITS,
)
from cdk_saga.testing.check.runner import Trial
from cdk_saga.testing.check.state import Place, State, change, differences
from cdk_saga.testing.check.subject import Subject
from cdk_saga.testing.check.words import error_of, how_often, key_hint, times
from cdk_saga.testing.invariants import violations

SURPRISED: Final = (AttributeError, IndexError, KeyError, TypeError)
"""What a handler raises that misses something."""


class Problem(NamedTuple):
    """A rule that a trial breaks.

    Attributes:
        handler: the one that breaks it; empty when none in particular does.
        rule: the rule.
        text: how.
    """

    handler: str
    rule: str
    text: str


class Rules:
    """Judges trials.

    Args:
        subject: what is checked.
        before: what is there before the first step.
    """

    def __init__(self, subject: Subject, before: State) -> None:
        self._subject = subject
        self._before = before
        self._lasting = {step.name for step in subject.saga.all_steps if step.compensation is NOTHING_TO_UNDO}

    def problems(self, trial: Trial, clean: Trial) -> list[Problem]:
        """What is wrong with a trial.

        Args:
            trial: the trial.
            clean: the trial of the same input in which nothing goes wrong.
        """
        found = list(self._of_calls(trial))
        match trial.run.ending:
            case "COMPENSATED":
                found += [self._left(trial, place) for place in self._remains(trial)]
            case "COMPLETED" if not trial.scenario.neighbour:
                found += [self._other(trial, clean, place) for place in _unlike(clean, trial)]
            case "COMPLETED":
                pass
            case _:
                found += self._unfinished(trial)
        general = [] if found else [Problem("", EVERY, text) for text in violations(trial.run, None)]
        return list(dict.fromkeys(found + general))

    def unlike(self, one: Trial, other: Trial) -> list[Problem]:
        """Where two trials differ in which the same happens."""
        return [
            self._problem(
                self._task_at(one, place) or self._task_at(other, place),
                SAME,
                f"leaves something else at each run of the same input: {place} "
                f"({change(one.after.get(place), other.after.get(place))}). Derive a key from "
                "command.idempotency_key; what may differ, e.g. a time, belongs into ignored",
            )
            for place in differences(one.after, other.after)
        ]

    def _of_calls(self, trial: Trial) -> Iterator[Problem]:
        for call in trial.calls:
            if call.outside:
                text = f"changes something itself ({', '.join(call.outside)}): a crash leaves one without the other"
                yield self._problem(call.task, TRANSACTION, f"{text}. Use writes, or register an external_action")
            if call.asked and self._subject.waits(call.task.split(".")[0]) is None:
                yield self._problem(call.task, WAITS, "returned Pending: say callback_timeout=… in its step")
            if trial.is_clean and call.error and not call.rejected:
                text = f"raised {error_of(call)} although nothing went wrong, and was called {times(trial, call)}"
                yield self._problem(call.task, DEFINITE, f"{text}. Raise Rejected when that is a no")

    def _remains(self, trial: Trial) -> list[Place]:
        """Where a compensated saga has left something, what cannot be undone apart."""
        lasting = {touch.place for touch in trial.touches if touch.task.split(".")[0] in self._lasting}
        return [place for place in differences(trial.before, trial.after) if place not in lasting]

    def _left(self, trial: Trial, place: Place) -> Problem:
        """Why something is otherwise than before, although the saga is compensated."""
        difference = f"{place} ({change(trial.before.get(place), trial.after.get(place))})"
        there = [touch for touch in trial.touches if touch.place == place]
        step = there[-1].task.split(".")[0] if there else ""
        action, compensation = f"{step}.action", f"{step}.compensation"
        done = [touch for touch in there if touch.task == action]
        undone = [touch for touch in there if touch.task == compensation]
        if trial.scenario.neighbour and place in trial.before and place not in self._before:
            return self._problem(
                compensation if undone else action, OWN, f"changed {difference}, which belongs to another saga"
            )
        if not done:
            others = [touch for touch in trial.touches if touch.task == action]
            why = "had not touched that" if others else "had changed nothing"
            what = " and ".join(touch.words for touch in there[:2])
            text = f"changed {what} although {self._name(action)} {why}"
            return self._problem(compensation, VOID, text)
        if undone and there[-1].task == action:
            return self._problem(action, UNDONE, f"changed {difference} again when it had been undone")
        if place not in trial.before:  # a key of its own for each time
            remains = self._remains(trial)
            done = [touch for touch in trial.touches if touch.task == action and touch.place in remains]
        if len(done) > max(1, len(undone)):
            return self._problem(action, ONCE, f"changed {difference} {how_often(done)}{key_hint(place)}")
        if len(undone) > len(done):
            return self._problem(compensation, UNDONE_ONCE, f"changed {difference} again when it was repeated")
        return self._not_undone(trial, difference, action, compensation)

    def _not_undone(self, trial: Trial, difference: str, action: str, compensation: str) -> Problem:
        """Why an effect is still there that came about once."""
        acts = [call for call in trial.calls if call.task == action]
        undos = [call for call in trial.calls if call.task == compensation]
        if not undos and any(call.rejected for call in acts):
            return self._problem(action, REJECTED, f"raised Rejected after it had changed {difference}")
        if undos and trial.scenario.unanswered == action.split(".", maxsplit=1)[0]:
            text = f"left {difference} as {self._name(action)} had made it, when no yes had come"
            return self._problem(compensation, UNANSWERED, text)
        if undos and not any(call.knows_result for call in undos):
            text = f"left {difference} as {self._name(action)} had made it. command.result was None, as after a crash"
            return self._problem(compensation, RESULTLESS, f"{text}: go by command.idempotency_key")
        return self._problem(compensation, UNDONE, f"did not undo what {self._name(action)} had done to {difference}")

    def _other(self, trial: Trial, clean: Trial, place: Place) -> Problem:
        """Why a completed saga leaves something else than without faults."""
        task = self._task_at(trial, place)
        made = [touch for touch in trial.touches if touch.task == task]
        value = trial.after.get(place)
        if task.endswith(".compensation"):
            text = f"changed {place} ({change(trial.before.get(place), value)}) of a saga that is COMPLETED"
            return self._problem(task, VOID, text)
        if len({touch.at for touch in made}) > 1:
            text = f"took effect {how_often(made)}: {place}"
            return self._problem(task, ONCE, f"{text} ({change(trial.before.get(place), value)}){key_hint(place)}")
        if place not in clean.after:
            text = f"left {place} ({change(None, value)}), which it does not without faults{key_hint(place)}"
            return self._problem(task, ONCE, text)
        if value == trial.before.get(place):
            return self._problem(self._task_at(clean, place), ONCE, f"has not taken effect: {place} is as before")
        text = f"left {place} otherwise than without faults ({change(clean.after[place], value)})"
        return self._problem(task or self._task_at(clean, place), SAME, f"{text}. What may differ belongs into ignored")

    def _unfinished(self, trial: Trial) -> Iterator[Problem]:
        """Why a saga did not get to its end even when everything else was repaired."""
        failed = [call for call in trial.calls if call.error and not call.told and isinstance(call.error, Exception)]
        if not failed:
            return
        call = failed[-1]
        step = call.task.split(".")[0]
        text = f"raised {error_of(call)} each time, so the saga is {trial.run.ending} and cannot be resumed"
        if not call.task.endswith(".compensation"):
            yield self._problem(call.task, FINISHES, text)
        elif not call.knows_result and isinstance(call.error, SURPRISED):
            yield self._problem(call.task, RESULTLESS, f"{text}. command.result was None, as after a crash")
        elif trial.scenario.unanswered == step and isinstance(call.error, SURPRISED):
            yield self._problem(call.task, UNANSWERED, f"{text}. No yes had come")
        elif not any(touch.task == f"{step}.action" for touch in trial.touches) or _is_undone(trial, step):
            yield self._problem(call.task, NOTHING, f"{text}. There was nothing to undo: return")
        else:
            yield self._problem(call.task, FINISHES, text)

    def _task_at(self, trial: Trial, place: Place) -> str:
        return next((touch.task for touch in reversed(trial.touches) if touch.place == place), "")

    def _name(self, task: str) -> str:
        return f"`{self._subject.handler(task)}`"

    def _problem(self, task: str, rule: str, text: str) -> Problem:
        handler = self._subject.handler(task) if task else ""
        return Problem(handler, rule, f"{f'`{handler}`' if handler else 'The saga'} {text}.")


def _is_undone(trial: Trial, step: str) -> bool:
    """Whether everything that a step has touched is as before."""
    touched = {touch.place for touch in trial.touches if touch.task.split(".")[0] == step}
    return not touched & set(differences(trial.before, trial.after))


def _unlike(clean: Trial, trial: Trial) -> list[Place]:
    """Where a trial left something else than a clean one; too much of it says more than what is missing."""
    places = differences(clean.after, trial.after)
    return [place for place in places if place not in clean.after] or places
