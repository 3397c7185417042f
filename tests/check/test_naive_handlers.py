"""The classic mistakes of sagas, as far as handlers can make them: each is found, and named in plain words."""

import re
import uuid
from typing import Any

import boto3
import pytest

from cdk_saga.testing.check import CheckReport
from check import stay
from check.stay import ADA, ROME, checked, with_hotels, with_payments
from saga_runtime import Command, Participant, Rejected, Writes

Json = dict[str, Any]


class NoCharge(Exception):
    """What some payment services say of a refund of nothing."""


def said(report: CheckReport, handler: str) -> str:
    """What the report says first of a handler, its rule included."""
    return next((str(finding) for finding in report.findings if finding.problem.handler == handler), str(report))


def in_one_table(participant: Participant, key: Json, expression: str, **values: int) -> None:
    """Update an item at once, outside of any transaction."""
    participant.services.dynamodb.update_item(
        TableName="hotels",
        Key={name: {"S": value} for name, value in key.items()},
        UpdateExpression=expression,
        ExpressionAttributeValues={f":{name}": {"N": str(value)} for name, value in values.items()},
    )


@pytest.mark.long("a search of many runs")
def test_handlers_as_they_should_be_break_no_rule() -> None:
    report = checked(inputs=[ADA, {**ADA, "hotel": "Full"}])
    assert report.ok, str(report)
    assert report.runs == report.possible > 500


def test_an_undo_that_adds_stock_although_nothing_was_booked() -> None:
    hotels = Participant("hotels")

    @hotels.external_action
    def book_hotel(_: Command) -> None:
        in_one_table(hotels, ROME, "ADD rooms :less", less=-1)

    @book_hotel.compensation
    def cancel_hotel(_: Command) -> None:
        in_one_table(hotels, ROME, "ADD rooms :more", more=1)

    told = said(with_hotels(hotels), "cancel_hotel")
    assert "`cancel_hotel` changed hotels/HOTEL#Roma (rooms: 5 → 6) although `book_hotel` had changed nothing." in told
    assert "Rule: A compensation changes nothing unless its own saga's effect is there." in told
    assert "`book_hotel` fails at each attempt before it has done anything" in told


def test_a_retried_payment_that_charges_twice() -> None:
    told = said(with_payments(lambda command: {"charge": stay.till.charge(command.input["cents"])}), "charge")
    assert re.search(
        r"`charge` changed check.stay.till/charge-1 \(put there: 900\) \d times \(attempts 1, [\d, ]+\)", told
    )
    assert "What is called again has the same command.idempotency_key: use it at check.stay.till." in told


def test_nothing_to_undo_treated_as_a_failure() -> None:
    def refund(command: Command) -> None:
        if not stay.till.refund(command.idempotency_key):
            raise NoCharge(command.idempotency_key)

    told = said(with_payments(refund=refund), "refund")
    assert "`refund` raised NoCharge: stay.s-1.payment each time, so the saga is STUCK and cannot be resumed." in told
    assert "There was nothing to undo: return." in told
    assert "Rule: To find nothing to undo is a success." in told


def test_a_business_error_that_is_tried_again() -> None:
    def charge(command: Command) -> Json:
        if command.input["cents"] > 1000:
            raise ValueError("card declined")
        return {"charge": stay.till.charge(command.input["cents"], key=command.idempotency_key)}

    told = said(with_payments(charge, inputs=[ADA, {**ADA, "cents": 2000}]), "charge")
    assert "`charge` raised ValueError: card declined although nothing went wrong, and was called" in told
    assert "Raise Rejected when that is a no." in told
    assert "input 1" in told


def test_a_second_saga_that_deletes_the_row_of_the_first() -> None:
    hotels = Participant("hotels")

    @hotels.action
    def book_hotel(command: Command, writes: Writes) -> None:
        writes.put("hotels", {"pk": f"BOOKING#{command.input['customer']}", "hotel": "Roma"})

    @book_hotel.compensation
    def cancel_hotel(command: Command, writes: Writes) -> None:
        writes.delete("hotels", {"pk": f"BOOKING#{command.input['customer']}"})

    told = said(with_hotels(hotels), "cancel_hotel")
    gone = "gone: {'hotel': 'Roma', 'pk': 'BOOKING#Ada'}"
    assert f"`cancel_hotel` changed hotels/BOOKING#Ada ({gone}), which belongs to another saga." in told
    assert "Rule: A saga touches only what is its own." in told
    assert "another saga with the same input has completed before" in told


def test_an_effect_besides_the_transaction() -> None:
    hotels = stay.hotels()
    proper = hotels.handlers["book_hotel"].run

    def book_hotel(command: Command, writes: Writes) -> Any:
        boto3.client("dynamodb").put_item(TableName="hotels", Item={"pk": {"S": f"NOTE#{command.saga_id}"}})
        return proper(command, writes)  # type: ignore[call-arg]

    object.__setattr__(hotels.handlers["book_hotel"], "run", book_hotel)
    told = said(with_hotels(hotels), "book_hotel")
    assert "`book_hotel` changes something itself (PutItem): a crash leaves one without the other." in told
    assert "Use writes, or register an external_action." in told


def test_a_call_of_a_provider_in_a_transaction() -> None:
    hotels = Participant("hotels")

    @hotels.action
    def book_hotel(command: Command, writes: Writes) -> None:
        writes.put("hotels", {"pk": f"BOOKING#{command.idempotency_key}"})
        stay.till.charge(50, key=f"deposit-{command.saga_id}")

    @book_hotel.compensation
    def cancel_hotel(command: Command, writes: Writes) -> None:
        writes.delete("hotels", {"pk": f"BOOKING#{command.idempotency_key}"})
        stay.till.refund(f"deposit-{command.saga_id}")

    told = said(with_hotels(hotels), "book_hotel")
    assert "`book_hotel` changes something itself (charge at check.stay.till)" in told


def test_a_compensation_that_needs_the_actions_result() -> None:
    def refund(command: Command) -> None:
        stay.till.refund(command.result["charge"])  # type: ignore[index]

    told = said(with_payments(refund=refund), "refund")
    assert "`refund` raised TypeError: 'NoneType' object is not subscriptable each time, so the saga is STUCK" in told
    assert "command.result was None, as after a crash." in told


def test_a_compensation_that_does_nothing_without_the_actions_result() -> None:
    def refund(command: Command) -> None:
        if command.result:
            stay.till.refund(command.result["charge"])

    told = said(with_payments(refund=refund), "refund")
    assert "`refund` left check.stay.till/stay.s-1.payment (put there: 900) as `charge` had made it." in told
    assert "command.result was None, as after a crash: go by command.idempotency_key." in told


def test_a_key_made_up_at_each_run() -> None:
    def charge(command: Command) -> Json:
        return {"charge": stay.till.charge(command.input["cents"], key=str(uuid.uuid4()))}

    told = said(with_payments(charge), "charge")
    assert "`charge` leaves something else at each run of the same input: check.stay.till/" in told
    assert "Derive a key from command.idempotency_key; what may differ, e.g. a time, belongs into ignored." in told


def test_a_key_that_is_another_at_each_attempt() -> None:
    def charge(command: Command) -> Json:
        key = f"{command.idempotency_key}-{command.attempt}"
        return {"charge": stay.till.charge(command.input["cents"], key=key)}

    told = said(with_payments(charge, styles=["choreographed"], most=1000), "charge")
    assert "`charge` changed check.stay.till/stay.s-1.payment-1 (put there: 900) 4 times (attempts 1, " in told
    assert "What is called again has the same command.idempotency_key: use it at check.stay.till." in told


def test_a_no_after_the_effect() -> None:
    def charge(command: Command) -> Json:
        key = stay.till.charge(command.input["cents"], key=command.idempotency_key)
        if command.input["cents"] > 1000:
            raise Rejected("above the limit")
        return {"charge": key}

    told = said(with_payments(charge, inputs=[ADA, {**ADA, "cents": 2000}]), "charge")
    assert "`charge` raised Rejected after it had changed check.stay.till/stay.s-1.payment (put there: 2000)." in told


def test_an_undo_that_forgets_something() -> None:
    hotels = stay.hotels()

    def cancel_hotel(_: Command, writes: Writes) -> None:
        writes.update("hotels", ROME, "ADD rooms :one", values={":one": 1})

    object.__setattr__(hotels.handlers["cancel_hotel"], "run", cancel_hotel)
    told = said(with_hotels(hotels), "cancel_hotel")
    assert "`cancel_hotel` did not undo what `book_hotel` had done to hotels/BOOKING#stay.s-1.room (put there:" in told


def test_an_undo_that_gives_back_again_when_it_is_repeated() -> None:
    hotels = Participant("hotels")

    @hotels.external_action
    def book_hotel(command: Command) -> None:
        if not stay.till.has(command.saga_id):
            stay.till.charge(1, key=command.saga_id)
            in_one_table(hotels, ROME, "SET rooms = :four", four=4)

    @book_hotel.compensation
    def cancel_hotel(command: Command) -> None:
        if stay.till.has(command.saga_id):  # and so it is the next time
            in_one_table(hotels, ROME, "ADD rooms :more", more=1)

    told = str(with_hotels(hotels))
    assert re.search(r"`cancel_hotel` changed hotels/HOTEL#Roma \(rooms: 5 → \d+\) again when it was repeated.", told)
    assert "Rule: A compensation undoes once, however often it is called." in told
