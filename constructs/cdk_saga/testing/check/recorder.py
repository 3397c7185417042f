"""Watching a run: which handler was called, how that went, and what changed meanwhile."""

import copy
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from cdk_saga.testing.callbacks import Callbacks
from cdk_saga.testing.check.providers import AT
from cdk_saga.testing.check.scenarios import Scenario
from cdk_saga.testing.check.state import Place, change, key_text, plain, visible
from cdk_saga.testing.check.subject import Provider, Subject
from cdk_saga.testing.clock import START
from cdk_saga.testing.operations import ControlOperation
from cdk_saga.testing.world import World

Json = dict[str, Any]
REPAIRED: Final = 1e8
"""Seconds until what fails is repaired: longer than any ladder of attempts."""
SOON: Final = 30.0
"""Seconds until a waiting step is answered."""
LATE: Final = 3600.0
"""Seconds after which a saga has been compensated whose callback did not come in time."""
WRITING: Final = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
TRANSACTIONAL: Final = 2
"""Arguments of a handler that collects writes: the command and the writes."""


class Broken(Exception):
    """What a handler raises that was told to fail."""


class Touch(NamedTuple):
    """A change that a task made.

    Attributes:
        at: when.
        task: which.
        attempt: at which of its invocations.
        place: where.
        old: what was there; ``None``: nothing.
        new: what is there now.
    """

    at: float
    task: str
    attempt: int
    place: Place
    old: Any
    new: Any

    @property
    def words(self) -> str:
        """Where, and how."""
        return f"{self.place} ({change(self.old, self.new)})"


@dataclass
class Call:
    """A call of a handler.

    Attributes:
        task: whose handler it is.
        attempt: at which of the task's invocations.
        knows_result: whether the command had the action's result.
        told: whether it was told to fail.
        error: what it raised.
        rejected: whether that was a definite no.
        asked: whether it returned ``Pending``.
        outside: the requests by which a handler of a transaction changes something itself.
    """

    task: str
    attempt: int
    knows_result: bool
    told: bool
    error: BaseException | None = None
    rejected: bool = False
    asked: bool = False
    outside: list[str] = field(default_factory=list[str])


class HandlerRecorder:
    """Sees one run after another.

    Args:
        subject: what is checked.
        rejected: the exception that is a definite no.
        pending: what an action returns that has asked and waits.
    """

    def __init__(self, subject: Subject, rejected: type[Exception], pending: type[Any]) -> None:
        self.subject = subject
        self.rejected = rejected
        self.pending = pending
        self.people = Callbacks()
        self.scenario = Scenario("orchestrated", 0)
        self.failing: dict[str, str] = {}
        self.world: World
        self.providers: Mapping[str, Provider] = {}
        self.calls: list[Call] = []
        self._called: list[tuple[float, Place, Any, Any]] = []

    def begin(self, world: World, providers: Mapping[str, Provider], scenario: Scenario) -> None:
        """A run begins."""
        self.world, self.providers, self.scenario = world, providers, scenario
        self.people.begin(world)
        self.failing = {one.task: one.how for one in scenario.failing}
        self.calls, self._called = [], []

    def client(self, service: str) -> Any:
        """The client of a simulated service in the run that is on."""
        return self.world.client(service)

    @property
    def touches(self) -> list[Touch]:
        """Every change that can be seen, in order."""
        tasks = {entry.at: (entry.task, entry.attempt) for entry in self.world.trace.requests()}
        written = (
            (one.at, Place(one.table, key_text(one.key)), one.old and plain(one.old), one.new and plain(one.new))
            for one in self.world.dynamodb.changes
            if one.table in self.subject.tables
        )
        made = [
            Touch(at, *tasks[at], place, visible(self.subject, place, old), visible(self.subject, place, new))
            for at, place, old, new in (*written, *self._called)
            if at in tasks
        ]
        return sorted((touch for touch in made if touch.old != touch.new), key=lambda touch: touch.at)

    def called(self, provider: str, before: Mapping[str, Any]) -> None:
        """Note what a call has changed at a provider."""
        after, at = copy.deepcopy(self.providers[provider].effects()), self.world.clock.now
        self._called += [(at, Place(provider, key), before.get(key), after.get(key)) for key in {**before, **after}]

    @contextmanager
    def watching(self) -> Generator[None]:
        """Watch every handler of the participants."""
        before: list[tuple[dict[str, Any], dict[str, Any]]] = []
        try:
            for handlers in {id(who): who.handlers for who in self.subject.participants.values()}.values():
                before.append((handlers, dict(handlers)))
                handlers.update({name: replace(one, run=self._watched(one.run)) for name, one in handlers.items()})
            yield
        finally:
            for handlers, originals in before:
                handlers.update(originals)

    def _watched(self, run: Callable[..., Any]) -> Callable[..., Any]:
        def watched(command: Any, *writes: Any) -> Any:
            current = self.world.functions.current
            label = current.label if current else (f"{command.step}.{command.operation}", 1)
            how = self.failing.get(label[0], "") if self.world.clock.now < START + REPAIRED else ""
            call = Call(*label, knows_result=command.result is not None, told=bool(how))
            self.calls.append(call)
            seen = len(self.world.trace.entries)
            try:
                return self._act(how, lambda: self._asked(call, command.step, run(command, *writes)))
            except BaseException as error:
                call.error, call.rejected = error, isinstance(error, self.rejected)
                raise
            finally:
                if len(writes) + 1 == TRANSACTIONAL:
                    entries = self.world.trace.entries[seen:]
                    mine = [entry.what for entry in entries if (entry.task, entry.attempt) == label]
                    call.outside = [what for what in mine if what in WRITING or AT in what]

        return watched

    def _asked(self, call: Call, step: str, result: Any) -> Any:
        """Send the callback, if that is what the handler waits for."""
        if isinstance(result, self.pending):
            call.asked = True
            self.people.ask(step, self._answers(step))
        return result

    def _answers(self, step: str) -> list[ControlOperation]:
        waits = self.subject.waits(step) or 0
        soon = min(SOON, waits / 2)
        yes = ControlOperation("complete", after=soon, step=step, result=dict(self.subject.answers.get(step, {})))
        told = self.scenario.answered
        match told.answer if told and told.step == step else "yes":
            case "no":
                return [ControlOperation("reject", after=soon, step=step, reason="no, says the check")]
            case "never":
                return []
            case "twice":
                return [yes, replace(yes, after=soon + 1)]
            case "late":
                return [replace(yes, after=waits + LATE)]
            case _:
                return [yes]

    def _act(self, how: str, run: Callable[[], Any]) -> Any:
        if how == "rejected":
            raise self.rejected("rejected by the check")
        if how == "before":
            raise Broken("failing before it begins")
        result = run()
        if how == "after":
            raise Broken("failing when it is through")
        return result
