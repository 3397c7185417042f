"""The watchdog: finds sagas that have stopped making progress, in either style, and recovers them.

A lost message, a deleted execution, an execution that was never started again: no news tells of these. So recovery
looks from time to time for those without activity: the ledger has an index of them, and says where each stands.
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from saga_runtime import telemetry
from saga_runtime.errors import BadCommand
from saga_runtime.ledger import SagaKey, SagaState
from saga_runtime.ledger.items import RENEWED, WATCH
from saga_runtime.ledger.views import UNFINISHED, IndexedSaga, count, silent
from saga_runtime.recovery.engines import EventEngine
from saga_runtime.refusals import for_logs
from saga_runtime.values import short

if TYPE_CHECKING:
    from collections.abc import Callable

    from saga_runtime.handlers import LambdaContext
    from saga_runtime.recovery.context import SagaContext
    from saga_runtime.recovery.operations import ControlOperations

Json = dict[str, Any]
MAX_TAKEOVERS: Final = 3
"""A saga that stalls this often needs an operator."""
SPARE: Final = 0.4
"""The last part of an invocation's time, in which nothing is begun; the next look goes on."""
POSTPONED: Final = 900
"""Seconds until the watchdog looks again at a saga that it could do nothing for."""


@dataclass(frozen=True)
class Watchdog:
    """Looks after the sagas of one definition.

    A look reads what is overdue, from the index whose order is that of the last known activity. What shows a later
    one, or can't be helped now, goes to its place further back, so that no saga keeps the watchdog from the others.

    Args:
        operations: how sagas of a version are set going; the newest for an empty one.
        late: seconds after its start from which on a saga counts as late.
        silent: seconds without a recorded activity after which no execution or message can be in progress.
    """

    operations: "Callable[[str], ControlOperations]"
    late: int
    silent: int

    def look(self, context: "LambdaContext") -> Json:
        """Look once.

        Returns:
            How many sagas are ``late``, the ids of those ``taken_over``, and the ``missing`` versions: those of
            silent sagas that are not deployed, so that nothing can go on with them.

        Raises:
            Exception: of a saga that could not be looked at, after all others were.
        """
        store, enough = self._newest.sagas.store, SPARE * context.get_remaining_time_in_millis()
        now = int(self._newest.services.now())
        taken_over, missing, failures = list[str](), Counter[str](), list[Exception]()
        for found in silent(store, self._newest.saga, since=now - self.silent):
            if context.get_remaining_time_in_millis() <= enough:
                break
            try:
                if (version := self._missing_version(found)) is not None:
                    missing[version] += 1
                    self._postpone(found, now)
                elif self._is_taken_over(found, now):
                    taken_over.append(found.id)
            except Exception as failure:  # noqa: BLE001 # raised when the others have had their turn
                telemetry.logger().exception("not looked at", extra={"saga_id": found.id})
                failures.append(failure)
                self._postpone(found, now)
        late = count(store, self._newest.saga, UNFINISHED, started_by=now - self.late)
        telemetry.watched(self._newest.saga, late, len(taken_over), missing)
        if failures:
            raise failures[0]
        return {"late": late, "taken_over": taken_over, "missing": [*missing]}

    @property
    def _newest(self) -> "SagaContext":
        return self.operations("").context

    def _postpone(self, found: IndexedSaga, now: int) -> None:
        alive = now - self.silent + POSTPONED
        self._newest.sagas.look_again(SagaKey(self._newest.saga, found.id), SagaState(found.item, {}), alive)

    def _missing_version(self, found: IndexedSaga) -> str | None:
        """The version that a saga started with, if that is not deployed: a forgotten one, or a saga that was moved."""
        version = str(found.item.get("v", ""))
        try:
            self.operations(version)
        except BadCommand as unknown:
            telemetry.logger().error("not taken over", extra={"saga_id": found.id, "reason": for_logs(unknown)})
            return version
        return None

    def _is_taken_over(self, found: IndexedSaga, now: int) -> bool:
        return Takeover(self.operations(str(found.item.get("v", ""))), self.silent).begin(found.id, now)


@dataclass(frozen=True)
class Takeover:
    """Recovers a saga that has stopped making progress.

    Args:
        operations: how sagas of its version are set going.
        silent: seconds without a recorded activity after which no execution or message can be in progress.
    """

    operations: "ControlOperations"
    silent: int

    @property
    def _context(self) -> "SagaContext":
        return self.operations.context

    def begin(self, saga_id: str, now: int) -> bool:
        """Go on, if there is no activity; returns whether that was so."""
        saga = SagaKey(self._context.saga, saga_id)
        state = self._context.sagas.state(saga)
        # Its items would be gone before it ends; one that is stuck may wait for an operator for months.
        self._context.sagas.renew(state)
        if state.status not in UNFINISHED:
            self._context.sagas.look_again(saga, state, now + RENEWED)
            return False
        if state.last_sign_of_life + self.silent > now:
            self._context.sagas.look_again(saga, state, state.last_sign_of_life)
            return False
        number = int(state.meta.get("takeovers", 0)) + 1
        fields = {"saga": saga.name, "saga_id": saga.id, "state": state.status, "takeover": number}
        telemetry.logger().warning("taken over", extra=fields)
        if number > MAX_TAKEOVERS:
            self._give_up(saga, state)
            return True
        if state.status == "RUNNING":
            state = self._context.sagas.abort(saga, tuple(self._context.steps), on_behalf_of=WATCH)
        self._continue(saga, state)
        # Last, so that the next look repeats what this one did not finish; going on twice is harmless.
        self._context.sagas.taken_over(saga, number)
        return True

    def _continue(self, saga: SagaKey, state: SagaState) -> None:
        """Forward past the pivot, else back: what is done answers from the ledger."""
        document, way = state.saga(saga.name, saga.id), self.operations.engine
        if state.status == "COMMITTED":
            way.resume(document, next(iter(self._context.position(state)), [*self._context.steps][-1]))
        elif (
            state.status == "COMPENSATING"
            and isinstance(way, EventEngine)
            and not self.operations.last_compensable_step
        ):
            self._context.compensated(
                self._context.command(document), "it had stopped making progress, with nothing to undo"
            )
        elif state.status == "COMPENSATING":
            way.compensate(document, self.operations.last_compensable_step)

    def _give_up(self, saga: SagaKey, state: SagaState) -> None:
        command = self._context.command(state.saga(saga.name, saga.id))
        cause = f"taken over {MAX_TAKEOVERS} times, without progress"
        error, steps = "NoProgress", self._context.position(state) or [command.step]
        # Published before it is marked: a look is not repeated, and the next one skips what is stuck.
        self._context.publish_stuck(command, error, cause, steps)
        if not self._context.sagas.mark_stuck(saga, steps, short(f"{error}: {cause}")):
            self.operations.publish_again(saga, self._context.sagas.state(saga))  # it has ended meanwhile
