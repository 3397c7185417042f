"""Everything that can happen in a state."""

from collections.abc import Iterator

from simulation.interleavings.at_work import AtWork
from simulation.interleavings.deliveries import Message
from simulation.interleavings.model import Model
from simulation.interleavings.states import Budget, Edge, State, one_less


class Moves:
    """What can happen next.

    Args:
        model: the saga.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._at_work = AtWork(model)

    def of(self, state: State) -> Iterator[Edge]:
        """Each possible step."""
        for slot, running in enumerate(state.running):
            if running:
                yield from self._at_work.steps(state, slot, running)
        if None in state.running:
            yield from self._of_deliveries(state, state.running.index(None))
        yield from self._of_others(state)

    def _of_deliveries(self, state: State, slot: int) -> Iterator[Edge]:
        at_work = [running.point.message for running in state.running if running]
        for number, message in enumerate(self._model.mail.messages):
            mask = 1 << number
            if not state.known & mask:
                continue
            alone = message not in at_work
            both = state.twice & mask and at_work.count(message) == 1
            if alone and state.failed & mask:
                yield self._begun(state, slot, number, recovery=True)
            if message.is_order:
                continue
            if state.waiting & mask and (alone or both):
                again = 2 if state.received & mask else 1
                yield self._begun(state._replace(received=state.received | mask), slot, number, receives=again)
            elif state.left.copies:
                less = state.left._replace(copies=state.left.copies - 1)
                copied = state._replace(waiting=state.waiting | mask, received=state.received | mask, left=less)
                # EventBridge's copy is a message of its own: dealing with one does not take the other from the queue.
                own = copied._replace(twice=state.twice | (state.waiting & mask))
                yield self._begun(own, slot, number, kind="a copy")
                # SQS delivers the same message again: it counts that, and dealing with either delivery deletes it.
                yield self._begun(copied, slot, number, kind="again by SQS", receives=2)

    def _begun(
        self, state: State, slot: int, number: int, *, recovery: bool = False, kind: str = "", receives: int = 1
    ) -> Edge:
        message = self._model.mail.messages[number]
        point = self._model.deliveries.begin(message, self._model.recovery if recovery else None, slot, receives)
        to = "recovery" if recovery else kind
        label = f"[{slot}] {message.name} is delivered" + (f" ({to})" if to else "")
        return Edge(label, self._at_work.after(state, slot, point))

    def _of_others(self, state: State) -> Iterator[Edge]:
        left = state.left
        if not any(state.running):
            later = self._model.storage.pass_time(state.tables)
            if later is not state.tables:
                yield Edge("time passes, leases are over and nobody waits any more", state._replace(tables=later))
        for order in self._model.operations:
            if count := getattr(left, f"{order}s"):
                yield self._ordered(state, order, left._replace(**{f"{order}s": count - 1}))
        at_work = [running.point.message for running in state.running if running]
        for number, message in enumerate(self._model.mail.messages):
            mask = 1 << number
            if message in at_work:
                continue  # it is hidden for longer than any function may take
            if state.waiting & mask and (state.tired & mask or left.surrenders):
                less = left if state.tired & mask else left._replace(surrenders=left.surrenders - 1)
                given_up = one_less(state, mask)._replace(failed=state.failed | mask, left=less)
                yield Edge(f"{message.name} is given up", given_up)
            if left.catches and state.waiting & mask and not state.heard & mask:
                yield from self._of_catching(state, message, mask)

    def _of_catching(self, state: State, message: Message, mask: int) -> Iterator[Edge]:
        if back := self._model.unknown(message):
            left = state.left._replace(catches=state.left.catches - 1)
            waiting, ignored = (state.waiting & ~mask) | back, state.ignored | mask
            caught = state._replace(waiting=waiting, known=state.known | back, ignored=ignored, left=left)
            yield Edge(f"{message.name} is caught as unknown", caught)

    def _ordered(self, state: State, order: str, left: Budget) -> Edge:
        mask = self._model.operations[order]
        return Edge(
            f"somebody orders: {order}", state._replace(failed=state.failed | mask, known=state.known | mask, left=left)
        )
