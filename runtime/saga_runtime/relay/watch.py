"""The watch: finds sagas that nobody works on any more, in either style, and sets them going again.

A lost message, a deleted execution, an execution that was never started again: no news tells of these. So the relay
looks from time to time for those without a sign of life: the ledger has an index of them, and says where each stands.
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from saga_runtime import telemetry
from saga_runtime.errors import BadCommand
from saga_runtime.ledger import SagaKey, State
from saga_runtime.ledger.items import RENEWED, WATCH
from saga_runtime.ledger.views import UNFINISHED, Listed, count, silent
from saga_runtime.refusals import for_logs
from saga_runtime.relay.ways import ByEvents
from saga_runtime.values import short

if TYPE_CHECKING:
    from collections.abc import Callable

    from saga_runtime.handlers import LambdaContext
    from saga_runtime.relay.orders import Orders
    from saga_runtime.relay.verdict import Verdict

Json = dict[str, Any]
MOST_TAKEOVERS: Final = 3
"""A saga that nobody goes on with this often needs somebody to look."""
SPARE: Final = 0.4
"""The last part of an invocation's time, in which nothing is begun; the next look goes on."""
POSTPONED: Final = 900
"""Seconds until the watchdog looks again at a saga that it could do nothing for."""


@dataclass(frozen=True)
class Watch:
    """Looks after the sagas of one definition.

    A look reads what is overdue, from the index whose order is that of the last known signs of life. What shows a later
    one, or can't be helped now, goes to its place further back, so that no saga keeps the watchdog from the others.

    Args:
        orders: how sagas of a version are set in motion; the newest for an empty one.
        late: seconds after its start from which on a saga counts as late.
        silent: seconds without a sign of life after which nobody can be at work any more.
    """

    orders: "Callable[[str], Orders]"
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
        for failure in failures:
            raise failure
        return {"late": late, "taken_over": taken_over, "missing": [*missing]}

    @property
    def _newest(self) -> "Verdict":
        return self.orders("").verdict

    def _postpone(self, found: Listed, now: int) -> None:
        alive = now - self.silent + POSTPONED
        self._newest.sagas.look_again(SagaKey(self._newest.saga, found.id), State(found.item, {}), alive)

    def _missing_version(self, found: Listed) -> str | None:
        """The version that a saga started with, if that is not deployed: a forgotten one, or a saga that was moved."""
        version = str(found.item.get("v", ""))
        try:
            self.orders(version)
        except BadCommand as unknown:
            telemetry.logger().error("not taken over", extra={"saga_id": found.id, "reason": for_logs(unknown)})
            return version
        return None

    def _is_taken_over(self, found: Listed, now: int) -> bool:
        return TakeOver(self.orders(str(found.item.get("v", ""))), self.silent).begin(found.id, now)


@dataclass(frozen=True)
class TakeOver:
    """Goes on with a saga that nobody works on.

    Args:
        orders: how sagas of its version are set in motion.
        silent: seconds without a sign of life after which nobody can be at work any more.
    """

    orders: "Orders"
    silent: int

    @property
    def _verdict(self) -> "Verdict":
        return self.orders.verdict

    def begin(self, saga_id: str, now: int) -> bool:
        """Go on, if there is no sign of life; returns whether that was so."""
        saga = SagaKey(self._verdict.saga, saga_id)
        state = self._verdict.sagas.state(saga)
        # Its items would be gone before it ends; one that is stuck may wait for an operator for months.
        self._verdict.sagas.renew(state)
        if state.status not in UNFINISHED:
            self._verdict.sagas.look_again(saga, state, now + RENEWED)
            return False
        if state.last_sign_of_life + self.silent > now:
            self._verdict.sagas.look_again(saga, state, state.last_sign_of_life)
            return False
        number = int(state.meta.get("takeovers", 0)) + 1
        fields = {"saga": saga.name, "saga_id": saga.id, "state": state.status, "takeover": number}
        telemetry.logger().warning("taken over", extra=fields)
        if number > MOST_TAKEOVERS:
            self._give_up(saga, state)
            return True
        if state.status == "RUNNING":
            state = self._verdict.sagas.abort(saga, tuple(self._verdict.steps), on_behalf_of=WATCH)
        self._go_on(saga, state)
        # Last, so that the next look repeats what this one did not get done; going on twice harms nobody.
        self._verdict.sagas.taken_over(saga, number)
        return True

    def _go_on(self, saga: SagaKey, state: State) -> None:
        """Forward past the pivot, else back: what is done answers from the ledger."""
        document, way = state.saga(saga.name, saga.id), self.orders.way
        if state.status == "COMMITTED":
            way.forward(document, next(iter(self._verdict.standing(state)), [*self._verdict.steps][-1]))
        elif state.status == "COMPENSATING" and isinstance(way, ByEvents) and not self.orders.turn:
            self._verdict.compensated(self._verdict.command(document), "nobody went on, with nothing to undo")
        elif state.status == "COMPENSATING":
            way.back(document, self.orders.turn)

    def _give_up(self, saga: SagaKey, state: State) -> None:
        command = self._verdict.command(state.saga(saga.name, saga.id))
        cause = f"taken over {MOST_TAKEOVERS} times, and nobody went on"
        error, steps = "NobodyAtWork", self._verdict.standing(state) or [command.step]
        # Told before it is marked: nobody repeats a look, and the next one leaves alone what is stuck.
        self._verdict.tell_stuck(command, error, cause, steps)
        if not self._verdict.sagas.stick(saga, steps, short(f"{error}: {cause}")):
            self.orders.tell_again(saga, self._verdict.sagas.state(saga))  # it has ended meanwhile
