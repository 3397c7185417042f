"""One simulated AWS account for one run."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from cdk_saga.testing.clock import Clock
from cdk_saga.testing.dynamodb import DynamoDB
from cdk_saga.testing.faults import Faults
from cdk_saga.testing.schedule import Schedule
from cdk_saga.testing.services.bus import Bus
from cdk_saga.testing.services.calls import Call
from cdk_saga.testing.services.executions import StepFunctions, news_of
from cdk_saga.testing.services.function import Answer, Function
from cdk_saga.testing.services.functions import THROTTLED, Functions, Kind
from cdk_saga.testing.services.interpreter import InterpreterServices
from cdk_saga.testing.services.machines import Execution
from cdk_saga.testing.services.queues import Queue, Queues
from cdk_saga.testing.services.requests import Client
from cdk_saga.testing.trace import Trace
from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]

LEDGER: Final = "ledger"
BUS: Final = "sagas"
RECOVERY: Final = "recovery"
DEAD: Final = "dead"
DIED: Final = ("FAILED", "TIMED_OUT", "ABORTED")
ANSWERS: Final = ("complete", "reject")
ORDER_REPETITIONS: Final = 12
ORDER_PATIENCE: Final = 60.0
"""Seconds until a control operation that failed is repeated."""
REDRIVE_PATIENCE: Final = 150.0
"""Seconds after which a dead letter is there again that recovery had received when it died."""
ASYNC_RETRIES: Final = (60.0, 120.0)
"""Seconds until AWS Lambda repeats an asynchronous invocation that failed."""
ASYNC_AGE: Final = 21_600.0
"""Seconds after which AWS Lambda gives an asynchronous invocation up that it has throttled so far."""
ASYNC_PAUSE: Final = 300.0
"""Seconds between two attempts to begin it at most."""


def alias_for(operation: str) -> str:
    """The alias by which a caller invokes the recovery function."""
    return "answer" if operation in ANSWERS else "manage"


class World:
    """What exists in one run.

    Args:
        schedule: how long things take.
        faults: what goes wrong.
        others: makes the services that are not AWS's, by the name under which participants ask for their client.
    """

    def __init__(self, schedule: Schedule, faults: Faults, others: Mapping[str, Callable[[], Any]]) -> None:
        self.clock = Clock()
        self.schedule = schedule
        self.trace = Trace()
        self.functions = Functions(self.clock, schedule, faults, self.trace)
        self.dynamodb = DynamoDB(lambda: self.clock.now)
        self.bus = Bus(BUS, self.clock, schedule, faults)
        self.queues = Queues(self.clock, self.functions)
        self.states = StepFunctions(InterpreterServices(self.clock, schedule, self.functions), self._execution_ended)
        self.functions.operate = self.operate
        self.functions.replay = self.bus.replay
        self.functions.redrive = self.redrive
        self.recovery: Function | None = None
        self.saga_id = ""
        self.dead = self.queues.add(Queue(DEAD))
        services = {
            "dynamodb": self.dynamodb,
            "events": self.bus,
            "sqs": self.queues,
            "stepfunctions": self.states,
            **{name: make() for name, make in others.items()},
        }
        self.services = services
        self._clients = {name: Client(name, service, self.functions) for name, service in services.items()}

    def client(self, name: str) -> Any:
        """A client in the hands of a function."""
        if name not in self._clients:
            raise Unsimulated(f"{name} is not simulated: hand over a stand-in for it, to Simulation in services")
        return self._clients[name]

    def operate(
        self, operation: Json, performed: Callable[[], object] = lambda: None, repetitions: int = ORDER_REPETITIONS
    ) -> None:
        """Send a control operation to recovery, as ``saga_runtime.client`` does, and repeat it when it fails."""

        def done(answer: Answer) -> None:
            outcome = answer.error or answer.value["refused"] or "obeyed"
            self.trace.add(self.clock.now, ("caller", 0), f"orders: {operation['operation']}", outcome)
            # A dead letter whose receiver died, or whose reply was lost, is hidden for a while: an operator looks
            # again.
            redrives = operation["operation"] == "redrive" and outcome == "obeyed"
            hidden = redrives and (answer.value["dead_letter"] is None or answer.value.get("failed"))
            if hidden and repetitions and self.dead.messages:
                self.clock.after(REDRIVE_PATIENCE, lambda: self.operate(operation, performed, repetitions - 1))
            elif outcome == "obeyed":
                performed()
            elif repetitions and (answer.error or answer.value.get("early")):
                patience = REDRIVE_PATIENCE if operation["operation"] == "redrive" else ORDER_PATIENCE
                self.clock.after(patience, lambda: self.operate(operation, performed, repetitions - 1))

        if self.recovery:
            event = json.loads(json.dumps({"id": self.saga_id, **operation}))
            function = replace(self.recovery, alias=alias_for(operation["operation"]))
            self.functions.invoke(function, event, RECOVERY, done, lambda _kind: None)

    def redrive(self) -> None:
        """Work off the dead-letter queue as ``saga_runtime.client.redrive`` does: it deletes what was acted on.

        One that recovery refuses, or cannot read, stays, and is there for the next time.
        """
        for dead_letter in tuple(self.dead.messages.values()):
            dead_letter.visible_at = min(dead_letter.visible_at, self.clock.now)
            self.operate({"operation": "redrive", "before": int(self.clock.now * 1000) + 1, "discard": False})

    def _execution_ended(self, execution: Execution) -> None:
        if execution.status in DIED:
            event = {
                "source": "aws.states",
                "detail-type": "Step Functions Execution Status Change",
                "detail": news_of(execution),
            }
            self.clock.after(self.schedule.delivery(), lambda: self.call_recovery(json.dumps(event)))

    def call_recovery(self, event: str, failures: int = 0, *, since: float | None = None, pause: float = 1.0) -> None:
        """Invoke recovery asynchronously: if it fails AWS Lambda repeats it twice, then the event is a dead letter.

        Where it is throttled, it is repeated for six hours, with pauses from one second to five minutes (AWS Lambda,
        "How Lambda handles errors and retries with asynchronous invocation").
        """
        begun = self.clock.now if since is None else since

        def done(answer: Answer) -> None:
            if not answer.error:
                return
            if answer.error == THROTTLED and self.clock.now + pause < begun + ASYNC_AGE:
                longer = min(2 * pause, ASYNC_PAUSE)
                self.clock.after(pause, lambda: self.call_recovery(event, failures, since=begun, pause=longer))
            elif answer.error == THROTTLED:
                self._give_up(event, "EventAgeExceeded")
            elif failures < len(ASYNC_RETRIES):
                more = failures + 1
                self.clock.after(ASYNC_RETRIES[failures], lambda: self.call_recovery(event, more, since=begun))
            else:
                self._give_up(event, "RetriesExhausted")

        def again(_kind: Kind) -> None:
            self.call_recovery(event, len(ASYNC_RETRIES))

        if self.recovery:
            self.functions.invoke(self.recovery, json.loads(event), RECOVERY, done, again)

    def _give_up(self, event: str, condition: str) -> None:
        kept = {"requestContext": {"condition": condition}, "requestPayload": json.loads(event)}
        if self.functions.allows(RECOVERY, Call("sqs:SendMessage", self.dead.arn)):
            self.queues.send(self.dead, json.dumps(kept))
