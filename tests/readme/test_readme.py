"""What the README shows is run."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_events_targets as targets

from cdk_saga import Saga
from cdk_saga.plan import advise, compile_saga
from cdk_saga.render import mermaid
from demo.examples import SCENARIOS
from manual.pages import ROOT, blocks
from rendered import README, block
from saga_runtime import Command, Participant, Pending
from saga_runtime.envelope import parse
from saga_runtime.services import Services
from saga_runtime.writes import Writes
from shop import payload
from stacks.trip import trip


def run(containing: str, **known: Any) -> dict[str, Any]:
    names: dict[str, Any] = dict(known)
    exec(compile(block(containing), "README.md", "exec"), names)  # noqa: S102 # our own README
    return names


def test_the_definition_is_the_one_that_the_demo_deploys() -> None:
    assert run('Step("hotel"')["trip"] == trip


def test_the_definition_is_at_most_eight_lines() -> None:
    definition = block('Step("hotel"').split("\n\n")[1]
    assert len(definition.strip().splitlines()) <= 8


def test_the_picture_is_drawn_from_the_definition() -> None:
    assert block("flowchart", "mermaid") == mermaid(compile_saga(trip))


def test_the_participant_books_and_cancels() -> None:
    shown = run("flights = Participant(")
    participant: Participant = shown["flights"]
    assert set(participant.handlers) == {"book_flight", "cancel_flight"}
    for name, handler in participant.handlers.items():
        command, writes = parse(payload(name)), Writes()
        handler.run(command, writes)  # type: ignore[call-arg]
        assert [next(iter(entry)) for entry in writes.entries] == [
            "Update",
            "Put" if name == "book_flight" else "Delete",
        ]
    assert shown["handler"] == participant.handler


def test_the_longer_definition_means_what_the_table_says() -> None:
    order: Saga = run("Parallel(")["order"]
    plan = compile_saga(order)
    assert [step.name for step in order.all_steps] == ["payment", "stock", "truck", "dispatch", "notice"]
    assert (plan.last_compensable_step, order.deadline, [advice.id for advice in advise(order)]) == (
        "dispatch",
        3600,
        [],
    )


class Provider:
    """The external provider of the README's third step."""

    def __init__(self) -> None:
        self.bookings: dict[str, float] = {}

    def book(self, *, key: str, timeout: float) -> dict[str, str]:
        self.bookings[key] = timeout
        return {"booking": key}

    def cancel(self, *, key: str) -> None:
        del self.bookings[key]


def test_the_external_step_books_and_cancels_under_one_key() -> None:
    transfers, provider = Participant("transfers"), Provider()
    run("@transfers.external_action", transfers=transfers, provider=provider, Command=Command)
    command = parse(payload("book_transfer"))
    act, undo = (transfers.handlers[name] for name in ("book_transfer", "cancel_transfer"))
    assert act.run(command) == {"booking": "order.t-1.goods"}  # type: ignore[call-arg]
    undo.run(command)  # type: ignore[call-arg]
    assert provider.bookings == {}


@pytest.mark.parametrize(("price", "writes"), [(1000, 0), (1001, 1)])
def test_the_step_that_waits_asks_only_over_the_limit(price: int, writes: int) -> None:
    approvals, asked = Participant("approvals"), Writes()
    run("def ask_approval", approvals=approvals, Command=Command, Writes=Writes, Pending=Pending)
    answer = approvals.handlers["ask_approval"].run(parse(payload("ask_approval", given={"price": price})), asked)  # type: ignore[call-arg]
    assert (isinstance(answer, Pending), len(asked.entries)) == (bool(writes), writes)


class Aws:
    """AWS, as far as starting and cancelling goes."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def start_execution(self, *, name: str, **_: Any) -> None:
        self.asked.append(f"start {name}")

    def invoke(self, *, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 # AWS's
        self.asked.append(f"{json.loads(Payload)['order']} {json.loads(Payload)['id']}")
        return {"Payload": _Body()}


class _Body:
    def read(self) -> str:
        return '{"status": "COMPENSATING", "refused": null}'


def test_a_saga_is_started_and_cancelled_with_what_the_stack_puts_out(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Aws()
    for module in ("orders", "starting"):
        monkeypatch.setattr(f"saga_runtime.client.{module}.Services", lambda: Services(client=lambda _: aws))
    output = json.dumps(
        {"name": "trip", "version": "v1", "style": "orchestrated", "where": "machine", "recovery": "recovery"}
    )
    run("from saga_runtime.client import", json=json, output=output)
    assert aws.asked == ["start trip-8842", "cancel trip-8842"]


@pytest.mark.parametrize("style", ["OrchestratedSaga", "ChoreographedSaga"])
def test_the_construct_grants_and_reacts_as_shown(style: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flights").mkdir()
    (tmp_path / "flights" / "__init__.py").write_text(block("flights = Participant("))
    shown = run("stack = Stack(App()")
    stack: Stack = shown["stack"]
    saga = stack.node.find_child("Trip" if style == "OrchestratedSaga" else "TripByEvents")
    run("trip_saga.grant_start", trip_saga=saga, website=shown["flights"], mailer=shown["flights"], targets=targets)
    assert stack.node.try_find_child("Trip") is not None
    assert isinstance(stack.node.root, App)
    assert isinstance(shown["trip"], Saga)


def test_the_demos_tables_have_every_case_and_agree() -> None:
    rows = re.findall(r"^(\S.*?) {2,}.* (yes|no)$", block("all goes well", "text"), flags=re.MULTILINE)
    assert rows == [(case.name, "yes") for _, case in SCENARIOS]


def test_the_folders_that_the_readme_tells_of_are_there() -> None:
    _, tree, *_ = README.read_text().partition("## How it is built")[2].split("```")
    folders = [line.split()[0] for line in tree.strip().splitlines()]
    assert folders
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_the_runtimes_readme_shows_a_participant() -> None:
    (shown,) = blocks(ROOT / "runtime" / "README.md")
    names: dict[str, Any] = {}
    exec(compile(shown.text, str(shown), "exec"), names)  # noqa: S102 # our own page
    assert set(names["hotels"].handlers) == {"book_hotel", "cancel_hotel"}


def test_every_block_of_the_readme_is_run_or_compared_by_a_test_above() -> None:
    asked = re.findall(r"""\b(?:run|block)\((?:"([^"]+)"|'([^']+)')""", Path(__file__).read_text())
    texts = {double or single for double, single in asked}
    shown = [one for one in blocks(README) if one.language != "console"]
    assert len(shown) > len(texts) / 2
    assert [str(one) for one in shown if not any(text in one.text for text in texts)] == []
