"""The command line in this process, in front of what moto makes of AWS; CloudFormation only knows outputs."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from orders_desk import HANDLERS, Functions
from saga_cli import surroundings
from saga_cli.main import app
from saga_runtime.client import letters
from saga_runtime.ledger import SagaKey
from saga_runtime.relay import ByEvents, Orders, Verdict
from saga_runtime.relay import redrive as redriving
from shop import payload
from world import World, in_memory

EVENTS = {"goods": "saga.started", "card": "goods.succeeded", "note": "card.succeeded"}


class Stacks:
    """CloudFormation, as far as the command line asks it: the outputs of every stack, a page each."""

    def __init__(self) -> None:
        self.pages: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> "Stacks":
        assert operation == "describe_stacks"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return self.pages

    def deploy(self, stack: str, **outputs: object) -> None:
        """Have a stack with these outputs."""
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in outputs.items()}
        told = [{"OutputKey": name, "OutputValue": text} for name, text in texts.items()]
        self.pages.append({"Stacks": [{"StackName": stack, **({"Outputs": told} if told else {})}]})


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from in_memory(monkeypatch)


@pytest.fixture
def stacks() -> Stacks:
    return Stacks()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, stacks: Stacks) -> Iterator[Callable[..., Result]]:
    """Runs ``cdk-saga`` with arguments."""
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "CDK_SAGA_STAGE": "",
    }.items():
        monkeypatch.setenv(name, value)
    made = surroundings.client
    with mock_aws():
        monkeypatch.setattr(surroundings, "client", lambda name: stacks if name == "cloudformation" else made(name))
        yield lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)


@pytest.fixture
def orders(run: Callable[..., Result], stacks: Stacks, world: World, monkeypatch: pytest.MonkeyPatch) -> Orders:
    """A deployed saga ``order``, whose saga ``t-1`` has done its first step."""
    del run  # the command line is in place
    handlers = {**HANDLERS, "goods": ["reserve", "release"]}
    orders = Orders(Verdict("order", handlers, world.services, "v1"), ByEvents(world.services, EVENTS), "card")
    url = world.services.sqs.create_queue(QueueName="dead")["QueueUrl"]
    steps = {"goods": True, "card": True, "note": False}
    target = {"name": "order", "version": "v1", "style": "choreographed", "where": "bus", "relay": "relay"}
    stacks.deploy("dev-Order", OrderStart={**target, "ledger": "ledger", "dead_letters": url, "steps": steps})
    clients: Any = {"lambda": Functions(orders), "events": world.services.events}
    made = surroundings.client
    monkeypatch.setattr(surroundings, "client", lambda name: clients.get(name) or made(name))
    monkeypatch.setattr(letters, "WAIT", 0)
    monkeypatch.setattr(redriving, "WAIT", 0)
    monkeypatch.setenv("SAGA_DEAD", url)
    world.call(payload("reserve", first=True))
    return orders


@pytest.fixture
def stuck(orders: Orders) -> Orders:
    orders.verdict.sagas.stick(SagaKey("order", "t-1"), ["goods"], "TimeoutError: down")
    return orders
