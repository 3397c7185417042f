"""The watch: finds sagas that nobody works on any more, in either style, and sets them going again.

A lost message, a deleted execution, an execution that was never started again: no news tells of these. So the relay
looks at its saga's unfinished ones from time to time. The ledger says which show no sign of life, and where they stand.
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from saga_runtime import telemetry
from saga_runtime.errors import BadCommand
from saga_runtime.ledger import SagaKey, State
from saga_runtime.ledger.items import RENEWED, WATCH
from saga_runtime.ledger.views import UNFINISHED, Listed, listed
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


@dataclass(frozen=True)
class Watch:
    """Looks after the sagas of one definition.

    Args:
        orders: how sagas of a version are set in motion; the newest for an empty one.
        late: seconds after its start from which on a saga counts as late, if its own deadline is not earlier.
        silent: seconds without a sign of life after which nobody can be at work any more.
    """

    orders: "Callable[[str], Orders]"
    late: int
    silent: int

    def look(self, context: "LambdaContext") -> Json:
        """Look once.

        Returns:
            How many sagas are ``late``, the ids of those ``taken_over``, and the ``missing`` versions: those of
            unfinished sagas that are not deployed, so that nothing can go on with them.
        """
        now, enough = int(self._newest.services.now()), SPARE * context.get_remaining_time_in_millis()
        late, taken_over, missing = 0, list[str](), Counter[str]()
        unfinished = self._candidates(now)
        for found in unfinished:
            late += self._is_late(found, now)
            if (version := self._missing_version(found)) is not None:
                missing[version] += 1
            elif context.get_remaining_time_in_millis() > enough and self._is_taken_over(found, now):
                taken_over.append(found.id)
        for found in self._old(unfinished, now):
            if context.get_remaining_time_in_millis() > enough:
                self._newest.sagas.renew(SagaKey(self._newest.saga, found.id))
        telemetry.watched(self._newest.saga, late, len(taken_over), missing)
        return {"late": late, "taken_over": taken_over, "missing": [*missing]}

    @property
    def _newest(self) -> "Verdict":
        return self.orders("").verdict

    def _candidates(self, now: int) -> list[Listed]:
        # All at once: what is taken over changes its place in the index.
        store, youngest = self._newest.sagas.store, now - min(self.late, self.silent)
        return list(listed(store, self._newest.saga, UNFINISHED, started_by=youngest))

    def _old(self, unfinished: list[Listed], now: int) -> list[Listed]:
        """Sagas whose items would be gone before they end: stuck ones too wait for somebody, however long."""
        store, begun = self._newest.sagas.store, now - RENEWED
        stuck = listed(store, self._newest.saga, ("STUCK",), started_by=begun)
        return [*(found for found in unfinished if int(found.item["at"]) <= begun), *stuck]

    def _is_late(self, found: Listed, now: int) -> bool:
        started = int(found.item["at"])
        return started + self.late <= now or (found.deadline is not None and found.deadline <= now)

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
        if state.status not in UNFINISHED or state.last_sign_of_life + self.silent > now:
            return False
        count = int(state.meta.get("takeovers", 0)) + 1
        fields = {"saga": saga.name, "saga_id": saga.id, "state": state.status, "takeover": count}
        telemetry.logger().warning("taken over", extra=fields)
        if count > MOST_TAKEOVERS:
            self._give_up(saga, state)
            return True
        if state.status == "RUNNING":
            state = self._verdict.sagas.abort(saga, tuple(self._verdict.steps), on_behalf_of=WATCH)
        self._go_on(saga, state)
        # Last, so that the next look repeats what this one did not get done; going on twice harms nobody.
        self._verdict.sagas.taken_over(saga, count)
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
