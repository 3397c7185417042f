"""Asking how a saga is, and which there are: one shape for both styles, as the ledger has it."""

import json
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from saga_runtime import BadCommand, Busy, Rejected
from saga_runtime.client import SagaUnknown, Status, Target, list_sagas, status
from saga_runtime.envelope import parse
from saga_runtime.ledger import Callbacks, SagaKey, Sagas, Store
from saga_runtime.ledger.views import NEWEST
from shop import Crashed, payload
from world import World

STEPS = {"goods": True, "card": True, "note": False}
TARGET = Target(name="order", version="v1", style="choreographed", where="bus", ledger="ledger", steps=STEPS)
ASKED = "goods: waiting for an answer until 2027-01-15T08:10:00Z"
FAILURE = {"step": "card", "outcome": "unknown", "Error": "TimeoutError", "Cause": "silent"}


def look(world: World, saga_id: str = "t-1") -> Status:
    return status(TARGET, saga_id, services=world.services)


def outcomes(world: World) -> dict[str, str]:
    return {step.step: step.outcome for step in look(world).steps}


def sagas(world: World) -> Sagas:
    return Sagas(Store(world.services))


def test_a_saga_is_shown_step_by_step_with_what_is_next(world: World) -> None:
    failing(world, payload("reserve", first=True))
    world.call({**payload("reserve", first=True), "attempt": 2})
    seen = look(world)
    assert (seen.state, seen.words, seen.why, seen.input) == ("RUNNING", "running", "", {"n": 1})
    assert (seen.started, seen.ended, seen.deadline) == (1_000_000, None, None)
    goods, card, note = seen.steps
    assert (goods.outcome, goods.attempts, goods.ended) == ("done", 2, world.clock[0])
    assert goods.result == {"reserved": "order.t-1.goods"}
    assert (card.outcome, note.outcome, note.undoable) == ("not begun", "not begun", False)
    assert (seen.at, seen.next) == (("card",), "card")


def test_who_is_at_work_is_told_from_who_was_interrupted(world: World) -> None:
    world.shop.raises = Crashed()
    with pytest.raises(Crashed):
        world.call({**payload("charge", step="card", first=True), "attempt": 1})
    card = look(world).steps[1]
    assert (card.outcome, card.attempts, card.began, card.ended) == ("at work", 1, world.clock[0], None)
    assert look(world).next == "card: at work until 2027-01-15T08:00:05Z"
    world.clock[0] += 60
    assert (look(world).steps[1].outcome, look(world).next) == ("interrupted", "goods")


def failing(world: World, command: dict[str, Any]) -> None:
    world.shop.raises = RuntimeError("403: the key has expired")
    with pytest.raises(RuntimeError):
        world.call(command)
    world.shop.raises = None
    world.clock[0] += 1


@pytest.mark.parametrize("handler", ["reserve", "charge"])
def test_a_step_that_fails_shows_its_last_error_and_its_attempts(world: World, handler: str) -> None:
    world.call(payload("reserve", first=True))
    for _ in range(2):
        failing(world, payload(handler, step="card"))
    card = look(world).steps[1]
    assert (card.outcome, card.attempts, card.error) == ("failing", 2, "RuntimeError: 403: the key has expired")
    world.call({**payload(handler, step="card"), "attempt": 3})
    card = look(world).steps[1]
    assert (card.outcome, card.attempts, card.error) == ("done", 3, "")


@pytest.mark.parametrize(("action", "compensation"), [("reserve", "release"), ("charge", "refund")])
def test_a_compensation_that_fails_shows_its_last_error(world: World, action: str, compensation: str) -> None:
    world.call(payload(action, first=True))
    failing(world, payload(compensation, "compensation", failure=FAILURE))
    goods = look(world).steps[0]
    assert (goods.undo_attempts, goods.error) == (1, "RuntimeError: 403: the key has expired")


@pytest.mark.parametrize("handler", ["reserve", "charge"])
def test_a_step_that_waits_says_since_when_and_until_when(world: World, handler: str) -> None:
    world.shop.pending = True
    world.call(payload(handler, first=True, callback_timeout=600))
    goods = look(world).steps[0]
    assert (goods.outcome, goods.began, goods.due) == ("waiting for an answer", world.clock[0], world.clock[0] + 600)
    assert (goods.ended, look(world).at, look(world).next) == (None, ("goods",), ASKED)
    assert look(world).operations == ("complete", "reject", "cancel")
    world.clock[0] += 601
    assert look(world).steps[0].outcome == "not answered in time"
    assert look(world).operations == ("cancel", "retry")


def test_an_answer_has_its_time(world: World) -> None:
    asked = payload("reserve", first=True, callback_timeout=600)
    world.shop.pending = True
    world.call(asked)
    world.clock[0] += 300
    Callbacks(Store(world.services)).complete(parse(asked), {"by": "Ada"})
    goods = look(world).steps[0]
    assert (goods.outcome, goods.began, goods.ended) == ("done", world.clock[0] - 300, world.clock[0])


@pytest.mark.parametrize(
    ("brought", "operations"),
    [("running", ("cancel", "retry")), ("stuck", ("resume", "skip")), ("ended", ("retry",))],
)
def test_it_says_which_orders_its_state_allows(world: World, brought: str, operations: tuple[str, ...]) -> None:
    ends = {"succeeded": "COMPLETED"} if brought == "ended" else {}
    world.call(payload("reserve", first=True, last=brought == "ended", ends=ends))
    if brought == "stuck":
        sagas(world).mark_stuck(SagaKey("order", "t-1"), ["goods"], "down")
    assert look(world).operations == operations


def test_who_waits_can_be_answered_and_past_the_pivot_only_with_a_yes(world: World) -> None:
    world.shop.pending = True
    world.call(payload("reserve", first=True, callback_timeout=600))
    assert look(world).operations == ("complete", "reject", "cancel")
    sagas(world).abort(SagaKey("order", "t-1"), ["goods"])
    assert look(world).operations == ("retry",)


def test_past_the_pivot_nothing_can_be_skipped(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    assert look(world).operations == ("retry",)
    sagas(world).mark_stuck(SagaKey("order", "t-1"), ["card"], "down")
    assert (look(world).operations, look(world).next) == (("resume",), "an operator has to look at card, then: resume")


def test_a_step_that_waits_past_the_pivot_can_be_completed_and_not_rejected(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    world.shop.pending = True
    world.call(payload("charge", step="card", after_pivot=True, callback_timeout=600))
    assert look(world).operations == ("complete",)
    sagas(world).mark_stuck(SagaKey("order", "t-1"), ["card"], "not answered in time")
    world.clock[0] += 601
    assert look(world).operations == ("complete", "resume")
    assert look(world).next == "an operator has to look at card, then: complete card, or resume"


def test_what_lambda_makes_of_an_error_is_left_out_of_why(world: World) -> None:
    world.call(payload("reserve", first=True))
    framed = {"errorMessage": "silent", "errorType": "TimeoutError", "requestId": "1", "stackTrace": ["File x"]}
    back = payload("refund", "compensation", step="card", failure={**FAILURE, "Cause": json.dumps(framed)})
    assert world.call(back)["failure"]["Cause"] == "silent"
    assert look(world).why == "card: unknown: TimeoutError: silent"


def test_a_fence_is_no_reason(world: World) -> None:
    world.call(payload("reserve", first=True))
    world.call(payload("refund", "compensation", step="card", failure={**FAILURE, "Error": "SagaFenced"}))
    assert look(world).why == ""


def test_a_saga_that_the_watchdog_aborted_says_so(world: World) -> None:
    world.call(payload("reserve", first=True))
    sagas(world).abort(SagaKey("order", "t-1"), list(STEPS), on_behalf_of="#watchdog")
    assert (look(world).why, look(world).failed_at) == ("it had stopped making progress", "")


def test_compensation_says_why_and_what_is_left(world: World) -> None:
    world.call(payload("reserve", first=True))
    world.call(payload("refund", "compensation", step="card", failure=FAILURE))
    seen = look(world)
    assert (seen.why, seen.failed_at) == ("card: unknown: TimeoutError: silent", "card")
    assert outcomes(world) == {"goods": "done", "card": "stopped before it was done", "note": "not begun"}
    assert (seen.state, seen.at, seen.next) == ("COMPENSATING", ("goods",), "undoing goods")


def test_an_undone_saga_tells_when_and_at_which_attempt(world: World) -> None:
    world.call(payload("reserve", first=True))
    world.clock[0] += 5
    back = payload("release", "compensation", failure=FAILURE, ends={"compensated": "COMPENSATED"})
    for _ in range(2):
        failing(world, back)
    world.call({**back, "attempt": 3})
    seen = look(world)
    assert (seen.words, seen.ended, seen.next, seen.at) == ("compensated", world.clock[0], "", ())
    assert (listing(world, state="COMPENSATED", step="card"), listing(world, step="goods")) == (["t-1"], [])
    goods = seen.steps[0]
    assert (goods.outcome, goods.undo_attempts, goods.undo_ended) == ("undone", 3, world.clock[0])


def test_a_rejection_is_quoted(world: World) -> None:
    world.call(payload("reserve", first=True))
    world.shop.raises = Rejected("card declined")
    with pytest.raises(Rejected):
        world.call(payload("charge", step="card"))
    assert (look(world).why, look(world).failed_at) == ("card was rejected: card declined", "card")
    assert (listing(world, step="card"), listing(world, step="note")) == (["t-1"], [])
    assert look(world).steps[1].error == "card declined"


def test_a_stuck_saga_says_what_to_do(world: World) -> None:
    world.call(payload("reserve", first=True))
    sagas(world).mark_stuck(SagaKey("order", "t-1"), ["goods"], "TimeoutError: down")
    seen = look(world)
    assert (seen.state, seen.why) == ("STUCK", "stuck at goods: TimeoutError: down")
    assert seen.next == "an operator has to look at goods, then: resume, or skip goods"


def test_a_cancelled_saga_says_so(world: World) -> None:
    world.call(payload("reserve", first=True))
    sagas(world).abort(SagaKey("order", "t-1"), list(STEPS), on_behalf_of="#cancel")
    assert look(world).why == "it was cancelled"
    assert outcomes(world) == {"goods": "done", "card": "not begun", "note": "not begun"}


def test_a_saga_of_another_version_shows_only_what_is_known_of_it(world: World) -> None:
    world.call(payload("reserve", step="older", first=True))
    newer = replace(TARGET, version="v2")
    seen = status(newer, "t-1", services=world.services)
    assert [(step.step, step.undoable) for step in seen.steps] == [("older", None)]
    assert seen.version == "v1"


def test_a_status_is_json_with_times_as_text(world: World) -> None:
    world.call(payload("reserve", first=True))
    said = json.loads(json.dumps(look(world).json()))
    assert (said["started"], said["steps"][0]["ended"]) == ("1970-01-12T13:46:40.000Z", "2027-01-15T08:00:00.000Z")


def test_a_saga_that_is_unknown_is_said_to_be_unknown(world: World) -> None:
    with pytest.raises(SagaUnknown, match="the ledger has no saga 'nobody' of 'order'"):
        look(world, "nobody")
    with pytest.raises(BadCommand, match=r"saga\.id is 'a/b'"):
        look(world, "a/b")


def listing(world: World, **filters: Any) -> list[str]:
    return [found.id for found in list_sagas(TARGET, services=world.services, **filters)]


def test_sagas_are_listed_newest_first_by_state_age_and_step(world: World) -> None:
    for number in range(3):
        event = payload("reserve", saga_id=f"t-{number}", first=True)
        event["saga"]["started"] = int(world.clock[0]) - 100 * (3 - number)
        world.call(event)
    sagas(world).mark_stuck(SagaKey("order", "t-1"), ["goods"], "down")
    assert listing(world) == ["t-2", "t-1", "t-0"]
    assert listing(world, state="RUNNING") == ["t-2", "t-0"]
    assert listing(world, older_than=200) == ["t-1", "t-0"]
    assert listing(world, step="goods") == ["t-1"]
    assert listing(world, step="card") == ["t-2", "t-0"]
    (stuck,) = list_sagas(TARGET, state="STUCK", services=world.services)
    assert (stuck.stuck_at, stuck.error, stuck.words, stuck.ended) == ("goods", "down", "stuck", None)


def test_sagas_are_listed_by_when_they_ended_however_long_ago_they_began(world: World) -> None:
    begun = int(world.clock[0])
    for hours, ends in ((3, "COMPLETED"), (2, "COMPLETED"), (1, ""), (0, "COMPENSATED")):
        world.clock[0] = begun - 3600 * hours
        event = payload("reserve", saga_id=f"t-{hours}", first=True, ends={"succeeded": ends} if ends else {})
        event["saga"]["started"] = begun - 86_400 * (3 - hours) - 10_800
        world.call(event)
    assert listing(world, ended_within=3 * 3600) == ["t-3", "t-2", "t-0"]
    assert listing(world, ended_within=3 * 3600 - 1) == ["t-2", "t-0"]
    assert listing(world, ended_within=7200, state="COMPENSATED", older_than=86_400) == ["t-0"]
    assert listing(world, ended_within=1) == ["t-0"]


def test_a_listing_says_who_waits_and_asks_for_many_at_once(world: World) -> None:
    """The index does not know it."""
    target = replace(TARGET, callback_steps=("goods", "card"))
    for number in range(60):
        world.call(payload("reserve", saga_id=f"t-{number}", first=True))
        restock(world)
    world.shop.pending = True
    for id, waits in {"t-7": 60, "t-51": 600}.items():
        world.call(payload("charge", saga_id=id, step="card", callback_timeout=waits))
    sagas(world).mark_stuck(SagaKey("order", "t-9"), ["goods"], "down")
    world.requests.clear()

    def waiting() -> dict[str, str]:
        found = [*list_sagas(target, services=world.services)]
        assert len(found) == 60
        return {one.id: one.waits_at for one in found if one.words == "waiting for an answer"}

    assert waiting() == {"t-7": "card", "t-51": "card"}
    assert world.requests.count("BatchGetItem") == 2  # of fifty sagas each
    world.clock[0] += 61
    assert waiting() == {"t-51": "card"}
    assert {one.words for one in list_sagas(TARGET, services=world.services)} == {"running", "stuck"}


def test_past_the_pivot_a_step_waits_although_its_time_is_over(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    world.shop.pending = True
    world.call(payload("charge", step="card", callback_timeout=60, after_pivot=True))
    world.clock[0] += 61
    (found,) = list_sagas(replace(TARGET, callback_steps=("card",)), services=world.services)
    assert (found.state, found.words, look(world).words) == ("COMMITTED", *["waiting for an answer"] * 2)


def three_that_wait(world: World) -> Target:
    world.shop.pending = True
    for number in range(3):
        world.call(payload("reserve", saga_id=f"t-{number}", first=True, callback_timeout=60))
    return replace(TARGET, callback_steps=("goods",))


def handing_out(world: World, most: int) -> Any:
    """DynamoDB hands out so few items at once."""
    handed = world.services.dynamodb.batch_get_item

    def some(**request: Any) -> Any:
        ((table, keys),) = request["RequestItems"].items()
        now, later = keys["Keys"][:most], keys["Keys"][most:]
        answer = handed(RequestItems={table: {"Keys": now}}) if now else {"Responses": {}}
        return {**answer, "UnprocessedKeys": {table: {"Keys": later}} if later else {}}

    return patch.object(world.services.dynamodb, "batch_get_item", some)


def test_what_the_ledger_could_not_hand_out_at_once_is_asked_for_again_after_a_pause_each(world: World) -> None:
    target, pauses = three_that_wait(world), list[float]()
    world.services.sleep, world.services.chance = pauses.append, lambda: 0.5
    with handing_out(world, most=1):
        found = [one.waits_at for one in list_sagas(target, services=world.services)]
    assert (found, pauses) == (["goods"] * 3, [0.025, 0.05])


def test_a_ledger_that_hands_out_nothing_is_not_asked_for_ever(world: World) -> None:
    target, pauses = three_that_wait(world), list[float]()
    world.services.sleep = pauses.append
    with handing_out(world, most=0), pytest.raises(Busy, match="'ledger': 3 steps could not be read; ask again later"):
        next(list_sagas(target, services=world.services))
    assert pauses == [0.05, 0.1, 0.2, 0.4]


def test_a_listing_is_read_as_it_is_taken_and_misses_no_page(world: World) -> None:
    for number in range(40):
        world.call(payload("reserve", saga_id=f"t-{number}", first=True, ends={"succeeded": "COMPLETED"}))
        restock(world)
    world.services.dynamodb.meta.events.register("provide-client-params.dynamodb.Query", _one_a_page)
    assert len(listing(world, state="COMPLETED")) == 40


def test_a_listing_reads_as_little_as_people_look_at_unless_it_is_asked_for_a_period(world: World) -> None:
    world.call(payload("reserve", first=True, ends={"succeeded": "COMPLETED"}))
    limits: list[int | None] = []
    register = world.services.dynamodb.meta.events.register
    register("provide-client-params.dynamodb.Query", lambda params, **_: limits.append(params.get("Limit")))
    assert listing(world) == ["t-1"]
    assert limits == [NEWEST] * 16 * 7
    limits.clear()
    assert listing(world, ended_within=60) == ["t-1"]
    assert limits == [None] * 16 * 3


def restock(world: World) -> None:
    world.services.dynamodb.put_item(TableName="shop", Item={"pk": {"S": "stock"}, "pieces": {"N": "5"}})


def _one_a_page(params: dict[str, Any], **_: Any) -> None:
    params["Limit"] = 1


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"state": "DONE"}, "state is 'DONE': it is one of RUNNING"),
        ({"step": "x"}, "step is 'x'"),
        ({"state": "STUCK", "ended_within": 60}, "state is 'STUCK': of those that have ended it is one of COMPLETED"),
        ({"ended_within": 0}, "ended_within is 0 seconds: it is 1 to 2,592,000"),
        ({"ended_within": 31 * 86_400}, "2,678,400 seconds: it is 1 to 2,592,000, as the ledger forgets what ended 30"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(world: World, filters: dict[str, Any], words: str) -> None:
    with pytest.raises(BadCommand, match=words):
        listing(world, **filters)


def test_a_step_all_of_whose_attempts_timed_out_has_been_tried(world: World) -> None:
    world.call(payload("reserve", first=True))
    sagas(world).abort(SagaKey("order", "t-1"), tuple(STEPS), why="card: unknown: TimeoutError: after 3 s")
    goods, card, note = look(world).steps
    assert (card.outcome, card.error) == ("stopped before it was done", "card: unknown: TimeoutError: after 3 s")
    assert (goods.outcome, note.outcome) == ("done", "not begun")


def test_a_step_past_the_pivot_all_of_whose_attempts_timed_out_is_failing(world: World) -> None:
    world.call(payload("reserve", first=True, pivot=True))
    assert sagas(world).mark_stuck(SagaKey("order", "t-1"), ["card"], "TimeoutError: after 3 s")
    assert [(step.outcome, step.error) for step in look(world).steps[1:]] == [
        ("failing", "TimeoutError: after 3 s"),
        ("not begun", ""),
    ]
