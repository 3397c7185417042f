"""Throughput on the local AWS: both styles, and a machine that calls three functions which do nothing."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, Final
from uuid import uuid4

from bench.figures import Chart, Line, Result
from bench.pairs import in_turn
from emulator import cdk
from emulator.instance import Emulator
from emulator.waiting import wait_until
from saga_runtime.client import Target as Entrance
from saga_runtime.client import start
from saga_runtime.ledger.items import META, saga_key
from saga_runtime.services import Services

TITLE: Final = "Throughput"
ABOUT: Final = """\
Sagas of three steps whose effect is their record in the ledger, deployed by the CDK CLI to the local AWS, one Python
process, two workers a function. They are started at once and waited for; the rival is a state machine of three
functions that log a line and do nothing else, started the same way. It is no equal: it keeps no ledger and survives no
fault, so there is no target. Earlier figures, in which ours was faster, were an artefact: the emulator waits 50 ms for
a function that logs nothing, as the rival's were. All seconds are the emulator's, with its own fixed sleeps in them:
they say nothing about AWS."""
RIVAL: Final = "bare machine"
AT_ONCE: Final = 12
STEPS: Final = 3
ROUNDS: Final = 5
IN_FLIGHT: Final = (1, 10, 50, 200, 500)
PATIENCE: Final = 180.0
APP: Final = f"{sys.executable} -m bench.children.deployed"


@dataclass
class Contest:
    """What is deployed, and how it is started and watched."""

    emulator: Emulator
    outputs: dict[str, str]

    def __post_init__(self) -> None:
        clients = {name: self.emulator.client(name) for name in ("stepfunctions", "dynamodb", "events")}
        self._services = Services(client=clients.__getitem__)
        self._states: Any = clients["stepfunctions"]
        self._dynamodb: Any = clients["dynamodb"]

    def bare(self, number: int) -> float:
        """Run so many executions of the bare machine; returns seconds."""
        machine, begun = self.outputs["BareMachine"], time.perf_counter()
        for _ in range(number):
            self._states.start_execution(stateMachineArn=machine, input="{}")
        wait_until(lambda: not self._running(machine), what=f"{number} executions", timeout=PATIENCE)
        return time.perf_counter() - begun

    def ours(self, style: str, number: int) -> float:
        """Run so many sagas; returns seconds."""
        services = Services(client=self._services.client)
        entrance, batch = Entrance(**json.loads(self.outputs[f"{style.title()}Start"])), uuid4().hex[:8]
        begun = time.perf_counter()
        for i in range(number):
            start(entrance, f"{batch}-{i}", {}, services=services)
        if style == "orchestrated":
            wait_until(lambda: not self._running(entrance.where), what=f"{number} executions", timeout=PATIENCE)
        # First the last alone: to count them all, again and again, would keep the local AWS from working.
        last = f"{batch}-{number - 1}"
        wait_until(lambda: self._ended(style, last), what=f"saga {last}", timeout=PATIENCE)
        wait_until(lambda: self._completed(style, batch) == number, what=f"{number} sagas", timeout=PATIENCE)
        return time.perf_counter() - begun

    def _running(self, machine: str) -> bool:
        machine = ":".join(machine.split(":")[:7])
        return bool(self._states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"])

    def _ended(self, saga: str, id: str) -> bool:
        key = {"pk": {"S": saga_key(saga, id)}, "sk": {"S": META}}
        item = self._dynamodb.get_item(TableName=self.outputs["LedgerName"], Key=key).get("Item", {})
        return item.get("st") == {"S": "COMPLETED"}

    def _completed(self, saga: str, batch: str) -> int:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self.outputs["LedgerName"],
            FilterExpression="begins_with(pk, :pk) AND st = :st AND sk = :sk",
            ExpressionAttributeValues={
                ":pk": {"S": f"SAGA#{saga}#{batch}"}, ":st": {"S": "COMPLETED"}, ":sk": {"S": "META"}
            },
        )  # fmt: skip
        return sum(page["Count"] for page in pages)


def measure() -> Result:
    """Deploy once, then everybody in turn."""
    with Emulator.start(wait_scale=0, workers=2) as emulator:
        cdk.bootstrap(emulator)
        contest = Contest(emulator, cdk.deploy(emulator, app=APP)["Bench"])
        alone = in_turn(dict(_contestants(contest, 1)), ROUNDS)
        together = in_turn(dict(_contestants(contest, AT_ONCE)), ROUNDS)
        growing = {number: in_turn(dict(_contestants(contest, number)), 1) for number in IN_FLIGHT}
    return Result(lines=[*_lines(alone, together), *_growth(growing)], charts=[_chart(growing)])


def _contestants(contest: Contest, number: int) -> Iterator[tuple[str, Callable[[], float]]]:
    yield RIVAL, partial(contest.bare, number)
    for style in ("orchestrated", "choreographed"):
        yield style, partial(contest.ours, style, number)


def _lines(alone: dict[str, list[float]], together: dict[str, list[float]]) -> Iterator[Line]:
    for style in ("orchestrated", "choreographed"):
        common: dict[str, Any] = {"against": RIVAL}
        yield Line(
            what=f"{style}, alone", unit="ms a step", ours=_each(alone[style]), rival=_each(alone[RIVAL]), **common
        )
        rival, ours = (_each(together[name], AT_ONCE / STEPS) for name in (RIVAL, style))
        yield Line(what=f"{style}, {AT_ONCE} at once", unit="ms a saga", ours=ours, rival=rival, **common)
    rates = {name: AT_ONCE / median(times) for name, times in together.items()}
    for style in ("orchestrated", "choreographed"):
        yield Line(
            what=f"{style}, {AT_ONCE} at once",
            unit="sagas a second",
            against=RIVAL,
            rival=rates[RIVAL],
            ours=rates[style],
        )


def _each(times: list[float], number: float = 1.0) -> list[float]:
    return [1000 * seconds / number / STEPS for seconds in times]


def _growth(growing: dict[int, dict[str, list[float]]]) -> Iterator[Line]:
    few, many = IN_FLIGHT[1], IN_FLIGHT[-1]
    for name in ("orchestrated", "choreographed"):
        each = {number: 1000 * growing[number][name][0] / number for number in (few, many)}
        bare = 1000 * growing[many][RIVAL][0] / many
        what = f"{name}, {many} in flight; the floor is {few} in flight"
        yield Line(what=what, unit="ms a saga", against=RIVAL, rival=bare, ours=each[many], floor=each[few])


def _chart(growing: dict[int, dict[str, list[float]]]) -> Chart:
    names = (RIVAL, "orchestrated", "choreographed")
    series = {name: [(number, growing[number][name][0]) for number in IN_FLIGHT] for name in names}
    return Chart(name="in-flight", title="Until all are through", x="sagas in flight", y="seconds", series=series)
