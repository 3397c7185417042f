"""The commands, from their arguments to what they print, against a ledger, a dead-letter queue and recovery."""

import json
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError
from typer.testing import Result

from saga_runtime import BadCommand
from saga_runtime.client import Target, dead_letters
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import ControlOperations
from shop import payload
from world import World

Run = Callable[..., Result]


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


@pytest.mark.usefixtures("stuck")
def test_status_is_a_table_for_people_and_json_for_machines(run: Run) -> None:
    shown = run("status", "order", "t-1").stdout
    words = (
        "order t-1",
        "stuck at goods: TimeoutError: down",
        "resume, or skip goods",
        "goods",
        "done",
        "not begun",
    )
    assert [word for word in words if word not in shown] == []
    said = json.loads(run("status", "order", "t-1", "--json").stdout)
    assert (said["state"], [step["outcome"] for step in said["steps"]]) == ("STUCK", ["done", "not begun", "not begun"])


@pytest.mark.usefixtures("stuck")
def test_list_takes_filters(run: Run) -> None:
    shown = run("list").stdout
    assert [word for word in ("order", "t-1", "stuck", "goods") if word not in shown] == []
    assert [one["id"] for one in json.loads(run("list", "order", "--state", "stuck", "--json").stdout)] == ["t-1"]
    none = "No saga matches in account 123456789012, Region us-east-1.\n"
    assert run("list", "order", "--state", "RUNNING").stdout == none
    unfinished = run("list", "order", "--state", "unfinished", "--version", "v1", "--json").stdout
    assert [one["id"] for one in json.loads(unfinished)] == ["t-1"]
    assert run("list", "order", "--version", "v2").stdout == none
    assert run("list", "order", "--older-than", "1d", "--step", "goods", "--json").exit_code == 0
    refused = run("list", "order", "--older-than", "soon")
    assert (refused.exit_code, refused.stderr.startswith("cdk-saga: --older-than is 'soon'")) == (2, True)
    refused = run("list", "order", "--state", "LOST")
    assert (refused.exit_code, refused.stderr.startswith("cdk-saga: state is 'LOST'")) == (2, True)


@pytest.mark.usefixtures("operations")
def test_start_puts_the_input_on_its_way(run: Run, world: World) -> None:
    shown = run("start", "order", "t-2", "--input", "-", "--json", input='{"n": 7}')
    assert json.loads(shown.stdout)["id"] == "t-2"
    assert told(world) == ["saga.started"]
    assert json.loads(world.published[0]["Detail"])["input"] == {"n": 7}


@pytest.mark.usefixtures("operations")
def test_cancel_aborts_the_saga(run: Run, world: World) -> None:
    assert run("cancel", "order", "t-1").stdout == "order t-1: COMPENSATING\n"
    assert told(world) == ["card.unknown"]


@pytest.mark.usefixtures("operations")
def test_cancel_of_an_unknown_id_is_refused_and_leaves_it_free(run: Run, world: World) -> None:
    refused = run("cancel", "order", "t-9")
    assert refused.stderr.startswith("cdk-saga: the ledger has no saga 't-9': check the id, or cancel it ahead")
    assert (refused.exit_code, world.meta("t-9")) == (2, None)
    assert run("start", "order", "t-9", "--input", '{"n": 1}').stdout.startswith("order t-9: started")


@pytest.mark.usefixtures("operations")
def test_a_saga_cancelled_ahead_is_not_started(run: Run, world: World) -> None:
    assert run("cancel", "order", "t-9", "--ahead").stdout == "order t-9: NOT_STARTED\n"
    refused = run("start", "order", "t-9", "--input", '{"n": 1}')
    words = "cdk-saga: saga 't-9' was cancelled before it began, and never begins: choose another id\n"
    assert (refused.exit_code, refused.stderr, told(world)) == (2, words, [])


@pytest.mark.usefixtures("operations")
def test_a_start_of_an_id_that_is_taken_says_so(run: Run, world: World) -> None:
    run("cancel", "order", "t-1")
    again = run("start", "order", "t-1", "--input", '{"n": 1}')
    words = "order t-1: nothing new is started, it is COMPENSATING already; see"
    assert (again.exit_code, again.stdout.startswith(words)) == (0, True), again.stdout
    world.published.clear()
    other = run("start", "order", "t-1", "--input", '{"n": 2}')
    assert (other.exit_code, "has been started with another input" in other.stderr, told(world)) == (2, True, [])


@pytest.mark.usefixtures("operations")
def test_who_may_only_start_is_not_kept_from_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_arguments: Any, **_options: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query")

    monkeypatch.setattr("saga_runtime.client.status", denied)
    assert run("start", "order", "t-2", "--input", '{"n": 1}').stdout.startswith("order t-2: started")


@pytest.mark.usefixtures("stuck")
def test_resume_lets_it_go_on(run: Run, world: World) -> None:
    assert json.loads(run("resume", "order", "t-1", "--json").stdout)["state"] == "COMPENSATING"
    assert told(world) == ["goods.unknown"]
    assert run("resume", "order", "t-1").stdout == "order t-1: COMPENSATING\n"
    assert told(world) == ["goods.unknown"]


@pytest.mark.usefixtures("operations")
def test_what_never_was_stuck_cannot_be_resumed(run: Run) -> None:
    refused = run("resume", "order", "t-1")
    assert (refused.exit_code, refused.stderr) == (2, "cdk-saga: saga 't-1' is not stuck, it is RUNNING\n")


@pytest.mark.usefixtures("stuck")
def test_skip_takes_a_step_and_a_reason(run: Run) -> None:
    assert run("skip", "order", "t-1", "goods", "--reason", "paid in cash").exit_code == 0
    said = json.loads(run("status", "order", "t-1", "--json").stdout)["steps"][0]
    assert (said["outcome"], said["error"]) == ("skipped", "paid in cash")


@pytest.fixture
def asked(operations: ControlOperations, world: World) -> ControlOperations:
    """A saga ``t-5`` whose first step waits for somebody."""
    world.shop.pending = True
    world.call({**payload("reserve", saga_id="t-5", first=True, callback_timeout=3600), "token": "token"})
    return operations


@pytest.mark.usefixtures("asked")
def test_who_waits_is_shown_and_completed_once(run: Run, world: World) -> None:
    shown = run("status", "order", "t-5").stdout
    assert "goods: waiting for an answer" in " ".join(shown.split())
    for _ in range(2):
        done = run("complete", "order", "t-5", "goods", "--result", '{"by": "Ada"}', "--json")
        assert json.loads(done.stdout) == {"saga": "order", "id": "t-5", "state": "RUNNING"}
    assert told(world) == ["goods.succeeded"]
    assert json.loads(world.published[0]["Detail"])["results"]["goods"]["by"] == "Ada"
    other = run("complete", "order", "t-5", "goods")
    assert (other.exit_code, "has been completed already, with another result" in other.stderr) == (2, True)


@pytest.mark.usefixtures("asked")
def test_who_waits_is_rejected_with_a_reason(run: Run, world: World) -> None:
    assert run("reject", "order", "t-5", "goods", "--reason", "too dear").stdout == "order t-5: COMPENSATING\n"
    assert told(world) == ["goods.rejected"]
    assert json.loads(run("status", "order", "t-5", "--json").stdout)["why"] == "goods was rejected: too dear"
    late = run("complete", "order", "t-5", "goods")
    assert (late.exit_code, "has been rejected already\n" in late.stderr) == (2, True)


@pytest.mark.usefixtures("operations")
def test_who_does_not_wait_takes_no_answer(run: Run) -> None:
    refused = run("complete", "order", "t-1", "goods")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "cdk-saga: 'goods' of saga 't-1' waits for no callback: it is DONE\n",
    )


@pytest.mark.usefixtures("operations")
def test_replay_repeats_what_it_waits_for(run: Run, world: World) -> None:
    assert run("retry", "order", "t-1").stdout == "order t-1: RUNNING\n"
    assert told(world) == ["goods.succeeded"]


@pytest.mark.usefixtures("operations")
def test_replay_tells_again_how_those_of_a_period_ended(run: Run, world: World) -> None:
    world.call(payload("reserve", saga_id="t-2", first=True, ends={"succeeded": "COMPLETED"}))
    world.published.clear()
    assert json.loads(run("list", "order", "--ended-within", "30d", "--json").stdout)[0]["id"] == "t-2"
    assert run("republish", "order", "--ended-within", "30d").stdout.endswith(
        "order: published again how 1 sagas ended\n"
    )
    said = run("republish", "order", "--ended-within", "30d", "--json").stdout
    assert json.loads(said) == [{"saga": "order", "id": "t-2", "state": "COMPLETED", "refused": ""}]
    assert told(world) == ["saga.completed"] * 2


def test_an_ending_that_cannot_be_told_is_named(
    run: Run, operations: ControlOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_orders: ControlOperations, _order: object) -> None:
        raise BadCommand("the version is not deployed")

    monkeypatch.setattr(ControlOperations, "perform", refuse)
    assert operations.context.sagas.complete(SagaKey("order", "t-1"))
    shown = run("republish", "order", "--ended-within", "30d")
    assert (shown.exit_code, shown.stdout) == (1, "order: published again how 0 sagas ended\n")
    assert shown.stderr.startswith("cdk-saga: 1 endings were not published: t-1: ")
    assert "the version is not deployed" in shown.stderr


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "republish needs --ended-within and an age"),
        (("--ended-within", "soon"), "--ended-within is 'soon': say a number and s, m, h or d"),
        (("--ended-within", "0s"), "ended_within is 0 seconds: it is 1 to 2,592,000"),
        (("--ended-within", "31d"), "ended_within is 2,678,400 seconds: it is 1 to 2,592,000"),
    ],
)
def test_a_replay_of_nothing_or_of_no_period_is_refused(
    run: Run, world: World, arguments: tuple[str, ...], words: str
) -> None:
    refused = run("republish", "order", *arguments)
    assert (refused.exit_code, refused.stderr.startswith(f"cdk-saga: {words}")) == (2, True), refused.stderr
    assert told(world) == []


@pytest.mark.usefixtures("stuck")
def test_redrive_works_off_the_dead_letter_queue(run: Run, world: World) -> None:
    url = world.services.sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    for body in (json.dumps(payload("release", "compensation")), "no json"):
        world.services.sqs.send_message(QueueUrl=url, MessageBody=body)
    shown = run("redrive", "order").stdout
    assert ("COMPENSATING" in shown, "the dead letter is not JSON" in " ".join(shown.split())) == (True, True)
    (left,) = json.loads(run("redrive", "order", "--discard", "--json").stdout)
    assert (left["body"], left["done"]) == ("no json", "discarded")
    assert run("redrive", "order").stdout == "The dead-letter queue is empty.\n"


def test_dead_letters_are_looked_at_and_stay_where_they_are(
    run: Run, operations: ControlOperations, world: World
) -> None:
    del operations  # is deployed
    sqs = world.services.sqs
    url = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    assert "None is to be seen" in run("dead-letters", "order").stdout
    reason: Any = {"reason": {"DataType": "String", "StringValue": "it was lost"}}
    for number in range(12):  # more than SQS hands out at once
        sqs.send_message(QueueUrl=url, MessageBody=f"body {number}", MessageAttributes=reason)
    for _ in range(2):
        found = json.loads(run("dead-letters", "order", "--json").stdout)
        assert sorted(one["body"] for one in found) == sorted(f"body {number}" for number in range(12))
        assert {(one["reason"], one["done"], one["refused"]) for one in found} == {("it was lost", "", "")}
    shown = run("dead-letters", "order", "--limit", "3").stdout
    assert (shown.count("body"), "it was lost" in shown, "At least 3" in shown) == (3, True, True)
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "12"


def test_dead_letters_are_put_back_by_who_cannot_go_on(operations: ControlOperations, world: World) -> None:
    del operations  # the queue is there
    sqs = world.services.sqs
    url = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    target = Target(name="order", version="v1", style="choreographed", where="bus", dead_letters=url)
    for number in range(20):
        sqs.send_message(QueueUrl=url, MessageBody=f"body {number}")
    receive = sqs.receive_message
    answers: list[Any] = [receive, receive]

    def broken(**request: Any) -> Any:
        if not answers:
            raise ConnectionError("no network")
        return answers.pop()(**request)

    with patch.object(sqs, "receive_message", broken), pytest.raises(ConnectionError):
        dead_letters(target, services=world.services)
    assert len(dead_letters(target, services=world.services)) == 20


@pytest.mark.usefixtures("operations")
def test_a_saga_that_is_unknown_is_refused(run: Run) -> None:
    shown = run("status", "order", "nobody")
    assert (shown.exit_code, shown.stderr.startswith("cdk-saga: the ledger has no saga 'nobody'")) == (2, True)


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize(
    "trouble", [("--fail", "goods"), ("--timeout", "goods"), ("--crash-after", "goods"), ("--duplicate",)]
)
def test_nothing_breaks_on_purpose_but_the_local_environment(run: Run, world: World, trouble: tuple[str, ...]) -> None:
    shown = run("start", "order", "t-2", *trouble)
    assert (shown.exit_code, shown.stderr) == (
        2,
        f"cdk-saga: {trouble[0]}: only the local environment breaks on purpose; `make up` says how to reach it\n",
    )
    assert told(world) == []


@pytest.mark.usefixtures("operations")
def test_an_id_is_made_up_where_none_is_given(run: Run) -> None:
    ids = [json.loads(run("start", "order", "--json").stdout)["id"] for _ in range(2)]
    assert (len(set(ids)), [id.startswith("order-") for id in ids]) == (2, [True, True])


@pytest.mark.usefixtures("stuck")
def test_watch_looks_until_somebody_has_to(
    run: Run, operations: ControlOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []

    def wait(seconds: float) -> None:
        looks.append(seconds)
        operations.context.sagas.mark_stuck(SagaKey("order", "t-1"), ["goods"], "down again")

    monkeypatch.setattr(time, "sleep", wait)
    saga = SagaKey("order", "t-1")
    operations.context.sagas.clear_stuck(saga, operations.context.sagas.state(saga))
    shown = run("watch", "order", "t-1", "--every", "0.5")
    assert (looks, "stuck at goods: down again" in shown.stdout) == ([0.5], True)
    assert shown.stdout.endswith("\n"), "what is printed next begins its own line"


@pytest.mark.usefixtures("operations")
def test_erase_takes_a_saga_that_has_ended_and_no_other(run: Run, world: World) -> None:
    refused = run("erase", "order", "t-1")
    assert (refused.exit_code, "has not ended needs what would be erased" in refused.stderr) == (2, True)
    world.call(payload("charge", step="card", last=True, ends={"succeeded": "COMPLETED"}))
    shown = run("erase", "order", "t-1", "--json")
    assert json.loads(shown.stdout) == {"saga": "order", "id": "t-1", "state": "COMPLETED"}
    assert json.loads(run("status", "order", "t-1", "--json").stdout)["input"] == {}


@pytest.mark.usefixtures("operations")
def test_offsets_and_durations_are_told_apart(run: Run, world: World) -> None:
    world.clock[0] = float(int(time.time()) - 60)
    begun = payload("reserve", saga_id="t-2", first=True, ends={"succeeded": "COMPLETED"})
    begun["saga"]["started"] = int(world.clock[0])
    world.clock[0] += 0.7
    world.call(begun)
    shown = run("status", "order", "t-2").stdout
    assert ("done at" in shown, "+0.7 s" in shown) == (True, True)
    listed = run("list", "order", "--state", "COMPLETED", env={"COLUMNS": "200"}).stdout
    assert ("under 1 s" in listed, "0.0 s" in listed) == (True, False), listed
