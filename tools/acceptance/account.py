"""An environment in an AWS account, as the demo's cases see it."""

import functools
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from demo.deployment import Deployed
from emulator.faults import Fault
from emulator.provider.modes import Behaviour

BEGINNING_BYTES = 4


class InAccount(Deployed):
    """The app in an AWS account. The ids of its sagas begin with a random text, so that cases can run again.

    Args:
        environment: its name.
        client: gives a boto3 client of a service.
    """

    def __init__(self, environment: str, client: Callable[[str], Any]) -> None:
        self.environment = environment
        self.beginning = f"e2e-{secrets.token_hex(BEGINNING_BYTES)}-"
        self._client = functools.cache(client)
        self.outputs = dict(self._outputs())

    @property
    def client(self) -> Callable[[str], Any]:
        """As `Deployed`."""
        return self._client

    def arrange(self, provider_modes: Iterable[Behaviour], faults: Iterable[Fault]) -> None:
        """As `Deployed`; there is nobody here who could.

        Raises:
            ValueError: something is to misbehave.
        """
        if wanted := [*provider_modes, *faults]:
            raise ValueError(f"{wanted} cannot be had in an AWS account; choose cases with anywhere=True")

    def repair(self, key: str) -> None:
        """As `Deployed`: no provider was broken."""

    def orders(self, collection: str) -> list[dict[str, Any]]:  # noqa: ARG002 # as `Deployed`
        """As `Deployed`: no provider was asked."""
        return []

    def _outputs(self) -> Iterable[tuple[str, dict[str, str]]]:
        for page in self.client("cloudformation").get_paginator("describe_stacks").paginate():
            for stack in page["Stacks"]:
                if stack["StackName"].startswith(f"{self.environment}-"):
                    found = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
                    yield stack["StackName"], found
