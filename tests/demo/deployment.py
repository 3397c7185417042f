"""Where the cases run: the local AWS with the app's `local` environment in it, and the external providers."""

import functools
import json
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from emulator import cdk
from emulator.faults import Fault
from emulator.instance import Emulator
from emulator.provider.modes import Behaviour
from emulator.provider.server import Provider
from saga_runtime.client import Target

Say = Callable[[str], None]
WORKERS = 4
"""Of a function: more sagas than that ask the payments' silent provider at the same time, and wait in turn."""
WAITS: Final = 25
"""Seconds that a step waits for somebody here: long enough to be answered by a busy machine."""


class Deployed(ABC):
    """The app in an environment, by the names it got.

    Attributes:
        environment: its name, which begins the names of its stacks.
        outputs: of each stack.
        beginning: begins the ids of all sagas, so that they are new there.
    """

    environment: str
    outputs: cdk.Outputs
    beginning: str

    @property
    @abstractmethod
    def client(self) -> Callable[[str], Any]:
        """Gives a boto3 client of a service, always the same one."""

    @abstractmethod
    def arrange(self, provider_modes: Iterable[Behaviour], faults: Iterable[Fault]) -> None:
        """Have providers and environment misbehave from now on."""

    @abstractmethod
    def repair(self, key: str) -> None:
        """Have the providers treat the orders of a run well from now on."""

    @abstractmethod
    def orders(self, collection: str) -> list[dict[str, Any]]:
        """What the providers have been asked for."""

    @cached_property
    def functions(self) -> dict[str, str]:
        """What the participants' functions are called, e.g. `Flights`."""
        return self._resources(self.named("Participants"), "AWS::Lambda::Function")

    def named(self, stack: str) -> str:
        """The full name of a stack, e.g. of `Participants`."""
        return f"{self.environment}-{stack}"

    def target(self, stack: str) -> Target:
        """Where a stack's saga is started, as its output says; the others are for the stack of the dashboard."""
        (output,) = [value for name, value in self.outputs[stack].items() if name.endswith("Start")]
        return Target(**json.loads(output))

    def queues(self, stack: str) -> dict[str, str]:
        """The URLs of a stack's queues, e.g. of `SagaDead`."""
        return self._resources(stack, "AWS::SQS::Queue")

    def variable(self, function: str, name: str) -> str:
        """An environment variable of a participant's function, e.g. which table it uses."""
        found = self.client("lambda").get_function_configuration(FunctionName=self.functions[function])
        return found["Environment"]["Variables"][name]

    def _resources(self, stack: str, resource_type: str) -> dict[str, str]:
        """Physical ids by logical ids; these without their hash, and without the word Queue."""
        found = self.resources(stack, resource_type)
        return {re.sub(r"(Queue)?[0-9A-F]{8}$", "", logical): physical for logical, physical in found}

    def resources(self, stack: str, resource_type: str) -> list[tuple[str, str]]:
        """Logical and physical ids of a stack's resources of one type."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        found = [found for page in pages for found in page["StackResourceSummaries"]]
        return [
            (one["LogicalResourceId"], one["PhysicalResourceId"])
            for one in found
            if one["ResourceType"] == resource_type
        ]


@dataclass(frozen=True)
class Deployment(Deployed):
    """The app on the local AWS.

    Args:
        emulator: the local AWS.
        provider: the external providers.
        outputs: of each stack.
    """

    emulator: Emulator
    provider: Provider
    outputs: cdk.Outputs
    environment: str = field(default="local", init=False)
    beginning: str = field(default="", init=False)

    @cached_property
    def client(self) -> Callable[[str], Any]:  # pyright: ignore[reportIncompatibleMethodOverride] # read once, as there
        """Gives a boto3 client of a service, always the same one."""
        return functools.cache(self.emulator.client)

    def arrange(self, provider_modes: Iterable[Behaviour], faults: Iterable[Fault]) -> None:
        """As `Deployed`."""
        for mode in provider_modes:
            self.provider.behave(mode)
        self.emulator.faults.set(faults)

    def repair(self, key: str) -> None:
        """As `Deployed`."""
        self.provider.behave_well(key)

    def orders(self, collection: str) -> list[dict[str, Any]]:
        """As `Deployed`."""
        return self.provider.orders(collection)


@contextmanager
def deployed(state: Path, say: Say, *, app: str | None = None) -> Generator[Deployment]:
    """Start everything, deploy, and end everything afterwards.

    Args:
        state: the folder for logs.
        say: told what has been done, and how long it took.
        app: the command that synthesizes; None for the one that `cdk.json` has.

    Raises:
        EmulatorError: the local AWS does not start, or the CDK CLI fails; the text shows the end of the log.
    """
    begun = time.monotonic()

    def done(what: str) -> None:
        nonlocal begun
        say(f"{what}: {time.monotonic() - begun:.1f} s")
        begun = time.monotonic()

    with Provider.start() as provider, Emulator.start(state=state, workers=WORKERS) as emulator:
        done(f"local AWS at {emulator.endpoint}, external providers at {provider.url}")
        cdk.bootstrap(emulator)
        done("cdk bootstrap")
        context = {"environment": "local", "provider_url": provider.url, "waits": str(WAITS)}
        outputs = cdk.deploy(emulator, "local/*", app=app, context=context)
        done(f"cdk deploy 'local/*', {len(outputs)} stacks")
        yield Deployment(emulator, provider, outputs)
