"""Steps that wait: answered yes, no, twice, too late or never; and what naive handlers of theirs make of it."""

from collections.abc import Callable
from typing import Any, Final, get_args

import pytest

from cdk_saga import Saga, Step
from cdk_saga.testing.check import CheckError, CheckReport, check
from cdk_saga.testing.check.scenarios import scenarios
from cdk_saga.testing.check.subject import Style
from saga_runtime import Command, Participant, Pending, Writes

Json = dict[str, Any]
leave = Saga(
    "leave",
    [
        Step("approval", participant="managers", action="ask", compensation="withdraw", callback_timeout=3600),
        Step("days", participant="accounts", action="book_days", compensation="give_back"),
    ],
)
ADA: Final[Json] = {"who": "Ada", "days": 2}
SHORT: Final[Json] = {"styles": ["orchestrated"], "most": 150}
Undo = Callable[[Command, Writes], None]


def managers(withdraw_request: Undo | None = None, *, waits: bool = True) -> Participant:
    """Those who are asked, with requests in a table of their own."""
    participant = Participant("managers")

    @participant.action
    def ask(command: Command, writes: Writes) -> Json | Pending:
        writes.put("requests", {"pk": command.idempotency_key, "who": command.input["who"]})
        known = {"request": command.idempotency_key}
        return Pending(known) if waits else known

    @ask.compensation
    def withdraw(command: Command, writes: Writes) -> None:
        (withdraw_request or proper)(command, writes)

    return participant


def proper(command: Command, writes: Writes) -> None:
    writes.delete("requests", {"pk": command.idempotency_key})


def accounts() -> Participant:
    """Days of leave; whoever approved them stands beside."""
    participant = Participant("accounts")

    @participant.action
    def book_days(command: Command, writes: Writes) -> None:
        by = command.results["approval"].get("by", "nobody")
        writes.put("days", {"pk": command.idempotency_key, "by": by, "days": command.input["days"]})

    @book_days.compensation
    def give_back(command: Command, writes: Writes) -> None:
        writes.delete("days", {"pk": command.idempotency_key})

    return participant


def checked(asked: Participant, saga: Saga = leave, **other: Any) -> CheckReport:
    usual: Json = {
        "participants": {"managers": asked, "accounts": accounts()},
        "tables": {"requests": [], "days": []},
        "inputs": [ADA],
        "answers": {"approval": {"by": "Grace"}},
        "most": 1_000,
    }
    return check(saga, **{**usual, **other})


def found(report: CheckReport, handler: str, rule: str) -> str:
    """What the report says of a handler and a rule."""
    told = [str(one) for one in report.findings if one.problem.handler == handler and rule in one.problem.rule]
    return told[0] if told else str(report)


@pytest.mark.long("a search of many runs")
def test_proper_handlers_of_a_step_that_waits_break_no_rule() -> None:
    report = checked(managers())
    assert report.ok, str(report)
    assert report.runs == report.possible > 400


def test_what_is_answered_reaches_the_next_step() -> None:
    report = checked(managers(), seed="orchestrated-0-0")
    assert "orders: complete         obeyed" in report.shown
    assert report.shown.endswith("The saga is COMPLETED.")


@pytest.mark.parametrize(
    ("answer", "says", "ending"),
    [
        ("no", "is rejected by whom it has asked", "COMPENSATED"),
        ("never", "is never answered, so its time ends", "COMPENSATED"),
        ("twice", "is completed twice", "COMPLETED"),
        ("late", "is completed long after its time", "COMPENSATED"),
    ],
)
@pytest.mark.parametrize("style", get_args(Style))
def test_a_step_that_waits_is_told_everything_that_somebody_may_say(
    style: Style, answer: str, says: str, ending: str
) -> None:
    lived = enumerate(scenarios(leave, style, 0, completes=True, asking=["approval"]))
    number = next(i for i, one in lived if one.answered and one.answered.answer == answer)
    shown = checked(managers(), styles=[style], seed=f"{style}-0-{number}").shown
    assert f"`ask` {says}" in shown
    assert shown.endswith(f"The saga is {ending}.")


def test_an_undo_that_needs_the_answer_is_found_by_the_name_of_what_it_misses() -> None:
    def withdraw(command: Command, writes: Writes) -> None:
        if command.result:
            writes.put("requests", {"pk": f"GONE#{command.result['by']}"})
            writes.delete("requests", {"pk": f"GONE#{command.result['by']}"})

    told = found(checked(managers(withdraw), **SHORT), "withdraw", "without an answer")
    assert "`withdraw` raised KeyError: 'by' each time, so the saga is STUCK and cannot be resumed. No yes" in told
    assert "Rule: A compensation gets by without an answer: perhaps none was given." in told
    assert "`ask` is rejected by whom it has asked" in told


def test_an_undo_that_leaves_the_question_when_nobody_said_yes_is_found() -> None:
    def withdraw(command: Command, writes: Writes) -> None:
        if "by" in (command.result or {"by": ""}):
            writes.delete("requests", {"pk": command.idempotency_key})

    told = found(checked(managers(withdraw), **SHORT), "withdraw", "without an answer")
    assert "`withdraw` left requests/leave.s-1.approval" in told
    assert "as `ask` had made it, when no yes had come." in told


def test_a_question_that_is_asked_anew_at_each_attempt_is_found() -> None:
    board = Participant("managers")

    @board.external_action
    def ask(command: Command) -> Pending:
        key = f"{command.idempotency_key}-{command.attempt}"
        board.services.dynamodb.put_item(TableName="requests", Item={"pk": {"S": key}})
        return Pending({"request": key})

    @ask.compensation
    def withdraw(command: Command) -> None:
        key = f"{command.idempotency_key}-1"
        board.services.dynamodb.delete_item(TableName="requests", Key={"pk": {"S": key}})

    told = str(checked(board, **SHORT))
    assert "`ask`" in told
    assert "What is called again has the same command.idempotency_key: use it at requests." in told


def test_a_step_that_asks_and_never_said_that_it_waits_is_named() -> None:
    steps = [Step("approval", participant="managers", action="ask", compensation="withdraw"), leave.all_steps[1]]
    told = found(checked(managers(), Saga("leave", steps), answers={}, **SHORT), "ask", "returns Pending")
    assert "`ask` returned Pending: say callback_timeout=… in its step." in told


def test_an_answer_to_a_step_that_does_not_wait_is_refused_with_the_cure() -> None:
    with pytest.raises(CheckError, match=r"answers names \['days'\], the steps that wait are \['approval'\]"):
        checked(managers(), answers={"days": {}})
