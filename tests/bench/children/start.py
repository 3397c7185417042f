"""`python -I start.py KIND COMMAND [BUNDLE]`: a cold start and the first call of AWS; prints its seconds.

It is run as a file, isolated, as Lambda does it: nothing of this repository is on the path but a bundle.
"""

import time

BEGUN = time.process_time()

import json  # noqa: E402 # the clock comes first
import sys  # noqa: E402
from typing import Any  # noqa: E402

KIND, COMMAND, *BUNDLE = sys.argv[1:]
sys.path[:0] = BUNDLE
ITEM = {"TableName": "ledger", "Item": {"pk": {"S": "t-1"}}}


class Context:
    """Lambda's context, as far as anybody here looks."""

    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "nothing"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds."""
        return 3000


def botocore() -> None:
    """Nothing but the SDK's core."""
    from botocore.session import get_session

    client: Any = get_session().create_client("dynamodb")
    client.put_item(**ITEM)


def boto3() -> None:
    """What most functions do."""
    import boto3 as sdk

    sdk.client("dynamodb").put_item(**ITEM)


def usual() -> None:
    """Powertools' Logger, Tracer, Metrics and Parser, as its documentation puts them together."""
    import boto3 as sdk
    from aws_lambda_powertools import Logger, Metrics, Tracer
    from aws_lambda_powertools.utilities.parser import BaseModel, event_parser

    class Order(BaseModel):
        task: dict[str, object]
        saga: dict[str, object]

    logger, tracer, metrics, client = Logger(), Tracer(), Metrics(), sdk.client("dynamodb")

    @metrics.log_metrics
    @tracer.capture_lambda_handler
    @logger.inject_lambda_context
    @event_parser(model=Order)
    def handler(event: Order, context: object) -> None:
        del context
        client.put_item(**ITEM)
        metrics.add_metric(name="Done", unit="Count", value=len(event.task))
        logger.info("done")

    handler(json.loads(COMMAND), Context())


def orchestrated() -> None:
    """Our participant, called by Step Functions."""
    from empty_handlers import handler

    handler(json.loads(COMMAND), Context())


def choreographed() -> None:
    """Our participant, called with a message; it also publishes."""
    from empty_handlers import handler

    attributes = {"ApproximateReceiveCount": "1"}
    queue = "arn:aws:sqs:us-east-1:000000000000:q"
    record = {
        "messageId": "m",
        "receiptHandle": "r",
        "body": COMMAND,
        "attributes": attributes,
        "eventSourceARN": queue,
    }
    answer = handler({"Records": [{**record, "eventSource": "aws:sqs"}]}, Context())
    if answer["batchItemFailures"]:
        raise RuntimeError(answer)


globals()[KIND]()
print(json.dumps(time.process_time() - BEGUN))
