"""Setting in motion again what hangs: on order, or because a dead letter asks for it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from saga_runtime.envelope import parse
from saga_runtime.errors import BadCommand
from saga_runtime.events import publish
from saga_runtime.fields import json_object
from saga_runtime.ledger import SagaKey, State
from saga_runtime.reading import not_json, read_json
from saga_runtime.relay.executions import Executions
from saga_runtime.relay.messages import Messages
from saga_runtime.relay.news import news_in
from saga_runtime.values import checked

if TYPE_CHECKING:
    from saga_runtime.command import Command
    from saga_runtime.relay.orders import Orders

Json = dict[str, Any]


@dataclass(frozen=True)
class Replay:
    """Repeats what a saga waits for; whether anything follows is the ledger's decision.

    Args:
        orders: the saga's relay, as far as it takes orders.
    """

    orders: "Orders"

    def obey(self, saga: SagaKey) -> Json:
        """Repeat what a saga waits for; ``{"status": …, "refused": …}``, as of every order."""
        return self._answer(saga, self._replay(saga, self._state(saga)))

    def letter(self, body: Json) -> Json:
        """Act on a dead letter; raises :class:`BadCommand` when nothing can act on that."""
        verdict = self.orders.verdict
        messages = Messages(verdict, self.orders.turn)
        if body.get("source") == "aws.states":
            Executions(verdict).failed(news_in(body))
            return {"status": "told to the relay", "refused": None}
        if messages.is_undelivered(body):
            checked(body["detail"], "detail", BadCommand)
            publish(verdict.services, verdict.saga, body["detail-type"], body["detail"])
            return {"status": "published again", "refused": None}
        command = messages.ours(parse(body))
        saga, state = SagaKey.of(command), self._state(SagaKey.of(command))
        if not state.is_of(command):
            raise BadCommand(f"saga id {command.saga_id!r} is taken by a saga with another input: discard the letter")
        if not state.meta:
            self.orders.way.forward(command.saga, command.step)
            return {"status": "asked again", "refused": None}
        if state.ended:
            self._tell(command, state)
            return self._answer(saga, None)
        if state.status == "STUCK":
            verdict.sagas.open_letter(saga, state)
            return self.orders.obey({"order": "resume", "id": command.saga_id})
        return self._answer(saga, self._replay(saga, state))

    def _tell(self, command: "Command", state: State) -> None:
        """Whoever closed the saga may have died at the letter before telling anybody; a repetition harms nobody."""
        if "input" in state.meta and not state.never_began:
            self.orders.tell_again(SagaKey.of(command), state)
        else:
            self.orders.verdict.compensated(command, f"{command.step!r} was delivered in vain")

    def _replay(self, saga: SagaKey, state: State) -> str | None:
        """Repeat what leads on from ``state``; returns why not."""
        if "input" not in state.meta:
            began = "was cancelled before it began" if state.meta else "never began: start it again"
            return f"saga {saga.id!r} {began}"
        if state.ended:
            return self.orders.tell_again(saga, state)
        if state.status == "STUCK":
            return f"saga {saga.id!r} is stuck at {state.stuck_at!r}: resume it"
        now = self.orders.verdict.services.now()
        if asked := next((step for step in state.steps if state.seconds_left(step, now)), None):
            return f"saga {saga.id!r} waits for an answer to {asked!r}: complete or reject it"
        document = state.saga(saga.name, saga.id)
        if state.status == "COMPENSATING":
            return self._back(document)
        steps = tuple(self.orders.verdict.steps)
        # With nothing left to do only the ending is missing, and the last step finds that out.
        at = next((step for step in steps if not state.done([step])), steps[-1])
        if state.status == "RUNNING":
            return self.orders.way.repeat(document, at)
        return self.orders.way.forward(document, at)

    def _back(self, document: Json) -> None:
        if self.orders.turn:
            self.orders.way.back(document, self.orders.turn)
        else:
            verdict = self.orders.verdict
            verdict.compensated(verdict.command(document), "there was nothing to undo")

    def _state(self, saga: SagaKey) -> State:
        return self.orders.verdict.sagas.state(saga)

    def _answer(self, saga: SagaKey, refused: str | None) -> Json:
        return {"status": self._state(saga).status, "refused": refused}


def letter(body: object) -> Json:
    """Read a dead letter; raises :class:`BadCommand` when it is no JSON object."""
    try:
        known = json_object(read_json(str(body)), "the letter")
    except ValueError as error:
        raise BadCommand(not_json("the letter", error, body)) from error
    payload = known.get("requestPayload")  # what Lambda keeps of an invocation of this relay that failed
    return cast(Json, payload) if isinstance(payload, dict) else known
