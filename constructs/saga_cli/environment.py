"""AWS as the command sees it: the account, Region and endpoint of the usual variables."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from saga_cli.errors import BadRequest
from saga_runtime.services import Services

PATIENT: Final = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=70)
"""A person waits longer than a Lambda function may: for a cold start, and for whatever an order sets going."""


@dataclass
class _Chosen:
    """What the command line says about AWS; empty for what the environment says."""

    profile: str = ""
    region: str = ""


_chosen: Final = _Chosen()


@contextmanager
def chosen(*, profile: str, region: str) -> Generator[None]:
    """Reach AWS by this profile and in this Region; empty for those of the environment."""
    before = _chosen.profile, _chosen.region
    _chosen.profile, _chosen.region = profile, region
    try:
        yield
    finally:
        _chosen.profile, _chosen.region = before


def services() -> Services:
    """Clients of whatever AWS the environment leads to."""
    return Services(client=client)


def client(service: str) -> Any:
    """A boto3 client.

    Raises:
        BadRequest: a variable leads to no AWS, e.g. an endpoint that is no URL.
    """
    try:
        # boto3 reads AWS_DEFAULT_REGION only (https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html).
        region = _chosen.region or os.environ.get("AWS_REGION") or None
        session: Any = boto3.Session(profile_name=_chosen.profile) if _chosen.profile else boto3
        made: Any = session.client(service, region_name=region, config=PATIENT)
        urlsplit(str(made.meta.endpoint_url)).port  # noqa: B018 # raises for one that is none, as the first call would
    except ValueError as error:
        raise BadRequest(
            f"no client of {service!r} can be made: {error}; look at --region, AWS_ENDPOINT_URL, AWS_REGION and the "
            f"other AWS_ variables, and at your AWS configuration"
        ) from error
    return made


def place(aws: Services, *, stage: str = "", stack: str = "") -> str:
    """Name the account, Region and stacks that a command looks at."""
    try:
        # Needs no permission (AWS Security Token Service, "GetCallerIdentity").
        account = str(aws.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError):
        account = "unknown"
    region = str(aws.client("cloudformation").meta.region_name)
    narrowed = [f"{kind} {value}" for kind, value in (("stage", stage), ("stack", stack)) if value]
    return ", ".join([f"account {account}", f"Region {region}", *narrowed])
