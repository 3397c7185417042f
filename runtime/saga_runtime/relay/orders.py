"""What an operator, or a customer who changes their mind, can tell a saga: cancel, resume, forgive, replay."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from saga_runtime.client import execution_arn
from saga_runtime.command import checked_id
from saga_runtime.errors import BadCommand
from saga_runtime.events import announce_ending, publish
from saga_runtime.ledger import SagaKey, State
from saga_runtime.ledger.items import CANCEL
from saga_runtime.relay.executions import backward, version_of
from saga_runtime.relay.replay import Replay
from saga_runtime.values import LONGEST_REASON, canonical, short, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from saga_runtime.relay.verdict import Verdict
    from saga_runtime.services import Services

Json = dict[str, Any]


class Way(Protocol):
    """How a style is set in motion again; the ledger decides what then happens."""

    def back(self, saga: Json, step: str) -> None:
        """Undo, beginning with ``step``."""
        ...

    def forward(self, saga: Json, step: str) -> None:
        """Go on, beginning with ``step``."""
        ...


@dataclass(frozen=True)
class ByEvents:
    """Choreographed: the event that leads to the task is published again.

    Args:
        services: AWS.
        forward_events: which event leads to the action of each step.
    """

    services: "Services"
    forward_events: "Mapping[str, str]"

    def back(self, saga: Json, step: str) -> None:
        """An unknown outcome leads to the step's own compensation."""
        failure = {"step": step, "outcome": "unknown", "Error": "Ordered", "Cause": "on order", "recorded": True}
        publish(self.services, saga["name"], f"{step}.unknown", {**saga, "failure": failure})

    def forward(self, saga: Json, step: str) -> None:
        """The success of what comes before leads to this step."""
        publish(self.services, saga["name"], self.forward_events[step], saga)


@dataclass(frozen=True)
class ByMachine:
    """Orchestrated: the definition runs again; done steps answer from the ledger, fences turn the rest back."""

    services: "Services"
    machine: str

    def back(self, saga: Json, step: str) -> None:
        """Nothing is done until ``step``, which leads to its own compensation; for ``""`` the first fence does."""
        self._run(backward(saga, step) if step else {**saga, "results": {}})

    def forward(self, saga: Json, step: str) -> None:
        """Done steps answer from the ledger."""
        del step  # the ledger knows
        self._run({**saga, "results": {}})

    def _run(self, saga: Json) -> None:
        milliseconds = int(self.services.now() * 1000)
        self.services.states.start_execution(
            stateMachineArn=self._version(saga["id"]), name=f"{saga['id']}.r{milliseconds}", input=canonical(saga)
        )

    def _version(self, saga_id: str) -> str:
        """The definition it started with; the newest when its execution is there no more."""
        states = self.services.states
        try:
            return version_of(states.describe_execution(executionArn=execution_arn(self.machine, saga_id)))
        except states.exceptions.ExecutionDoesNotExist:
            return self.machine


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
        """Carry out ``{"order": "cancel" | "resume" | "forgive", "id": …, "step": …, "reason": …}``.

        The orders ``replay`` and ``redrive`` are :class:`Replay`'s.

        Returns:
            ``{"status": …, "refused": …}``: the saga's state afterwards, and why nothing was done, or ``None``.

        Raises:
            BadCommand: an unknown order, or a field that is missing.
        """
        if order.get("order") in {"replay", "redrive"}:
            return Replay(self).obey(order)
        saga = SagaKey(self.verdict.saga, checked_id(order.get("id")))
        match order.get("order"):
            case "cancel":
                refused = self._cancel(saga)
            case "resume":
                refused = self._resume(saga)
            case "forgive":
                refused = self._forgive(saga, _text(order, "step"), _text(order, "reason"))
            case unknown:
                raise BadCommand(f"order is {shown(unknown)}: it is one of cancel, resume, forgive, replay, redrive")
        return {"status": self.verdict.sagas.state(saga).status, "refused": refused}

    def _cancel(self, saga: SagaKey) -> str | None:
        state = self.verdict.sagas.abort(saga, tuple(self.verdict.steps), on_behalf_of=CANCEL)
        if state.meta["st"] in {"COMMITTED", "COMPLETED"}:
            return f"too late: saga {saga.id!r} is past its pivot"
        # Also when it was turned by an earlier order: whoever obeyed that may have died before telling the bus.
        if state.turned_for(CANCEL) and "input" in state.meta:
            self._turn_back(saga, state)
        return None

    def _turn_back(self, saga: SagaKey, state: State) -> None:
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
        if state.status != "STUCK":
            return f"saga {saga.id!r} is not stuck, it is {state.status or 'unknown'}"
        self.verdict.sagas.return_to(saga, state.left_behind(tuple(self.verdict.steps)))
        go = self.way.forward if state.meta["st"] == "COMMITTED" else self.way.back
        go(state.saga(saga.name, saga.id), state.stuck_at)
        # Last, so that an order whose bearer died can be repeated; going on twice harms nobody.
        self.verdict.sagas.unstick(saga)
        return None

    def tell_again(self, saga: SagaKey, state: State) -> None:
        """Announce how it has ended, e.g. by itself after somebody was alarmed."""
        command = self.verdict.command(state.saga(saga.name, saga.id))
        announce_ending(self.verdict.services, command, str(state.meta["st"]), command.saga)

    def _forgive(self, saga: SagaKey, step: str, reason: str) -> str | None:
        state = self.verdict.sagas.state(saga)
        if state.meta.get("st") != "STUCK" or step not in state.stuck:
            return f"saga {saga.id!r} is {state.status or 'unknown'}, not stuck at the compensation of {step!r}"
        if not self.verdict.sagas.forgive(saga, step, reason) and not self._is_forgiven(saga, step):
            return f"{step!r} of {saga.id!r} has nothing left to forgive"
        return self._resume(saga)

    def _is_forgiven(self, saga: SagaKey, step: str) -> bool:
        """Whether an order that was repeated, by its bearer or by the SDK after a lost reply, has done it already."""
        return "forgiven" in self.verdict.sagas.state(saga).steps.get(step, {})


def _text(order: Json, field: str) -> str:
    value = order.get(field)
    if isinstance(value, str) and value and value == short(value):
        return value
    raise BadCommand(f"{field} is {shown(value)}: this order needs it as text of 1 to {LONGEST_REASON:,} characters")
