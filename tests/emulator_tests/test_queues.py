"""What becomes of messages whose handling fails, and that none is lost."""

import json
import os
import subprocess
from pathlib import Path

from emulator.instance import Emulator
from emulator.paths import EMULATOR_PYTHON, TESTS
from emulator.waiting import wait_until
from emulator_tests.resources import function, queue, queue_arn

SHOWS_THE_MESSAGE_AT_ONCE = """
    import boto3

    sqs = boto3.client("sqs")

    def handler(event, context):
        (record,) = event["Records"]
        if record["attributes"]["ApproximateReceiveCount"] == "1":
            sqs.change_message_visibility(
                QueueUrl=record["body"], ReceiptHandle=record["receiptHandle"], VisibilityTimeout=0
            )
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
        return {}
"""

# Stands for a message that arrives after the last look at the list and before it is replaced.
ARRIVES_MEANWHILE = """
import importlib, json
from emulator.server.patches import queue_messages

class Messages(list):
    def __iter__(self):
        yield from list.__iter__(self)
        self.append({"id": "late", "receipt_handle": None, "receive_count": 0, "visible_at": 0})

queue_messages.apply()
sqs = importlib.import_module("ministack.services.sqs")
done = {"id": "done", "receipt_handle": "r", "receive_count": 1, "visible_at": 0}
queues = [{"messages": Messages([dict(done)]), "attributes": dict(attributes)} for attributes in (
    {}, {"RedrivePolicy": json.dumps({"maxReceiveCount": 1, "deadLetterTargetArn": "dead"})},
)]
dead = {"messages": []}
sqs._get_q = lambda url: queues[0]
sqs._queue_by_arn = lambda arn: dead
sqs._delete_messages_for_esm("url", {"r"})
sqs._dlq_sweep(queues[1])
print(json.dumps([[m["id"] for m in list.__iter__(q["messages"])] for q in [*queues, dead]]))
"""


def test_a_failed_message_is_visible_again_when_its_handler_said(emulator: Emulator) -> None:
    url = queue(emulator, visibility=3600)
    emulator.client("lambda").create_event_source_mapping(
        FunctionName=function(emulator, SHOWS_THE_MESSAGE_AT_ONCE),
        EventSourceArn=queue_arn(emulator, url),
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )

    emulator.client("sqs").send_message(QueueUrl=url, MessageBody=url)

    wait_until(lambda: left(emulator, url) == 0, what="the second, successful delivery")


def test_a_message_whose_handling_crashed_stays_hidden_for_its_visibility_timeout(tmp_path: Path) -> None:
    with Emulator.start(state=tmp_path) as as_on_aws:
        url, functions = queue(as_on_aws, visibility=3600), as_on_aws.client("lambda")
        crashes = function(as_on_aws, "import os\ndef handler(event, context):\n    os._exit(1)\n")
        arn = queue_arn(as_on_aws, url)
        mapping = functions.create_event_source_mapping(FunctionName=crashes, EventSourceArn=arn)["UUID"]

        as_on_aws.client("sqs").send_message(QueueUrl=url, MessageBody="trip-1")
        wait_until(
            lambda: functions.get_event_source_mapping(UUID=mapping).get("LastProcessingResult") == "FAILED",
            what="the crash",
        )

        assert "Messages" not in as_on_aws.client("sqs").receive_message(QueueUrl=url)
        assert left(as_on_aws, url) == 1


def left(emulator: Emulator, url: str) -> int:
    """How many messages a queue holds, visible or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = emulator.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def test_a_message_that_arrives_while_others_are_removed_is_kept() -> None:
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    output = subprocess.run(
        [EMULATOR_PYTHON, "-c", ARRIVES_MEANWHILE], env=environment, capture_output=True, text=True, check=True
    ).stdout

    assert json.loads(output) == [["late"], ["late"], ["done"]]
