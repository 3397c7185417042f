"""What the runtime needs of the world, in one place: AWS clients, names, the clock."""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.config import Config
from botocore.session import get_session

from saga_runtime.gc_pause import gc_paused

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

CONFIG: Final = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=2, read_timeout=5)
"""A lost reply is resent by the SDK within a function's time-out; the ledger recognises the repetition."""
INVOKE: Final = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=910, tcp_keepalive=True)
"""For synchronous calls of functions: one attempt, and more patience than the 900 seconds that a function may take.

A shorter read time-out would send the call again while the first is running (boto3, "Config reference";
AWS Lambda, "Invoke": a client must keep the connection open for as long as the function runs).
"""


def variable(name: str) -> str:
    """An environment variable that the constructs set.

    Raises:
        RuntimeError: it is missing, which means the function was not deployed by them.
    """
    if value := os.environ.get(name):
        return value
    raise RuntimeError(f"the environment variable {name} is not set: deploy this function with cdk_saga.aws, or set it")


def _clients() -> Callable[[str], Any]:
    """Make clients of one session; botocore's own, since boto3's brings along what only Amazon S3 needs."""
    session = cast(Any, get_session())

    def client(service: str) -> Any:
        with gc_paused(service):
            return session.create_client(service, config=INVOKE if service == "lambda" else CONFIG)

    return client


@dataclass
class Services:
    """AWS as a participant uses it. Clients are made on first use: a function pays for what it calls.

    Args:
        now: the time in seconds since the epoch.
        sleep: waits that many seconds.
        chance: a random number from 0 to 1, for jitter.
        client: makes an AWS client from a service's name.
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    client: Callable[[str], Any] = field(default_factory=_clients)

    @cached_property
    def ledger_table(self) -> str:
        """The ledger's name."""
        return variable("SAGA_LEDGER")

    @cached_property
    def bus(self) -> str:
        """The event bus's name."""
        return variable("SAGA_BUS")

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """DynamoDB."""
        return self.client("dynamodb")

    @cached_property
    def events(self) -> "EventBridgeClient":
        """EventBridge."""
        return self.client("events")

    @cached_property
    def sqs(self) -> "SQSClient":
        """SQS."""
        return self.client("sqs")

    @cached_property
    def functions(self) -> "LambdaClient":
        """Lambda."""
        return self.client("lambda")

    @cached_property
    def states(self) -> "SFNClient":
        """Step Functions."""
        return self.client("stepfunctions")
