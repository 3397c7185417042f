"""Where the cases run: the local AWS with the app's `local` environment in it, and the outside providers."""

import functools
import json
import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from emulator import cdk
from emulator.instance import Emulator
from emulator.provider.server import Provider
from saga_runtime.client import Target

Say = Callable[[str], None]
PARTICIPANTS = "local-Participants"
WORKERS = 4
"""Of a function: more sagas than that ask the payments' silent provider at the same time, and wait in turn."""
WAITS: Final = 25
"""Seconds that a step waits for somebody here: long enough to be answered by a busy machine."""


@dataclass(frozen=True)
class Deployment:
    """What is deployed, by the names it got.

    Args:
        emulator: the local AWS.
        provider: the outside providers.
        outputs: of each stack.
    """

    emulator: Emulator
    provider: Provider
    outputs: cdk.Outputs

    @cached_property
    def client(self) -> Callable[[str], Any]:
        """Gives a boto3 client of a service, always the same one."""
        return functools.cache(self.emulator.client)

    @cached_property
    def functions(self) -> dict[str, str]:
        """What the participants' functions are called, e.g. `Flights`."""
        return self._resources(PARTICIPANTS, "AWS::Lambda::Function")

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
        done(f"local AWS at {emulator.endpoint}, outside providers at {provider.url}")
        cdk.bootstrap(emulator)
        done("cdk bootstrap")
        context = {"environment": "local", "provider_url": provider.url, "waits": str(WAITS)}
        outputs = cdk.deploy(emulator, "local/*", app=app, context=context)
        done(f"cdk deploy 'local/*', {len(outputs)} stacks")
        yield Deployment(emulator, provider, outputs)
