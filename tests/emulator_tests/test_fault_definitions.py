"""What a fault is, without an emulator."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.faults import Fault, Faults
from emulator.server.patches.fault_duplicates import commands
from emulator.worker import emulator_faults

COMMAND = {"task": {"step": "hotel", "operation": "action"}, "saga": {"name": "trip", "id": "trip-1"}}


def update(expression: str, names: dict[str, str] | None = None, **values: str) -> dict[str, Any]:
    return {
        "Key": {"pk": {"S": "SAGA#trip#trip-1"}, "sk": {"S": "STEP#0#hotel"}},
        "UpdateExpression": expression,
        "ExpressionAttributeNames": names or {},
        "ExpressionAttributeValues": {f":{name}": {"S": value} for name, value in values.items()},
    }


@pytest.mark.parametrize(
    ("request_body", "states"),
    [
        pytest.param(update("SET st = :new, att = :a", new="STARTED", a="DONE"), ["STARTED"], id="claim"),
        pytest.param(
            update("SET #prev=if_not_exists(#st,:none), #st=:new", {"#st": "st"}, none="DONE", new="UNDOING"),
            ["UNDOING"],
            id="undo claim",
        ),
        pytest.param(update("SET fence = :yes", yes="DONE"), [], id="fence"),
        pytest.param({"Item": {"pk": {"S": "room-7"}, "st": {"S": "DONE"}}}, [], id="a participant's own item"),
        pytest.param(
            {
                "TransactItems": [
                    {"Put": {"Item": {"pk": {"S": "SAGA#trip#trip-1"}, "sk": {"S": "META"}, "st": {"S": "RUNNING"}}}},
                    {"Update": update("SET st = :new", new="UNDONE")},
                    {"ConditionCheck": {"Key": {"pk": {"S": "x"}, "sk": {"S": "STEP#0#hotel"}}}},
                ]
            },
            ["UNDONE"],
            id="transaction",
        ),
    ],
)
def test_the_written_state_is_read_from_the_request(request_body: dict[str, Any], states: list[str]) -> None:
    assert [write["state"] for write in emulator_faults.step_writes(request_body)] == states


def test_a_write_names_saga_step_and_operation() -> None:
    (write,) = emulator_faults.step_writes(update("SET st = :new", new="VOID"))

    assert write == {"saga": "trip-1", "step": "hotel", "operation": "compensation", "state": "VOID"}


def test_times_are_counted_across_processes_by_exclusive_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = Faults(tmp_path)
    monkeypatch.setenv(emulator_faults.FAULTS_VARIABLE, str(faults.path))
    faults.set([Fault(saga="trip-1", fault="duplicate", times=2)])

    taken = [emulator_faults.take("duplicate", saga="trip-1") for _ in range(3)]

    assert taken == [True, True, False]
    assert faults.happened() == 2


def test_setting_faults_anew_starts_counting_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faults, fault = Faults(tmp_path), Fault(saga="trip-1", fault="duplicate")
    monkeypatch.setenv(emulator_faults.FAULTS_VARIABLE, str(faults.path))
    for _ in range(2):
        faults.set([fault])
        assert emulator_faults.take("duplicate", saga="trip-1")

    faults.clear()
    assert not emulator_faults.take("duplicate", saga="trip-1")


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(COMMAND, id="direct call"),
        pytest.param({"Records": [{"body": "no JSON"}, {"body": json.dumps(COMMAND)}]}, id="SQS records"),
    ],
)
def test_a_command_is_recognized_in_both_styles(event: dict[str, Any]) -> None:
    assert list(commands(event)) == [{"saga": "trip-1", "step": "hotel", "operation": "action"}]


@pytest.mark.parametrize("event", [None, [], {}, {"saga": "trip-1"}, {"Records": [{"Sns": {}}]}])
def test_other_payloads_hold_no_command(event: Any) -> None:
    assert not list(commands(event))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fault": "fire"}, "'fire' is unknown"),
        ({"fault": "duplicate", "state": "DONE"}, "means nothing for a duplicate"),
        ({"fault": "duplicate", "times": 0}, "times is 0"),
    ],
)
def test_a_senseless_fault_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(saga="trip-1", **arguments)
