"""Participants whose effects can be counted, for sagas of any shape, in both modes.

A step of participant `own` counts in a DynamoDB table, a step of `outside` at a provider. The saga's input says what
they do: `{"rejected": ["a"], "broken": ["a.action", "b.compensation"], "repaired": 5000, "pending": ["c"]}`, the
third in seconds. With `"answers": [["c", "complete", 50]]` somebody answers so many seconds after each time that
step c has asked; `"forgotten": true`: and does not repeat an answer at which recovery has died.
For `"deeds"` see there.
"""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, cast

from cdk_saga import Saga
from cdk_saga.testing import ControlOperation, ObservedEffect, Run, Simulation
from cdk_saga.testing.callbacks import Callbacks
from cdk_saga.testing.clock import START
from cdk_saga.testing.world import ORDER_REPETITIONS, World
from saga_runtime import Command, Participant, Pending, Rejected, Writes
from saga_runtime.recovery import Recovery
from simulation import deeds

Json = dict[str, Any]
TABLE: Final = "effects"


class Broken(Exception):
    """A handler that does not work."""


class Provider:
    """Something outside: it remembers for each key how often the effect is there, and forgets nothing."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.log: list[tuple[float, str, int]] = []

    def charge(self, *, key: str) -> None:
        """Make the effect, unless it is there."""
        if not self.counts[key]:
            self._change(key, 1)

    def refund(self, *, key: str) -> None:
        """Undo the effect, if it is there."""
        if self.counts[key]:
            self._change(key, -1)

    def _change(self, key: str, amount: int) -> None:
        self.counts[key] += amount
        # When the request arrives, which may be after whoever sent it has died.
        self.log.append((outside.services.now(), key, amount))


people = Callbacks()
raised: Final[Counter[str]] = Counter()
"""How often handlers were executed and raised ``Broken``, by task, in this run."""
own = Participant("own")
outside = Participant("outside")


@own.action
def do(command: Command, writes: Writes) -> Json | Pending:
    behave(command)
    key = {"pk": command.step}
    writes.update(
        TABLE, key, "ADD pieces :less, effects :one", values={":less": -1, ":one": 1},
        condition="pieces >= :one", rejected="sold out",
    )  # fmt: skip
    writes.put(TABLE, {"pk": f"BOOKING#{command.step}"}, condition="attribute_not_exists(pk)")
    return deeds.returned(deed(command), answer(command, {"done": command.step}))


@do.compensation
def undo(command: Command, writes: Writes) -> None:
    behave(command)
    writes.update(TABLE, {"pk": command.step}, "ADD pieces :one, effects :less", values={":less": -1, ":one": 1})
    writes.delete(TABLE, {"pk": f"BOOKING#{command.step}"})
    return deeds.returned(deed(command), None)


@outside.external_action
def charge(command: Command) -> Json | Pending:
    behave(command)
    outside.services.client("provider").charge(key=command.idempotency_key)
    return deeds.returned(deed(command), answer(command, {"charged": command.idempotency_key}))


@charge.compensation
def refund(command: Command) -> None:
    behave(command)
    outside.services.client("provider").refund(key=command.idempotency_key)
    return deeds.returned(deed(command), None)


def answer(command: Command, result: Json) -> Json | Pending:
    if command.step not in command.input.get("pending", ()):
        return result
    told = [
        ControlOperation(order, after=seconds, step=step, reason="no", result={"by": "Ada"})
        for step, order, seconds in command.input.get("answers", ())
        if step == command.step
    ]
    people.ask(command.step, told, 0 if command.input.get("forgotten") else ORDER_REPETITIONS)
    return Pending(result)


def deed(command: Command) -> str:
    return command.input.get("deeds", {}).get(f"{command.step}.{command.operation}", "")


def behave(command: Command) -> None:
    deeds.before_work(deed(command), command, own.services.sleep)
    if command.operation == "action" and command.step in command.input.get("rejected", ()):
        raise Rejected(f"no {command.step} for you")
    repaired = own.services.now() >= START + command.input.get("repaired", math.inf)
    if f"{command.step}.{command.operation}" in command.input.get("broken", ()) and not repaired:
        raised[f"{command.step}.{command.operation}"] += 1
        raise Broken(f"{command.step}.{command.operation}")


def simulation(definition: Saga, style: Any, stock: Mapping[str, int] | int = 2) -> Simulation:
    """The simulation of a saga, with so many pieces in stock for each step."""

    def prepare(world: World) -> None:
        people.begin(world)
        raised.clear()
        world.dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        )
        for one in definition.all_steps:
            pieces = stock if isinstance(stock, int) else stock.get(one.name, 2)
            world.dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": one.name}, "pieces": {"N": str(pieces)}})

    return Simulation(
        saga=definition,
        participants={"own": own, "outside": outside},
        recovery=Recovery(),
        style=style,
        prepare=prepare,
        services={"provider": Provider},
    )


def effects(run: Run) -> list[ObservedEffect]:
    """How the effects of a run changed, in order, told by the participants' data alone."""
    changes = [
        ObservedEffect(change.at, str(change.key[0]), _count(change.new) - _count(change.old))
        for change in run.world.dynamodb.changes
        if change.table == TABLE and "#" not in change.key[0]
    ]
    provider = cast(Provider, run.world.services["provider"])
    charges = [ObservedEffect(at, key.rsplit(".", 1)[1], amount) for at, key, amount in provider.log]
    return sorted(changes + charges)


def _count(item: Json | None) -> int:
    return int(item["effects"]["N"]) if item and "effects" in item else 0
