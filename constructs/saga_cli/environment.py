"""AWS as the command sees it: the account, Region and endpoint of the usual variables."""

from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from saga_cli.errors import BadRequest
from saga_runtime.services import Services

PATIENT: Final = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=70)
"""A person waits longer than a Lambda function may: for a cold start, and for whatever an order sets going."""


def services() -> Services:
    """Clients of whatever AWS the environment leads to."""
    return Services(client=client)


def client(service: str) -> Any:
    """A boto3 client.

    Raises:
        BadRequest: a variable leads to no AWS, e.g. an endpoint that is no URL.
    """
    try:
        made: Any = boto3.client(service, config=PATIENT)
        urlsplit(str(made.meta.endpoint_url)).port  # noqa: B018 # raises for one that is none, as the first call would
    except ValueError as error:
        raise BadRequest(
            f"no client of {service!r} can be made: {error}; look at AWS_ENDPOINT_URL, AWS_REGION and the other "
            f"AWS_ variables, and at your AWS configuration"
        ) from error
    return made
