"""AWS as the command sees it: the account, Region and endpoint of the usual variables."""

from typing import Any, Final

import boto3
from botocore.config import Config

from saga_runtime.services import Services

PATIENT: Final = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=70)
"""A person waits longer than a Lambda function may: for a cold start, and for whatever an order sets in motion."""


def services() -> Services:
    """Clients of whatever AWS the environment leads to."""
    return Services(client=client)


def client(service: str) -> Any:
    """A boto3 client."""
    return boto3.client(service, config=PATIENT)
