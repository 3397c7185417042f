"""A step's patience is one schedule, whichever engine applies it: Step Functions' retriers, or a queue's visibility."""

import json
import math
from collections.abc import Iterable
from itertools import chain, repeat
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_saga import Retry, Saga, Step
from cdk_saga.plan import Operation, compile_saga
from cdk_saga.render import PATIENCE, Route, routes, state_machine
from cdk_saga.testing.clock import START
from cdk_saga.testing.dynamodb import DynamoDB
from cdk_saga.testing.services.machines import Attempts
from queue_fixture import ARN, Queue
from saga_runtime import Command, Participant
from saga_runtime.entry.queue import handle
from saga_runtime.envelope import parse
from saga_runtime.errors import Rejected
from saga_runtime.execution import carry_out
from saga_runtime.services import Services
from saga_runtime.values import fingerprint
from shop import Context

ladders = st.builds(
    lambda attempts, interval, backoff, more: Retry(
        max_attempts=attempts, interval=interval, backoff_rate=backoff, max_delay=interval + more
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


ERRORS: Final = {
    "raises": "RuntimeError",
    "conflict": "Busy",
    "throttle": "Lambda.TooManyRequestsException",
    "lease": "Leased",
}
"""What a delivery meets, and the name by which a state machine hears of it."""
meetings = st.tuples(
    st.lists(st.sampled_from(["conflict", "throttle"]), max_size=PATIENCE.max_attempts),
    st.lists(st.just("lease"), max_size=3),
    st.lists(st.just("raises"), max_size=12),
).flatmap(lambda lists: st.permutations([one for met in lists for one in met]))


def by_the_machine(definition: Saga, operation: Operation, met: Iterable[str]) -> list[int]:
    """The waits after attempts that raise, as Step Functions' language says (the simulator speaks it)."""
    machine = state_machine(compile_saga(definition), timeouts={"shop": 30})
    state = machine["States"]["a" if operation is Operation.ACTION else f"a.{operation}"]
    attempts, waits = Attempts(state["Retry"]), list[int]()
    for one in chain(met, repeat("raises")):
        wait = attempts.wait(ERRORS[one], CHANCE)
        if one == "raises":
            waits.append(math.ceil(wait or 0))
        if wait is None:
            return waits
    raise AssertionError


class Ledger(DynamoDB):
    """The ledger, which may report conflicts."""

    conflict = False

    def update_item(self, **parameters: Any) -> dict[str, Any]:
        if self.conflict:
            raise ClientError({"Error": {"Code": "TransactionConflictException", "Message": "try later"}}, "UpdateItem")
        return super().update_item(**parameters)

    def transact_write_items(self, **parameters: Any) -> dict[str, Any]:
        if self.conflict:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "later"}}, "TransactWriteItems")
        return super().transact_write_items(**parameters)


def by_the_queue(definition: Saga, operation: Operation, met: Iterable[str]) -> list[int]:
    """The waits that the runtime asks of SQS after attempts that raise, until it executes the handler no more."""
    route = next(route for route in routes(compile_saga(definition)) if route.operation is operation)
    clock, queue, waits = [START], Queue(), list[int]()
    ledger = Ledger(lambda: clock[0])
    keys: Any = [{"AttributeName": name, "KeyType": kind} for name, kind in (("pk", "HASH"), ("sk", "RANGE"))]
    kinds: Any = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    ledger.create_table(TableName="ledger", KeySchema=keys, AttributeDefinitions=kinds)
    clients = {"sqs": queue, "dynamodb": ledger}
    services = Services(client=clients.__getitem__, now=lambda: clock[0], sleep=lambda _: None, chance=lambda: CHANCE)
    services.__dict__["ledger_table"] = "ledger"
    executed = list[str]()
    participant = shop(services, executed)
    if operation is Operation.COMPENSATION:
        carry_out(participant, parse(body(route, "succeed", "action")), Context())
    events = chain(met, repeat("raises"))
    for receives in range(1, 1 + route.receives(6 * 15)):
        clock[0] += 1_000
        if (one := next(events)) == "throttle":
            continue  # a poller has received it without success
        ledger.conflict = one == "conflict"
        _lease(ledger, operation, clock[0] + 5 if one == "lease" else 0.0)
        before = len(executed)
        handle(participant, {"Records": [record(body(route, "fail", operation), receives)]}, Context())
        _lease(ledger, operation, 0.0)
        if len(executed) > before:
            waits.append(queue.waits[-1][1])
        elif one == "raises":
            assert queue.given_up, "on its way to recovery"
            return waits
    return waits  # and SQS redrives the message


def _lease(ledger: DynamoDB, operation: Operation, until: float) -> None:
    """Let another delivery hold the claim, or nobody."""
    key = {"pk": {"S": "SAGA#order#t-1"}, "sk": {"S": "STEP#0#a"}}
    old = ledger.get_item(TableName="ledger", Key=key).get("Item", {})
    lease, state = ("lease", "STARTED") if operation is Operation.ACTION else ("ulease", "UNDOING")
    if until or old.get("st") == {"S": state}:
        known = old or {**key, "ih": {"S": fingerprint({})}}
        prev = {"prev": old.get("prev", old.get("st", {"S": "NONE"}))} if operation is Operation.COMPENSATION else {}
        held = {**known, **prev, "st": {"S": state}, lease: {"N": str(int(until * 1000))}}
        ledger.put_item(TableName="ledger", Item=held)


def body(route: Route, handler: str, operation: str) -> dict[str, Any]:
    return {"task": {**route.task, "handler": handler, "operation": operation, "version": "v1"}, "saga": TRAVELLING}


def record(content: dict[str, Any], receives: int) -> dict[str, Any]:
    return {
        "messageId": "m",
        "receiptHandle": "h",
        "body": json.dumps(content),
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": ARN,
    }


TRAVELLING = {
    "schema": "saga/1",
    "name": "order",
    "version": "v1",
    "id": "t-1",
    "input": {},
    "results": {},
    "started": 0,
    "deadline": None,
    "failure": None,
}


def shop(services: Services, executed: list[str]) -> Participant:
    """A participant that fails, whatever it is asked, but for what succeeds."""
    participant = Participant("shop", services)

    @participant.external_action
    def fail(command: Command) -> None:
        executed.append(command.operation)
        raise RuntimeError(command.step)

    @participant.external_action
    def succeed(command: Command) -> None:
        assert command.operation == "action"

    assert (fail.name, succeed.name) == ("fail", "succeed")
    return participant


@pytest.mark.parametrize("operation", Operation)
@settings(max_examples=30, derandomize=True, deadline=None)
@given(action=ladders, compensation=ladders, met=meetings)
def test_both_engines_execute_as_often_and_wait_the_same_whatever_else_a_delivery_meets(
    operation: Operation, action: Retry, compensation: Retry, met: list[str]
) -> None:
    definition = saga(action, compensation)
    expected = by_the_machine(definition, operation, met)
    assert by_the_queue(definition, operation, met) == expected
    assert len(expected) == 1 + (action if operation is Operation.ACTION else compensation).max_attempts


def test_a_rejection_is_not_retried_by_the_machine() -> None:
    machine = state_machine(compile_saga(saga(Retry(max_attempts=9), Retry())), timeouts={"shop": 30})
    assert Attempts(machine["States"]["a"]["Retry"]).wait(Rejected.__name__, CHANCE) is None
