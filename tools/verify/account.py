"""What is deployed in an environment, by the ids that it has in the templates."""

import functools
import json
import re
from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]
"""Gives a boto3 client of a service."""


class NotDeployedError(LookupError):
    """A stack or a resource is not there."""


class Account:
    """The stacks of one environment in an AWS account.

    Args:
        environment: its name, which begins the names of its stacks.
        client: gives a boto3 client of a service.
    """

    def __init__(self, environment: str, client: Client) -> None:
        self.environment = environment
        self.client = functools.cache(client)
        self._resources = functools.cache(self._listed)

    def outputs(self, stack: str) -> dict[str, str]:
        """The outputs of a stack, e.g. of `TripOrchestrated`."""
        (found,) = self.client("cloudformation").describe_stacks(StackName=self._name(stack))["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}

    def start(self, stack: str) -> dict[str, Any]:
        """Where the saga of a stack is started, as its output says."""
        outputs = self.outputs(stack)
        try:
            (text,) = [value for key, value in outputs.items() if key.endswith("Start")]
        except ValueError:
            raise NotDeployedError(f"{self._name(stack)} has no output …Start, only {sorted(outputs)}.") from None
        return json.loads(text)

    def all(self, stack: str, kind: str) -> dict[str, str]:
        """The physical ids of a stack's resources of one type, by logical ids."""
        return {logical: physical for logical, physical, found in self._resources(stack) if found == kind}

    def one(self, stack: str, kind: str, pattern: str) -> str:
        """The physical id of the one resource of a type whose logical id matches.

        Raises:
            NotDeployedError: there is none, or there are several.
        """
        found = self.all(stack, kind)
        matching = [physical for logical, physical in found.items() if re.search(pattern, logical)]
        if len(matching) != 1:
            raise NotDeployedError(
                f"{self._name(stack)} has {len(matching)} resources of type {kind} whose logical id matches "
                f"{pattern!r} instead of one, among {sorted(found)}; is what is checked out also what is deployed?"
            )
        return matching[0]

    def _listed(self, stack: str) -> tuple[tuple[str, str, str], ...]:
        pages = (
            self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self._name(stack))
        )
        return tuple(
            (one["LogicalResourceId"], one["PhysicalResourceId"], one["ResourceType"])
            for page in pages
            for one in page["StackResourceSummaries"]
        )

    def _name(self, stack: str) -> str:
        return f"{self.environment}-{stack}"
