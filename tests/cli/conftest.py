"""The command line in this process, in front of what moto makes of AWS; CloudFormation only knows outputs."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from operations_fixture import HANDLERS, Functions
from saga_cli import environment
from saga_cli.main import app
from saga_runtime.client import dead_letter_queue
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import ControlOperations, EventEngine, SagaContext
from saga_runtime.recovery import redrive as redriving
from shop import payload
from world import World, in_memory

EVENTS = {"goods": "saga.started", "card": "goods.succeeded", "note": "card.succeeded"}


class Stacks:
    """CloudFormation, as far as the command line asks it: the outputs of every stack, a page each."""

    meta = SimpleNamespace(region_name="us-east-1")

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
    made = environment.client
    with mock_aws():
        monkeypatch.setattr(environment, "client", lambda name: stacks if name == "cloudformation" else made(name))
        yield lambda *arguments, **options: CliRunner().invoke(app, list(arguments), **options)


@pytest.fixture
def operations(
    run: Callable[..., Result], stacks: Stacks, world: World, monkeypatch: pytest.MonkeyPatch
) -> ControlOperations:
    """A deployed saga ``operation``, whose saga ``t-1`` has done its first step."""
    del run  # the command line is in place
    handlers = {**HANDLERS, "goods": ["reserve", "release"]}
    operations = ControlOperations(
        SagaContext("order", handlers, world.services, "v1"), EventEngine(world.services, EVENTS), "card"
    )
    url = world.services.sqs.create_queue(QueueName="dead")["QueueUrl"]
    steps = {"goods": True, "card": True, "note": False}
    target = {"name": "order", "version": "v1", "style": "choreographed", "where": "bus", "recovery": "recovery"}
    stacks.deploy("dev-Order", OrderStart={**target, "ledger": "ledger", "dead_letters": url, "steps": steps})
    clients: Any = {"lambda": Functions(operations), "events": world.services.events}
    made = environment.client
    monkeypatch.setattr(environment, "client", lambda name: clients.get(name) or made(name))
    monkeypatch.setattr(dead_letter_queue, "WAIT", 0)
    monkeypatch.setattr(redriving, "WAIT", 0)
    monkeypatch.setenv("SAGA_DEAD_LETTER_QUEUE", url)
    world.call(payload("reserve", first=True))
    return operations


@pytest.fixture
def stuck(operations: ControlOperations) -> ControlOperations:
    operations.context.sagas.mark_stuck(SagaKey("order", "t-1"), ["goods"], "TimeoutError: down")
    return operations
