"""Setting going again what hangs: on request, or because a dead letter asks for it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from saga_runtime.envelope import parse
from saga_runtime.errors import BadCommand
from saga_runtime.events import publish
from saga_runtime.fields import json_object
from saga_runtime.ledger import SagaKey, SagaState
from saga_runtime.reading import not_json, read_json
from saga_runtime.recovery.executions import Executions
from saga_runtime.recovery.messages import Messages
from saga_runtime.recovery.news import news_in
from saga_runtime.values import checked

if TYPE_CHECKING:
    from saga_runtime.command import Command
    from saga_runtime.recovery.operations import ControlOperations

Json = dict[str, Any]


@dataclass(frozen=True)
class StepRetry:
    """Repeats what a saga waits for; whether anything follows is the ledger's decision.

    Args:
        operations: the saga's recovery function, as far as it performs operations.
    """

    operations: "ControlOperations"

    def perform(self, saga: SagaKey) -> Json:
        """Repeat what a saga waits for; ``{"status": …, "refused": …}``, as of every operation."""
        return self._answer(saga, self._retry(saga, self._state(saga)))

    def redrive(self, body: Json) -> Json:
        """Act on a dead letter; raises :class:`BadCommand` when nothing can act on that."""
        context = self.operations.context
        messages = Messages(context, self.operations.last_compensable_step)
        if body.get("source") == "aws.states":
            Executions(context).failed(news_in(body))
            return {"status": "passed to recovery", "refused": None}
        if messages.is_undelivered(body):
            checked(body["detail"], "detail", BadCommand)
            publish(context.services, context.saga, body["detail-type"], body["detail"])
            return {"status": "published again", "refused": None}
        command = messages.ours(parse(body))
        saga, state = SagaKey.of(command), self._state(SagaKey.of(command))
        if not state.is_of(command):
            raise BadCommand(
                f"saga id {command.saga_id!r} is taken by a saga with another input: discard the dead letter"
            )
        if not state.meta:
            self.operations.engine.resume(command.saga, command.step)
            return {"status": "asked again", "refused": None}
        if state.ended:
            self._publish(command, state)
            return self._answer(saga, None)
        if state.status == "STUCK":
            context.sagas.take_dead_letter(saga, state)
            return self.operations.perform({"operation": "resume", "id": command.saga_id})
        return self._answer(saga, self._retry(saga, state))

    def _publish(self, command: "Command", state: SagaState) -> None:
        """The function that closed the saga may have crashed before publishing; a repetition is harmless."""
        if "input" in state.meta and not state.never_began:
            self.operations.publish_again(SagaKey.of(command), state)
        else:
            self.operations.context.compensated(command, f"{command.step!r} was delivered without success")

    def _retry(self, saga: SagaKey, state: SagaState) -> str | None:
        """Repeat what leads on from ``state``; returns why not."""
        if "input" not in state.meta:
            began = "was cancelled before it began" if state.meta else "never began: start it again"
            return f"saga {saga.id!r} {began}"
        if state.ended:
            return self.operations.publish_again(saga, state)
        if state.status == "STUCK":
            return f"saga {saga.id!r} is stuck at {state.stuck_at!r}: resume it"
        now = self.operations.context.services.now()
        if asked := next((step for step in state.steps if state.seconds_left(step, now)), None):
            return f"saga {saga.id!r} waits for an answer to {asked!r}: complete or reject it"
        document = state.saga(saga.name, saga.id)
        if state.status == "COMPENSATING":
            return self._compensate(document)
        steps = tuple(self.operations.context.steps)
        # With nothing left to do only the ending is missing, and the last step finds that out.
        at = next((step for step in steps if not state.done([step])), steps[-1])
        if state.status == "RUNNING":
            return self.operations.engine.retry(document, at)
        return self.operations.engine.resume(document, at)

    def _compensate(self, document: Json) -> None:
        if self.operations.last_compensable_step:
            self.operations.engine.compensate(document, self.operations.last_compensable_step)
        else:
            context = self.operations.context
            context.compensated(context.command(document), "there was nothing to undo")

    def _state(self, saga: SagaKey) -> SagaState:
        return self.operations.context.sagas.state(saga)

    def _answer(self, saga: SagaKey, refused: str | None) -> Json:
        return {"status": self._state(saga).status, "refused": refused}


def read_dead_letter(body: object) -> Json:
    """Read a dead letter; raises :class:`BadCommand` when it is no JSON object."""
    try:
        known = json_object(read_json(str(body)), "the dead letter")
    except ValueError as error:
        raise BadCommand(not_json("the dead letter", error, body)) from error
    payload = known.get("requestPayload")  # what Lambda keeps of an invocation of this recovery function that failed
    return cast(Json, payload) if isinstance(payload, dict) else known
