"""What requests do to the tables: the simulated DynamoDB and provider, asked once for each pair."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from cdk_saga.testing.clock import START
from cdk_saga.testing.dynamodb import DynamoDB
from cdk_saga.testing.services.requests import Request
from cdk_saga.testing.world import LEDGER
from simulation.interleavings.deliveries import Reply, slot_name
from simulation.interleavings.rules import Rules, View
from simulation.participants import TABLE, Provider

Json = dict[str, Any]
NO_ONE: Final = {"S": "nobody"}
"""Who signed a claim, when that delivery is over: nobody will complete it."""
OVER: Final = {"N": str(int(START * 1000) - 1)}
"""A time that is over."""
TIMES: Final = ("lease", "ulease", "due")
"""When a claim, or the time of a step that waits, is over."""


@dataclass(eq=False)
class Tables:
    """One state of everything that is stored.

    Attributes:
        items: every item, by table and key.
        charges: how often each charge is there at the provider.
        view: the same as the rules see it.
        problems: what is wrong with it.
        results: what each request makes of it: the reply, the tables then, and what is wrong with the change.
    """

    number: int
    items: dict[tuple[str, Any], Json]
    charges: dict[str, int]
    view: View
    problems: tuple[str, ...] = ()
    results: dict[str, tuple[Reply, "Tables", tuple[str, ...]]] = field(default_factory=dict[str, Any])
    released: dict[int, "Tables"] = field(default_factory=dict[int, "Tables"])
    later: "Tables | None" = None


class Storage:
    """All states of the tables that were reached.

    Args:
        dynamodb: with the tables as they are at the start.
        provider: what is outside.
        rules: what must hold.
        partition: of the saga in the ledger.
    """

    def __init__(self, dynamodb: DynamoDB, provider: Provider, rules: Rules, partition: str) -> None:
        self.performed = 0
        self._dynamodb = dynamodb
        self._provider = provider
        self._rules = rules
        self._partition = partition
        self._known: dict[str, Tables] = {}
        self._replies: dict[str, Reply] = {}
        self._loaded: Tables | None = None

    @property
    def size(self) -> int:
        """How many states of the tables are known."""
        return len(self._known)

    def start(self) -> Tables:
        """The tables as they are now."""
        return self._noted(self._dynamodb.contents(), dict(self._provider.counts))

    def perform(self, tables: Tables, request: Request, name: str) -> tuple[Reply, Tables, tuple[str, ...]]:
        """What a request, known by its name, makes of the tables."""
        if name not in tables.results:
            self.performed += 1
            reply = self._send(tables, request)
            after = self._noted(self._dynamodb.contents(), dict(self._provider.counts))
            wrong = () if after is tables else (*self._rules.of_change(tables.view, after.view), *after.problems)
            tables.results[name] = reply, after, wrong
        return tables.results[name]

    def release(self, tables: Tables, slot: int) -> Tables:
        """The tables when the delivery in a slot is over: its claims are nobody's."""
        if slot not in tables.released:
            mine = {"S": slot_name(slot)}
            tables.released[slot] = self._changed(tables, lambda _name, value: NO_ONE if value == mine else value)
        return tables.released[slot]

    def pass_time(self, tables: Tables) -> Tables:
        """The tables when all leases are over, and nobody waits any more."""
        if not tables.later:
            tables.later = self._changed(tables, lambda name, value: OVER if name in TIMES else value)
        return tables.later

    def _changed(self, tables: Tables, change: Callable[[str, Json], Json]) -> Tables:
        items = {
            key: {name: change(name, value) for name, value in item.items()} if key[0] == LEDGER else item
            for key, item in tables.items.items()
        }
        return self._noted(items, tables.charges)

    def _send(self, tables: Tables, request: Request) -> Reply:
        self._dynamodb.load(tables.items)
        self._provider.counts.clear()
        self._provider.counts.update(tables.charges)
        self._provider.log.clear()
        try:
            value = request.send()
        except ClientError as refusal:
            return self._one_of(json.dumps(refusal.response, sort_keys=True), Reply(refusal=refusal))
        return self._one_of(json.dumps(value, sort_keys=True), Reply(value))

    def _one_of(self, text: str, reply: Reply) -> Reply:
        return self._replies.setdefault(text, reply)

    def _noted(self, items: dict[tuple[str, Any], Json], charges: dict[str, int]) -> Tables:
        listed = sorted(items.items(), key=lambda pair: pair[0])
        text = json.dumps([listed, charges], sort_keys=True)
        if text not in self._known:
            view = self._view(items, charges)
            problems = tuple(self._rules.of_state(view))
            self._known[text] = Tables(len(self._known), items, charges, view, problems)
        return self._known[text]

    def _view(self, items: dict[tuple[str, Any], Json], charges: dict[str, int]) -> View:
        def of(sort_key: str) -> Json:
            return items.get((LEDGER, (self._partition, sort_key)), {})

        names = self._rules.names
        own = {name: items[TABLE, (name,)] for name in names}
        counts = {
            name: int(own[name].get("effects", {"N": 0})["N"])
            + sum(count for key, count in charges.items() if key.endswith(f".{name}"))
            for name in names
        }
        stock = {name: int(item["pieces"]["N"]) for name, item in own.items() if "effects" in item}
        return View(of("META"), {name: of(f"STEP#0#{name}") for name in names}, counts, stock)
