"""A step's patience is one schedule, whichever engine applies it: Step Functions' retriers, or a queue's visibility."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_saga import Retry, Saga, Step
from cdk_saga.plan import Operation, compile_saga
from cdk_saga.render import routes, state_machine
from cdk_saga.testing.services.machines import Attempts
from queue_desk import ARN, Queue
from saga_runtime import Command, Participant, Writes
from saga_runtime.entry.queue import handle
from saga_runtime.errors import Rejected
from saga_runtime.services import Services
from shop import Context

ladders = st.builds(
    lambda attempts, interval, backoff, more: Retry(
        attempts=attempts, interval=interval, backoff=backoff, cap=interval + more
    ),
    st.integers(0, 9),
    st.integers(1, 120),
    st.sampled_from([1, 1.5, 2, 3]),
    st.integers(0, 500),
)
CHANCE = 0.75
"""The random number that jitter draws, in both engines."""


def saga(action: Retry, compensation: Retry) -> Saga:
    step = Step(
        "a",
        participant="shop",
        action="fail",
        compensation="fail_again",
        retry=action,
        compensation_retry=compensation,
    )
    return Saga("order", [step])


def by_the_machine(definition: Saga, operation: Operation) -> list[float]:
    """The waits between attempts that fail, as Step Functions' language says (the simulator speaks it)."""
    machine = state_machine(compile_saga(definition), timeouts={"shop": 30})
    state = machine["States"]["a" if operation is Operation.ACTION else f"a.{operation}"]
    attempts = Attempts(state["Retry"])
    return list(iter(lambda: attempts.wait("RuntimeError", CHANCE), None))


def by_the_queue(definition: Saga, operation: Operation) -> Iterator[float]:
    """The waits that the runtime asks of SQS, until the queue's ``maxReceiveCount`` ends it."""
    route = next(route for route in routes(compile_saga(definition)) if route.operation is operation)
    queue = Queue()
    services = Services(client=lambda _: queue, now=lambda: 0.0, chance=lambda: CHANCE)
    services.__dict__["ledger_table"] = "ledger"
    for receives in range(1, route.receives):
        record: dict[str, Any] = {
            "messageId": "m",
            "receiptHandle": "h",
            "body": json.dumps({"task": {**route.task, "handler": "fail", "version": "v1"}, "saga": TRAVELLING}),
            "attributes": {"ApproximateReceiveCount": str(receives)},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": ARN,
        }
        handle(shop(services), {"Records": [record]}, Context())
        yield queue.waits[-1][1]


TRAVELLING = {
    "schema": "saga/1",
    "name": "order",
    "version": "v1",
    "id": "t-1",
    "input": {},
    "results": {"a": {}},
    "started": 0,
    "deadline": None,
    "failure": None,
}


def shop(services: Services) -> Participant:
    """A participant that fails, whatever it is asked."""
    participant = Participant("shop", services)

    @participant.action
    def fail(command: Command, writes: Writes) -> None:
        raise RuntimeError(command.step, writes)

    assert fail.name == "fail"
    return participant


@pytest.mark.parametrize("operation", Operation)
@settings(max_examples=60, derandomize=True, deadline=None)
@given(action=ladders, compensation=ladders)
def test_both_engines_wait_the_same_between_the_same_number_of_attempts(
    operation: Operation, action: Retry, compensation: Retry
) -> None:
    definition = saga(action, compensation)
    expected = [math.ceil(wait) for wait in by_the_machine(definition, operation)]
    assert list(by_the_queue(definition, operation)) == expected
    assert len(expected) == (action if operation is Operation.ACTION else compensation).attempts


def test_a_rejection_is_not_retried_by_the_machine() -> None:
    machine = state_machine(compile_saga(saga(Retry(attempts=9), Retry())), timeouts={"shop": 30})
    assert Attempts(machine["States"]["a"]["Retry"]).wait(Rejected.__name__, CHANCE) is None
