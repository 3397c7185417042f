"""A handler that reaches for the real AWS is stopped by name, with whatever credentials a developer has."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cdk_saga import NOTHING_TO_UNDO, Saga, Step
from cdk_saga.testing import Schedule, Simulation
from cdk_saga.testing.environment import RealAws
from saga_runtime import Command, Participant
from saga_runtime.recovery import Recovery
from simulation.search import STYLES

SAGA = Saga("s", [Step("a", participant="p", action="reach", compensation=NOTHING_TO_UNDO)])


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "a developer's")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def simulation(style: Any, reach: Any) -> Simulation:
    participant = Participant("p")
    participant.external_action(reach)
    return Simulation(saga=SAGA, participants={"p": participant}, recovery=Recovery(), style=style)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("interleaved", [False, True])
def test_a_client_of_its_own_is_refused_by_name(style: str, interleaved: bool) -> None:  # noqa: FBT001 # a parameter
    def reach(_: Command) -> None:
        try:
            boto3.client("s3").put_object(Bucket="receipts", Key="1")
        except Exception as error:  # as careless handlers do
            raise AssertionError from error

    schedule = Schedule.chosen((), interleaved=interleaved)
    with pytest.raises(RealAws, match=r"asked s3 for PutObject by a client of its own.*services\.client\(…\)"):
        simulation(style, reach).run(schedule=schedule)


def test_a_resource_is_refused_too() -> None:
    def reach(_: Command) -> None:
        resource: Any = boto3.resource("dynamodb")
        resource.Table("flights").put_item(Item={"pk": "LH1"})

    with pytest.raises(RealAws, match="asked dynamodb for PutItem"):
        simulation("orchestrated", reach).run()


def test_a_stubbed_client_reaches_nothing_and_is_let_be() -> None:
    client = boto3.client("sqs")
    with Stubber(client) as stubber:
        stubber.add_response("get_queue_url", {"QueueUrl": "https://queue"})

        def reach(_: Command) -> dict[str, str]:
            return {"url": client.get_queue_url(QueueName="q")["QueueUrl"]}

        assert simulation("orchestrated", reach).run().ending == "COMPLETED"
