"""One dead letter that cannot be read never keeps the others in the queue."""

import io
import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_fixture import STEPS, set_variables
from saga_runtime import BadCommand
from saga_runtime.client import Target, dead_letter_queue, redrive
from saga_runtime.command import Command
from saga_runtime.reading import members_once
from saga_runtime.recovery import Messages, Recovery
from saga_runtime.recovery import redrive as redriving
from saga_runtime.services import Services
from shop import Context, payload
from world import AWS, World

DEEP: Final = "[" * 3_000
POISON: Final = {
    "deep nesting": DEEP,
    "deep nesting in an event": '{"source": "saga.order", "detail-type": "x", "detail": {"a": %s}}'
    % ("[" * 400 + "]" * 400),
    "an event with an infinity": '{"source": "saga.order", "detail-type": "x", "detail": {"a": 1e999}}',
    "an execution without details": '{"source": "aws.states"}',
    "an execution whose details are a list": '{"source": "aws.states", "detail": ["executionArn"]}',
    "an execution without a name": '{"source": "aws.states", "detail": {"executionArn": 7}}',
    "a kept invocation of nothing": '{"requestPayload": {}}',
    "one key twice": '{"saga": {}, "saga": {"version": "v1"}}',
    "100 KB of text": json.dumps("x" * 100_000),
    "100 KB of brackets": "[" * 100_000,
    "five thousand digits": f'{{"task": {"9" * 5_000}}}',
}
KEYS: Final = st.sampled_from(
    ["task", "saga", "source", "detail", "detail-type", "requestPayload", "executionArn", "version", "a"]
)
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["aws.states", "saga.order", "v1", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
DEAD_LETTERS: Final = st.fixed_dictionaries(
    {},
    optional={
        "source": st.sampled_from(["aws.states", "saga.order"]),
        "detail-type": VALUES,
        "detail": VALUES | st.fixed_dictionaries({"executionArn": VALUES}),
        "requestPayload": VALUES,
        "task": VALUES,
        "saga": VALUES,
    },
)


class AwsAsked(Exception):
    """Recovery has read the dead letter and turns to AWS."""


def no_aws(service: str) -> Any:
    raise AwsAsked(service)


class Functions:
    """Lambda: runs recovery, and answers with the error's name when it fails."""

    def __init__(self, recovery: Recovery) -> None:
        self.recovery = recovery

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 # AWS's
        assert FunctionName == "recovery:manage"
        try:
            answer = self.recovery.handler(json.loads(Payload), Context(alias="manage"))
            return {"Payload": io.BytesIO(json.dumps(answer).encode())}
        except Exception as error:  # noqa: BLE001 # as Lambda does
            body = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode()
            return {"Payload": io.BytesIO(body), "FunctionError": "Unhandled"}


@pytest.fixture
def functions(world: World, monkeypatch: pytest.MonkeyPatch) -> Functions:
    set_variables(monkeypatch, STEPS, "card")
    monkeypatch.setenv("SAGA_TRIGGER_EVENTS", json.dumps({"goods": "saga.started", "card": "goods.succeeded"}))
    monkeypatch.setattr(dead_letter_queue, "WAIT", 0)
    monkeypatch.setattr(redriving, "WAIT", 0)
    made = Functions(Recovery(world.services))
    world.services.__dict__["functions"] = made
    return made


@pytest.fixture
def target(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> Target:
    del functions  # recovery is in place
    url = AWS.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    monkeypatch.setenv("SAGA_DEAD_LETTER_QUEUE", url)
    return Target(name="order", version="v1", style="choreographed", where="bus", recovery="recovery", dead_letters=url)


def put(target: Target, *bodies: str) -> None:
    for body in bodies:
        AWS.client("sqs").send_message(QueueUrl=target.dead_letters, MessageBody=body)


def redriven(world: World, target: Target, *, discard: bool = False) -> dict[str, dead_letter_queue.DeadLetter]:
    world.clock[0] = 10_000_000_000.0  # after what moto's own clock says of the messages
    return {dead_letter.body: dead_letter for dead_letter in redrive(target, discard=discard, services=world.services)}


GOOD: Final = json.dumps(payload("charge", step="card", saga_id="t-2"))


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_a_poison_dead_letter_is_kept_and_the_others_are_redriven(poison: str, world: World, target: Target) -> None:
    put(target, poison, GOOD)
    found = redriven(world, target)
    assert found[GOOD].done == "asked again"
    assert (found[poison].done, len(found)) == ("", 2)
    assert 0 < len(found[poison].refused) < 500
    assert [*redriven(world, target)] == [poison]


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_a_poison_dead_letter_can_be_discarded(poison: str, world: World, target: Target) -> None:
    put(target, poison, GOOD)
    assert redriven(world, target, discard=True)[poison].done == "discarded"
    assert redriven(world, target) == {}


def test_a_dead_letter_at_which_recovery_dies_is_kept_even_when_discarding(
    world: World, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Messages.ours

    def dies(self: Messages, command: Command) -> Command:
        if command.saga_id == "t-1":
            raise MemoryError
        return ours(self, command)

    monkeypatch.setattr(Messages, "ours", dies)
    fatal = json.dumps(payload("charge", step="card", saga_id="t-1", given={"n": "x" * 100_000}))
    put(target, fatal, GOOD)
    found = redriven(world, target, discard=True)
    assert (found[fatal].done, found[GOOD].done) == ("", "asked again")
    assert "MemoryError" in found[fatal].refused
    assert len(found[fatal].refused) < 500
    monkeypatch.setattr(Messages, "ours", ours)
    assert redriven(world, target)[fatal].done == "asked again"


@given(body=DEAD_LETTERS)
def test_whatever_a_dead_letter_says_recovery_asks_aws_or_refuses_it(body: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        set_variables(patch, STEPS, "card")
        for name, value in {"BUS": "bus", "LEDGER": "ledger"}.items():
            patch.setenv(f"SAGA_{name}", value)
        with pytest.raises((BadCommand, AwsAsked)) as caught:
            Recovery(Services(client=no_aws)).act_on(json.dumps(body))
    assert len(str(caught.value)) < 500


def members(number: int) -> int:
    """Comparisons and hashes of names that reading an object of that many members takes."""
    counted = 0

    class Name(str):
        __slots__ = ()

        def __hash__(self) -> int:
            nonlocal counted
            counted += 1
            return super().__hash__()

        def __eq__(self, other: object) -> bool:
            nonlocal counted
            counted += 1
            return super().__eq__(other)

    pairs = [(Name(f"k{i}"), i) for i in range(number)] + [(Name(f"k{number - 1}"), 0)]
    with pytest.raises(ValueError, match="twice"):
        members_once(pairs)
    return counted


def test_finding_a_repeated_key_takes_steps_in_proportion_to_the_object() -> None:
    assert members(2_000) < 3 * members(1_000)
