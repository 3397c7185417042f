"""A saga in the choreographed style, as the search sees it: where events lead, and what is delivered to whom."""

import json
from dataclasses import dataclass, field
from typing import Any, Final, Self, cast

from cdk_saga.testing import Schedule
from cdk_saga.testing.run import ANNOUNCEMENTS
from cdk_saga.testing.services.bus import Event, Rule
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.world import World
from saga_runtime.envelope import parse
from simulation.interleavings.deliveries import Deliveries, Message, Reply
from simulation.interleavings.rules import Rules
from simulation.interleavings.tables import Storage
from simulation.participants import Provider, outside, own, simulation
from simulation.search import Scenario
from simulation.shapes import saga

Json = dict[str, Any]
TAKEN: Final = Reply({"FailedEntryCount": 0, "Entries": [{}]})
ORDERS: Final = ("cancel", "resume", "skip", "complete", "reject")
SENT: Final = Reply({"MessageId": "m"})


@dataclass
class Mail:
    """What the messages that requests send come to.

    Attributes:
        messages: every message there can be; sets of them are bit masks of their numbers.
        events: what each published event leads to: the messages, and the ending it announces.
    """

    rules: list[Rule]
    functions: dict[str, Any]
    messages: list[Message] = field(default_factory=list[Message])
    events: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict[tuple[str, str], tuple[int, int]])

    def published(self, request: Request) -> tuple[int, int]:
        """The messages that an event becomes, and the ending that it announces, as masks."""
        (entry,) = request.parameters["Entries"]
        key = entry["DetailType"], entry["Detail"]
        if key not in self.events:
            event, detail = Event(0.0, entry["Source"], *key), json.loads(entry["Detail"])
            mask = 0
            for rule in self.rules:
                if rule.matches(event, detail):
                    mask |= self.add(Message(rule.task, rule.message(event, detail), self.functions[rule.task]))
            announced = 1 << ANNOUNCEMENTS.index(key[0]) if key[0] in ANNOUNCEMENTS else 0
            self.events[key] = mask, announced
        return self.events[key]

    def add(self, message: Message) -> int:
        """Know a message; returns its mask."""
        if message not in self.messages:
            self.messages.append(message)
        return 1 << self.messages.index(message)


class Model:
    """Everything that a search of one scenario needs. To be used as a context manager.

    Args:
        scenario: of the choreographed style: its deliveries come in any order, so they include the orchestrated ones.
    """

    def __init__(self, scenario: Scenario) -> None:
        definition = saga(scenario.shape, attempts=scenario.attempts)
        simulated = simulation(definition, "choreographed", scenario.stock)
        world = simulated.account(Schedule.calm())
        self.recovery = simulated.recovery
        self.deliveries = Deliveries(world.services, (own, outside, self.recovery))
        rules = Rules(definition, scenario.stock)
        partition = f"SAGA#{definition.name}#{world.saga_id}"
        self.storage = Storage(world.dynamodb, cast(Provider, world.services["provider"]), rules, partition)
        step_queues = {q.consumer.task: simulated.participants[q.consumer.function.name] for q in _step_queues(world)}
        self.mail = Mail(world.bus.rules, step_queues)
        self.start = self._started(simulated.command(world, dict(scenario.given)))
        waits = next(iter(scenario.given.get("pending", ())), "")
        told = {"id": world.saga_id, "reason": "no", "result": {"by": "Ada"}}
        steps = {"skip": definition.all_steps[0].name}
        self.operations = {
            order: self._ordered({"operation": order, "step": steps.get(order, waits), **told}) for order in ORDERS
        }
        self._unknown: dict[Message, int] = {}
        self._surroundings = simulated.surroundings

    def __enter__(self) -> Self:
        self._surroundings.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._surroundings.__exit__()

    def _ordered(self, order: Json) -> int:
        return self.mail.add(Message(order["operation"], json.dumps(order), self.recovery, is_order=True))

    def unknown(self, message: Message) -> int:
        """The messages of compensation, when a state machine takes the outcome of an action for unknown."""
        if message not in self._unknown:
            command = None if message.is_order else parse(json.loads(message.body))
            self._unknown[message] = 0
            if command and command.operation == "action":
                saga = command.failed("unknown", "States.Timeout", "", recorded=False)
                self._unknown[message] = self._published(f"{command.step}.unknown", saga)
        return self._unknown[message]

    def _started(self, given: Json) -> int:
        return self._published("saga.started", given)

    def _published(self, what: str, given: Json) -> int:
        entry = {"Source": f"saga.{given['name']}", "DetailType": what, "Detail": json.dumps(given)}
        mask, _ = self.mail.published(Request("events", "PutEvents", {"Entries": [entry]}, lambda: None))
        return mask


def _step_queues(world: World) -> list[Any]:
    return [queue for queue in world.queues.by_name.values() if queue.consumer and queue.consumer.task != "recovery"]
