"""`python -m bench.children.cpu`: CPU of one invocation of each kind; prints milliseconds, a number a round."""

import json
import time
from collections.abc import Callable
from typing import Any, cast

import boto3

from bench.empty_handlers import nothing as empty_handlers
from shop import Context, payload

TIMES = 100
ROUNDS = 15
LADDER = {"max_attempts": 3, "interval": 1, "backoff_rate": 2, "max_delay": 60}
ITEM = {"TableName": "ledger", "Item": {"pk": {"S": "t-1"}, "sk": {"S": "STEP#0#a"}, "st": {"S": "DONE"}}}


class Yes:
    """Any service of AWS, for empty_handlers."""

    def __getattr__(self, name: str) -> Callable[..., dict[str, int]]:
        return lambda **_: {"FailedEntryCount": 0}


def direct(number: int) -> None:
    """A command as Step Functions hands it over."""
    empty_handlers.handler(payload("do", saga_id=f"t-{number}"), Context())


def queued(number: int) -> None:
    """A command as SQS hands it over."""
    body = json.dumps(payload("do", saga_id=f"t-{number}", retry=LADDER))
    record = {"messageId": "m", "receiptHandle": "r", "body": body, "attributes": {"ApproximateReceiveCount": "1"}}
    arn = "arn:aws:sqs:us-east-1:000000000000:q"
    empty_handlers.handler({"Records": [{**record, "eventSource": "aws:sqs", "eventSourceARN": arn}]}, Context())


def bare(number: int) -> None:
    """A function that only writes its item."""
    Yes().put_item(**ITEM, number=number)


def main() -> None:
    """Measure in turn."""
    client: Any = cast(Any, boto3).client("dynamodb")
    empty_handlers.services.client = lambda _: Yes()
    kinds: dict[str, Callable[[int], object]] = {
        "direct": direct,
        "queued": queued,
        "bare": bare,
        "request": lambda _: client.put_item(**ITEM),
    }
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, kind in kinds.items():
            begun = time.process_time()
            for number in range(TIMES):
                kind(number)
            taken[name].append((time.process_time() - begun) * 1000 / TIMES)
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
