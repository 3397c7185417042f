"""What people can tell a saga: cancel, resume, forgive, replay; complete or reject a step that waits for them."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from saga_runtime.envelope import checked_id
from saga_runtime.errors import BadCommand
from saga_runtime.events import publish_ending
from saga_runtime.ledger import Lost, SagaKey, State
from saga_runtime.ledger.items import CANCEL, CLAIMS
from saga_runtime.refusals import refusal
from saga_runtime.relay.answers import Answers
from saga_runtime.relay.replay import Replay
from saga_runtime.relay.ways import ByEvents, Way
from saga_runtime.values import LONGEST_REASON, short

if TYPE_CHECKING:
    from saga_runtime.relay.verdict import Verdict

Json = dict[str, Any]
ANSWERS: Final = ("complete", "reject")
NOT_STARTED: Final = "NOT_STARTED"
"""The state of a saga that was cancelled before the ledger knew of it: it will not begin."""
OPERATIONS: Final = ("cancel", "resume", "forgive", "replay", "redrive")
ORDERS: Final = (*OPERATIONS, *ANSWERS)


@dataclass(frozen=True)
class Orders:
    """Carries out orders.

    Args:
        verdict: the saga and its ledger.
        way: how its style is set in motion.
        turn: the last step that can be undone; empty when none can.
    """

    verdict: "Verdict"
    way: Way
    turn: str

    def obey(self, order: Json) -> Json:
        """Carry out an order: ``{"order": …, "id": …}``, for some with ``step``, ``reason`` or ``result``.

        The order ``replay`` is :class:`Replay`'s.

        Returns:
            ``{"status": …, "refused": …}``: the saga's state afterwards, and why nothing was done, or ``None``; with
            ``"early": true`` an answer to a step that may wait in a moment.

        Raises:
            BadCommand: an unknown order, or a field that is missing.
        """
        asked = order.get("order")
        if asked not in ORDERS:
            raise BadCommand(refusal("order", asked, f"it is one of {', '.join(ORDERS)}"))
        saga = SagaKey(self.verdict.saga, checked_id(order.get("id")))
        if asked == "replay":
            return Replay(self).obey(saga)
        match asked:
            case "cancel":
                refused = self._cancel(saga)
            case "resume":
                refused = self._resume(saga)
            case "forgive":
                refused = self._forgive(saga, _text(order, "step"), _text(order, "reason"))
            case "complete":
                refused = self._answers.complete(saga, _text(order, "step"), _result(order))
            case _:
                refused = self._answers.reject(saga, _text(order, "step"), _text(order, "reason"))
        state = self.verdict.sagas.state(saga)
        early = refused is not None and order["order"] in ANSWERS and state.may_ask(_text(order, "step"))
        status = NOT_STARTED if _was_unknown(state) else state.status
        return {"status": status, "refused": refused, **({"early": True} if early else {})}

    @property
    def _answers(self) -> Answers:
        return Answers(self.verdict, self.way)

    def _cancel(self, saga: SagaKey) -> str | None:
        state = self.verdict.sagas.abort(saga, tuple(self.verdict.steps), on_behalf_of=CANCEL)
        if state.meta["st"] in {"COMMITTED", "COMPLETED"}:
            return f"too late: saga {saga.id!r} is past its pivot"
        # Also when it was turned by an earlier order: whoever obeyed that may have died before telling the bus.
        if state.turned_for(CANCEL) and "input" in state.meta:
            self._turn_back(saga, state)
        return None

    def _turn_back(self, saga: SagaKey, state: State) -> None:
        self.way.release(state)
        if not isinstance(self.way, ByEvents):
            return  # a running execution meets the fence by itself
        document = state.saga(saga.name, saga.id)
        if self.turn and state.status == "COMPENSATING":
            self.way.back(document, self.turn)
        elif not self.turn:
            self.verdict.compensated(self.verdict.command(document), "cancelled, with nothing to undo")

    def _resume(self, saga: SagaKey) -> str | None:
        state = self.verdict.sagas.state(saga)
        if state.ended and state.stuck_at:
            return self.tell_again(saga, state)
        if state.unstuck:
            return None  # by the same order, which its bearer repeats
        if state.status != "STUCK":
            return f"saga {saga.id!r} is not stuck, it is {state.status or 'unknown'}"
        state = self._believed(saga, state)
        self.verdict.sagas.return_to(saga, state.left_behind(tuple(self.verdict.steps)))
        self.verdict.sagas.attempt_anew(saga, [step for step in state.stuck if step in state.steps])
        go = self.way.forward if state.meta["st"] == "COMMITTED" else self.way.back
        go(state.saga(saga.name, saga.id), state.stuck_at)
        # Last, so that an order whose bearer died can be repeated; going on twice harms nobody. It may be stuck again.
        self.verdict.sagas.unstick(saga, state)
        return None

    def _believed(self, saga: SagaKey, state: State) -> State:
        """Take what a command knew for true, now that an operator says so, where the ledger has lost it."""
        if CLAIMS not in state.meta:
            return state
        lost = Lost(self.verdict.sagas.store)
        restored = lost.restored(state)
        stuck = self.verdict.left(restored) or state.stuck
        lost.believe(saga, state, restored, stuck)
        return replace(restored, meta={**restored.meta, "stuck": ",".join(stuck)})

    def tell_again(self, saga: SagaKey, state: State) -> None:
        """Announce how it has ended, e.g. by itself after somebody was alarmed."""
        command = self.verdict.command(state.saga(saga.name, saga.id))
        publish_ending(self.verdict.services, command, state.told_as, command.saga)

    def _forgive(self, saga: SagaKey, step: str, reason: str) -> str | None:
        state = self.verdict.sagas.state(saga)
        if state.meta.get("st") != "STUCK" or step not in state.stuck:
            if _forgiven(state, step) == reason:
                return None  # by the same order, which its bearer repeats: it was obeyed, and nobody heard
            return f"saga {saga.id!r} is {state.status or 'unknown'}, not stuck at the compensation of {step!r}"
        self._believed(saga, state)
        if not self.verdict.sagas.forgive(saga, step, reason) and not _forgiven(self.verdict.sagas.state(saga), step):
            return f"{step!r} of {saga.id!r} has nothing left to forgive"
        return self._resume(saga)


def _was_unknown(state: State) -> bool:
    """Whether the ledger knows nothing of a saga but that it may not begin."""
    return state.never_began and "input" not in state.meta


def _forgiven(state: State, step: str) -> str:
    """The reason for which a step was forgiven; empty when it was not."""
    return str(state.steps.get(step, {}).get("forgiven", ""))


def _result(order: Json) -> Json:
    value = order.get("result")
    if isinstance(value, dict):
        return cast(Json, value)
    raise BadCommand(refusal("result", value, "this order needs a JSON object"))


def _text(order: Json, field: str) -> str:
    value = order.get(field)
    if isinstance(value, str) and value and value == short(value):
        return value
    raise BadCommand(refusal(field, value, f"this order needs it as text of 1 to {LONGEST_REASON:,} characters"))
