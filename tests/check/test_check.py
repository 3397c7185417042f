"""What the check is told: too little is an error that says what to do, and what may differ can be left out."""

import functools
import time
from typing import Any

import boto3
import pytest

from cdk_saga.testing.check import CheckError, Table
from check import stay
from check.stay import ADA, SHORT, checked, hotels, payments, with_hotels, with_payments
from saga_runtime import Command, Participant, Writes
from saga_runtime.services import variable

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"inputs": []}, "inputs is empty: give at least one input with which the saga completes"),
        ({"tables": {}, "providers": {}}, "neither tables nor providers: no effect can be seen"),
        ({"participants": {"hotels": hotels()}}, r"step 'payment' needs participant 'payments', .*\['hotels'\]"),
        (
            {"participants": {"hotels": hotels(), "payments": hotels()}},
            "handler 'charge', which participant 'payments' ",
        ),
        ({"environment": {"motels": {}}}, r"environment names \['motels'\], the saga's participants are"),
        ({"providers": {"check.stay.tills": stay.Till}}, "providers names 'check.stay.tills', where nothing is"),
        ({"inputs": [{**ADA, "hotel": "Full"}]}, "with no input does the saga complete, .* {0: 'COMPENSATED'}"),
        ({"seed": "orchestrated-0"}, "seed 'orchestrated-0' names no run: copy it from a report of this check, e.g. "),
        ({"seed": "orchestrated-0-99"}, "seed 'orchestrated-0-99' names no run"),
        ({"seed": "orchestrated-0-3-0"}, "names no run: 'orchestrated-0-3' is struck by 0 faults"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_cure(told: Json, says: str) -> None:
    with pytest.raises(CheckError, match=says):
        checked(**{**SHORT, **told})


def test_an_action_whose_effect_nobody_can_see_is_no_proof() -> None:
    with pytest.raises(CheckError, match="nothing of what 'charge' does can be seen, so nothing is proved of it"):
        with_payments(lambda _: None, lambda _: None)


def booking_at(moment: str) -> Participant:
    """Hotels that write down when; `moment` is where."""
    participant = Participant("hotels")

    @participant.action
    def book_hotel(command: Command, writes: Writes) -> None:
        key = f"BOOKING#{command.idempotency_key}"
        if moment == "row":
            writes.put("hotels", {"pk": f"AUDIT#{time.perf_counter_ns()}"})
            writes.put("hotels", {"pk": key})
        else:
            writes.put("hotels", {"pk": key, "at": time.perf_counter_ns()})

    @book_hotel.compensation
    def cancel_hotel(command: Command, writes: Writes) -> None:
        writes.delete("hotels", {"pk": f"BOOKING#{command.idempotency_key}"})

    return participant


@pytest.mark.parametrize(("moment", "ignored"), [("row", "hotels/AUDIT#*"), ("attribute", "hotels/*/at")])
def test_what_may_differ_is_ignored_where_that_is_said(moment: str, ignored: str) -> None:
    told = str(with_hotels(booking_at(moment)))
    assert "`book_hotel` leaves something else at each run of the same input: hotels/" in told
    report = with_hotels(booking_at(moment), ignored=[ignored])
    assert report.ok, str(report)


def test_each_participant_has_its_own_variables_and_tables_any_key() -> None:
    participant = Participant("hotels")

    @participant.action
    def book_hotel(command: Command, writes: Writes) -> None:
        writes.put(variable("TABLE"), {"hotel": command.input["hotel"], "number": 1, "saga": command.saga_id})

    @book_hotel.compensation
    def cancel_hotel(command: Command, writes: Writes) -> None:
        writes.delete(variable("TABLE"), {"hotel": command.input["hotel"], "number": 1})

    tables = {"rooms": Table([{"hotel": "Roma", "number": 2}], keys=("hotel", "number"))}
    report = with_hotels(participant, tables=tables, environment={"hotels": {"TABLE": "rooms"}})
    assert [finding.problem.rule for finding in report.findings] == ["A saga touches only what is its own."]
    assert "changed rooms/Roma/1 (gone: {'hotel': 'Roma', 'number': 1, 'saga': 's-0'})" in str(report)


def test_clients_that_handlers_make_for_themselves_reach_the_simulation_and_never_aws() -> None:
    participant = Participant("hotels")

    @functools.cache
    def table() -> Any:
        return boto3.resource("dynamodb").Table("hotels")

    @participant.external_action
    def book_hotel(command: Command) -> None:
        table().put_item(Item={"pk": command.idempotency_key, "rooms": 1})

    @book_hotel.compensation
    def cancel_hotel(command: Command) -> None:
        found: Any = table().get_item(Key={"pk": command.idempotency_key})
        assert found.get("Item", {"rooms": 1})["rooms"] == 1
        table().delete_item(Key={"pk": command.idempotency_key})

    report = with_hotels(participant)
    assert report.ok, str(report)


def test_a_service_that_is_not_simulated_is_named_and_no_handler_blamed() -> None:
    def charge(_: Command) -> None:
        boto3.client("s3").put_object(Bucket="receipts", Key="1")

    with pytest.raises(CheckError, match="the check lacks what a handler asks for: s3's PutObject is not simulated"):
        with_payments(charge)


def test_participants_are_afterwards_what_they_were() -> None:
    rooms, money = hotels(), payments()
    before = [(dict(vars(one.services)), dict(one.handlers)) for one in (rooms, money)]
    till = stay.till
    checked(participants={"hotels": rooms, "payments": money}, **SHORT)
    assert [(dict(vars(one.services)), dict(one.handlers)) for one in (rooms, money)] == before
    assert stay.till is till


def test_of_too_many_sagas_some_are_chosen_and_the_report_says_so() -> None:
    report = checked(**SHORT)
    assert report.runs == 150 < report.possible
    assert str(report) == f"saga 'stay': no rules broken in {report.runs} of {report.possible} runs"


def test_a_seed_runs_one_saga_again_and_shows_it() -> None:
    told = str(with_payments(refund=lambda _: None))
    (seed,) = [line.split(": ")[1].split(",")[0] for line in told.splitlines() if "Seed: " in line][:1]
    again = with_payments(refund=lambda _: None, seed=seed)
    assert [finding.problem.handler for finding in again.findings] == ["refund"]
    assert "payment.compensation #1" in again.shown
    mended = checked(seed=seed)
    assert mended.ok
    assert mended.shown.endswith("The saga is COMPENSATED.")


def test_a_seed_may_name_a_fault_too() -> None:
    report = checked(seed="orchestrated-0-0-0")
    assert report.ok
    assert "`book_hotel`, attempt 1, is called once more 0 s later" in report.shown
