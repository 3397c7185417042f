"""What a delivery at work can do, or suffer: its next request, death, a lost reply."""

from collections.abc import Iterator

from simulation.interleavings.deliveries import Point, Reply
from simulation.interleavings.model import SENT, TAKEN, Model
from simulation.interleavings.states import Edge, Running, State, one_less


class AtWork:
    """The deliveries at work.

    Args:
        model: the saga.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    def steps(self, state: State, slot: int, running: Running) -> Iterator[Edge]:
        """What can become of the delivery in a slot."""
        point, left = running.point, state.left
        reply, after, problems = self._landed(state, running)
        what = f"[{slot}] {point.message.name}: {_short(point)}"
        then = self._model.deliveries.continue_on_failure(point, reply)
        yield Edge(f"{what} → {reply}", self.after(after, slot, then), problems)
        if left.crashes:
            less = left._replace(crashes=left.crashes - 1)
            if point.replies:
                dead = self._over(state._replace(left=less), slot, point, acknowledged=False, failed=False)
                yield Edge(f"[{slot}] {point.message.name} dies", dead)
            if not then.request:
                dead = self._over(after._replace(left=less), slot, point, acknowledged=False, failed=False)
                yield Edge(f"{what} → {reply}, and dies", dead, problems)
        if left.losses and not running.lost:
            less = left._replace(losses=left.losses - 1)
            waits = _put(after.running, slot, Running(point, reply))
            yield Edge(f"{what} → {reply}, lost", after._replace(running=waits, left=less), problems)

    def _landed(self, state: State, running: Running) -> tuple[Reply, State, tuple[str, ...]]:
        """What a request makes of the state, apart from its sender."""
        request = running.point.request
        assert request
        if request.operation == "PutEvents":
            messages, told = self._model.mail.published(request)
            sender = self._model.mail.add(running.point.message)
            if state.ignored & sender:
                return TAKEN, state._replace(told=state.told | told), ()
            sent = state._replace(
                waiting=state.waiting | messages,
                tired=state.tired & ~messages,
                known=state.known | messages,
                heard=state.heard | sender,
                told=state.told | told,
            )
            return TAKEN, sent, ()
        if request.operation == "SendMessage":
            if running.point.function is self._model.recovery:
                return SENT, state._replace(parked=True), ()
            return SENT, state._replace(failed=state.failed | self._model.mail.add(running.point.message)), ()
        if running.lost and request.operation == "TransactWriteItems" and not running.lost.refusal:
            return running.lost, state, ()  # recognised by its token
        reply, tables, problems = self._model.storage.perform(state.tables, request, running.point.name)
        return reply, state._replace(tables=tables), problems

    def after(self, state: State, slot: int, point: Point) -> State:
        """The state in which a delivery has come to a point."""
        if point.request:
            return state._replace(running=_put(state.running, slot, Running(point)))
        return self._over(state, slot, point, acknowledged=point.acknowledged, failed=not point.acknowledged)

    def _over(self, state: State, slot: int, point: Point, *, acknowledged: bool, failed: bool) -> State:
        """A delivery is over: the message is dealt with, or is going to be delivered again."""
        mask = self._model.mail.add(point.message)
        if acknowledged and point.function is self._model.recovery:
            state = state._replace(failed=state.failed & ~mask)
        elif acknowledged:
            state = one_less(state, mask)
        elif failed and state.waiting & mask:
            state = state._replace(tired=state.tired | mask)
        return state._replace(
            tables=self._model.storage.release(state.tables, slot), running=_put(state.running, slot, None)
        )


def _put(running: tuple[Running | None, ...], slot: int, one: Running | None) -> tuple[Running | None, ...]:
    return (*running[:slot], one, *running[slot + 1 :])


def _short(point: Point) -> str:
    request = point.request
    assert request
    if request.operation == "PutEvents":
        return f"PutEvents {request.parameters['Entries'][0]['DetailType']}"
    return request.operation
