"""Earlier versions stay deployed beside the newest one, in both styles, until their sagas have ended."""

import base64
import json
import zlib
from typing import Any

import pytest
from aws_cdk import Stack

from cdk_saga import Saga, Step
from cdk_saga.aws import ChoreographedSaga, Ledger, OrchestratedSaga, SagaBus, WiringError
from parts import STYLES, Style, deploy, deployed, function
from sagas import TRIP
from templates import Json, id_of, of_type, only, readable, synthesized

CAR = Step("car", participant="cars", action="book_car", compensation="cancel_car")
OLD = Saga("trip", [TRIP.all_steps[0], CAR, TRIP.all_steps[1]])
"""The trip before ``car`` was taken out and ``transfer`` came in."""
PARTICIPANTS = ("flights", "hotels", "transfers", "cars")


def previous_versions(style: Style, *old: Saga) -> Json:
    def build(stack: Stack) -> None:
        participants = {name: function(stack, name) for name in PARTICIPANTS}
        deploy(stack, style, participants=participants, previous_versions=old)

    return synthesized(build)


@pytest.fixture(scope="module")
def choreographed() -> Json:
    return previous_versions(ChoreographedSaga, OLD)


def rules(template: Json, step_queue: str) -> dict[str, Json]:
    """The rules of a step queue by the version they match."""
    found = {
        id: rule for id, rule in of_type(template, "AWS::Events::Rule").items() if id.startswith(f"Saga{step_queue}")
    }
    return {matched(rule["EventPattern"]): {**readable(rule), "id": id} for id, rule in found.items()}


def matched(pattern: Json) -> str:
    """The version in an event's body, or, where sagas begin, in the name of the event that only recovery sends."""
    if "detail" in pattern:
        (version,) = pattern["detail"]["version"]
        return version
    (again,) = [event for event in pattern["detail-type"] if event.startswith("saga.started.")]
    return again.removeprefix("saga.started.")


@pytest.mark.parametrize(
    ("step_queue", "versions"),
    [
        ("flightaction", {TRIP.version, OLD.version}),
        ("transferaction", {TRIP.version}),
        ("caraction", {OLD.version}),
        ("carcompensation", {OLD.version}),
    ],
)
def test_each_version_has_rules_of_its_own(choreographed: Json, step_queue: str, versions: set[str]) -> None:
    assert rules(choreographed, step_queue).keys() == versions


def test_new_sagas_begin_with_the_newest_version_whatever_version_their_starter_names(choreographed: Json) -> None:
    """The rules of the first step match no version in the body; an earlier one takes its own event from recovery."""
    first = {version: rule["EventPattern"] for version, rule in rules(choreographed, "flightaction").items()}
    assert first == {
        TRIP.version: {"source": ["saga.trip"], "detail-type": ["saga.started", f"saga.started.{TRIP.version}"]},
        OLD.version: {"source": ["saga.trip"], "detail-type": [f"saga.started.{OLD.version}"]},
    }


def test_a_step_keeps_its_queue_and_what_is_in_it(choreographed: Json) -> None:
    before, queues = deployed(ChoreographedSaga, saga=OLD), "AWS::SQS::Queue"
    assert of_type(before, queues).keys() <= of_type(choreographed, queues).keys()
    both = rules(choreographed, "flightaction").values()
    assert len({rule["Targets"][0]["Arn"] for rule in both}) == 1


def test_both_rules_may_fill_it_and_no_other(choreographed: Json) -> None:
    policy = readable(only(choreographed, "AWS::SQS::QueuePolicy", "SagaflightactionQueuePolicy"))
    (allow,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    ids = {rule["id"] for rule in rules(choreographed, "flightaction").values()}
    assert set(allow["Condition"]["ArnLike"]["aws:SourceArn"]) == {f"${{{id}.Arn}}" for id in ids}


def test_a_rule_turns_to_the_newest_version_when_the_earlier_one_has_its_own(choreographed: Json) -> None:
    """CloudFormation creates what a resource depends on before it updates the resource: no event falls in between."""
    both = rules(choreographed, "flightaction")
    newest = choreographed["Resources"][both[TRIP.version]["id"]]
    assert newest["DependsOn"] == [both[OLD.version]["id"]]
    assert both[TRIP.version]["id"] == id_of(deployed(ChoreographedSaga), "AWS::Events::Rule", "SagaflightactionRule")


def test_the_earlier_commands_are_the_earlier_ones(choreographed: Json) -> None:
    def command(version: str) -> Any:
        return rules(choreographed, "hotelaction")[version]["Targets"][0]["InputTransformer"]["InputTemplate"]["task"]

    assert command(OLD.version) != command(TRIP.version)
    assert command(OLD.version)["ends"] == {"succeeded": "COMPLETED"}


def test_a_queue_is_as_patient_as_the_most_patient_version() -> None:
    flight = Step(
        "flight",
        participant="flights",
        action="book_flight",
        compensation="cancel_flight",
        retry=TRIP.all_steps[0].retry,
    )
    patient = Saga(
        "trip",
        [
            Step(
                "flight",
                participant="flights",
                action="book_flight",
                compensation="cancel_flight",
                callback_timeout=43_200 * 3,
            )
        ],
    )
    template = previous_one(Saga("trip", [flight]), patient)
    queue = only(template, "AWS::SQS::Queue", "SagaflightactionQueue")
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 1 + flight.retry.max_attempts + 12 + 4
    assert queue["MessageRetentionPeriod"] == 12 * 86_400


def previous_one(saga: Saga, old: Saga) -> Json:
    return deployed(ChoreographedSaga, saga=saga, previous_versions=[old])


def test_an_earlier_version_still_may_call_whom_only_it_calls() -> None:
    template = previous_versions(OrchestratedSaga, OLD)
    statements = readable(only(template, "AWS::IAM::Policy", "SagaStateMachineRole"))["PolicyDocument"]["Statement"]
    (invoke,) = [one for one in statements if one["Action"] == "lambda:InvokeFunction"]
    assert any("cars" in arn for arn in invoke["Resource"])
    assert "cars" not in json.dumps(
        only(template, "AWS::StepFunctions::StateMachine", "Saga")["DefinitionSubstitutions"]
    )


@pytest.mark.parametrize("style", STYLES)
def test_recovery_knows_every_version(style: Style) -> None:
    known = only(previous_versions(style, OLD), "AWS::Lambda::Function", "Recovery")["Environment"]["Variables"]
    told = json.loads(known["SAGA_PREVIOUS_VERSIONS"])
    assert known["SAGA_VERSION"] == TRIP.version
    assert told[OLD.version]["last_compensable_step"] == "hotel"
    assert list(told[OLD.version]["steps"]) == ["flight", "car", "hotel"]


def test_many_versions_are_told_compressed() -> None:
    many = [
        Saga("trip", [*OLD.all_steps, Step(f"more-{n}", participant="cars", action="act", compensation="undo")])
        for n in range(9)
    ]
    known = only(previous_versions(OrchestratedSaga, *many), "AWS::Lambda::Function", "Recovery")["Environment"][
        "Variables"
    ]
    told = json.loads(zlib.decompress(base64.b64decode(known["SAGA_PREVIOUS_VERSIONS"])))
    assert told.keys() == {one.version for one in many}


@pytest.mark.parametrize(
    ("old", "text"),
    [
        (Saga("voyage", OLD.all_steps), r"saga 'trip': previous_versions has saga 'voyage'; only earlier definitions"),
        (TRIP, rf"saga 'trip': previous_versions has version {TRIP.version}, which is there already; leave it out"),
        (
            Saga("trip", [Step("x", participant="boats", action="a", compensation="b")]),
            r"previous version \w+, step 'x': no function for participant 'boats'",
        ),
    ],
)
@pytest.mark.parametrize("style", STYLES)
def test_what_is_no_earlier_version_is_refused(style: Style, old: Saga, text: str) -> None:
    with pytest.raises(WiringError, match=text):
        deployed(style, previous_versions=[old])


def test_a_step_that_has_changed_hands_is_refused() -> None:
    moved = Saga("trip", [Step("flight", participant="cars", action="book_car", compensation="cancel_car")])
    with pytest.raises(
        WiringError, match=r"step 'flight' is carried out by 'flights', in the previous version \w+ by 'cars'"
    ):
        previous_versions(ChoreographedSaga, moved)


def test_a_previous_version_beside_a_construct_of_its_own_is_refused() -> None:
    def build(stack: Stack) -> None:
        parts = {name: function(stack, name) for name in PARTICIPANTS}
        ledger, bus = Ledger(stack, "Ledger"), SagaBus(stack, "Bus")
        ChoreographedSaga(stack, "One", saga=TRIP, previous_versions=[OLD], participants=parts, ledger=ledger, bus=bus)
        few = {name: parts[name] for name in OLD.participants}
        ChoreographedSaga(stack, "Two", saga=OLD, participants=few, ledger=ledger, bus=bus)

    with pytest.raises(WiringError, match="is on this bus twice"):
        synthesized(build)
