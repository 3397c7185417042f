"""Amazon EventBridge: events, rules, and the messages that rules make of events."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from cdk_saga.testing.clock import Clock, iso
from cdk_saga.testing.dynamodb.errors import refused
from cdk_saga.testing.faults import Fault, Faults, Lost, Undelivered
from cdk_saga.testing.schedule import Schedule
from cdk_saga.testing.services.calls import bus_of
from cdk_saga.testing.services.doubles import passed_on_text

Json = dict[str, Any]
MAX_ENTRIES: Final = 10
LARGEST: Final = 1024 * 1024
"""Bytes of all entries of a request."""
RECEIVED: Final = "<aws.events.event.ingestion-time>"
"""A variable that every template has."""
GIVEN_UP_AFTER: Final = 86_400.0
"""Seconds for which EventBridge tries to reach a target."""


class Event(NamedTuple):
    """An event as it was put on the bus; ``detail`` is JSON."""

    at: float
    source: str
    detail_type: str
    detail: str


class Rule(NamedTuple):
    """A rule with one target.

    Args:
        pattern: exact values only, the part of the pattern language that sagas use.
        input_paths: the variables of the template; each is a field of the event, ``$.detail`` or a path below.
        input_template: what the target gets.
        target: takes the message.
        undelivered: takes the event when the target cannot be reached: the rule's dead-letter queue.
        task: what the rule is for, for faults.
    """

    pattern: Json
    input_paths: Mapping[str, str]
    input_template: str
    target: Callable[[str], None]
    undelivered: Callable[[str], None] = lambda _event: None
    task: str = ""

    def matches(self, event: Event, detail: Json) -> bool:
        """Whether an event is for this rule."""
        if event.detail_type not in self.pattern.get("detail-type", (event.detail_type,)):
            return False  # most rules differ in this alone
        return _matches(self.pattern, {"source": event.source, "detail-type": event.detail_type, "detail": detail})

    def message(self, event: Event, detail: Json) -> str:
        """What the target gets of an event."""
        text = self.input_template.replace(RECEIVED, iso(event.at))
        for name, path in self.input_paths.items():
            fields = {"detail": detail, "detail-type": event.detail_type}
            value = event.detail if path == "$.detail" else json.dumps(_find(fields, path))
            # Around a text there may be quotes already (EventBridge user guide, "Input transformation").
            text = text.replace(f'"<{name}>"', value).replace(f"<{name}>", value)
        return text


class Bus:
    """An event bus.

    Attributes:
        events: every event that was taken, in order.
    """

    def __init__(self, name: str, clock: Clock, schedule: Schedule, faults: Faults) -> None:
        self.name = name
        self.rules: list[Rule] = []
        self.events: list[Event] = []
        self._clock = clock
        self._schedule = schedule
        self._faults = faults
        self._deliveries: dict[str, int] = defaultdict(int)

    def put_events(self, *, Entries: Sequence[Json]) -> Json:  # noqa: N803 # boto3's name
        """Take events and tell the rules that match."""
        self._check(Entries)
        for entry in Entries:
            self.take(entry["Source"], entry["DetailType"], entry["Detail"])
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(len(self.events))} for _ in Entries]}

    def take(self, source: str, detail_type: str, detail_text: str) -> None:
        """Take one event."""
        event = Event(self._clock.now, source, detail_type, passed_on_text(detail_text))
        self.events.append(event)
        self._route(event)

    def replay(self) -> None:
        """Let the archive send every event once more."""
        for event in tuple(self.events):
            self._route(event)

    def _route(self, event: Event) -> None:
        detail = json.loads(event.detail)
        for rule in self.rules:
            if rule.matches(event, detail):
                self._deliver(rule, event, rule.message(event, detail))

    def _deliver(self, rule: Rule, event: Event, message: str) -> None:
        self._deliveries[rule.task] += 1
        if self._suffers(rule.task, Lost):
            return
        if self._suffers(rule.task, Undelivered):
            # The event itself, not what the rule would have made of it (EventBridge, "Using dead-letter queues").
            self._clock.after(GIVEN_UP_AFTER, lambda: rule.undelivered(_envelope(event)))
        else:
            self._clock.after(self._schedule.delivery(), lambda: rule.target(message))

    def _suffers(self, task: str, kind: type[Fault]) -> bool:
        faults = self._faults.of_invocation(task, self._deliveries[task])
        return any(isinstance(fault, kind) for fault in faults)

    def _check(self, entries: Sequence[Json]) -> None:
        if not 1 <= len(entries) <= MAX_ENTRIES:
            raise _invalid(f"1 to {MAX_ENTRIES} entries are allowed, got {len(entries)}")
        if sum(len(str(value).encode()) for entry in entries for value in entry.values()) >= LARGEST:
            raise _invalid("Total size of the entries in the request is over the limit.")
        for entry in entries:
            if (bus := bus_of(entry)) != self.name:
                raise refused("ResourceNotFoundException", f"Event bus {bus} does not exist.", "PutEvents")


def _envelope(event: Event) -> str:
    envelope = {"source": event.source, "detail-type": event.detail_type, "detail": json.loads(event.detail)}
    return json.dumps({"version": "0", "id": f"e-{event.at}", **envelope})


def _invalid(message: str) -> Exception:
    return refused("ValidationException", message, "PutEvents")


def _matches(pattern: Json, value: Json) -> bool:
    for field, wanted in pattern.items():
        found = value.get(field)
        if isinstance(wanted, dict):
            if not isinstance(found, dict) or not _matches(cast(Json, wanted), cast(Json, found)):
                return False
        elif found not in wanted:
            return False
    return True


def _find(fields: Json, path: str) -> Any:
    found: Any = fields
    for name in path.split(".")[1:]:
        found = found[name]
    return found
