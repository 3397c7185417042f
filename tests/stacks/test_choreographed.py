"""What is special about the choreographed style."""

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_

from cdk_saga import NOTHING_TO_UNDO, Retry, Saga, Step
from cdk_saga.aws import ChoreographedSaga, Ledger, SagaBus, WiringError
from cdk_saga.aws.choreographed import FURTHER, STEP_QUEUE
from cdk_saga.render.patience import allowance
from parts import deploy, deployed, function
from sagas import TRIP
from templates import Json, id_of, new_app, of_type, only, readable, synthesized

STEP_QUEUES = [
    f"Saga{step}{operation}" for step in ("flight", "hotel", "transfer") for operation in ("action", "compensation")
]


@pytest.fixture(scope="module")
def template() -> Json:
    return deployed(ChoreographedSaga)


def test_each_step_has_a_rule_a_queue_and_an_event_source_in_each_direction(template: Json) -> None:
    for step_queue in STEP_QUEUES:
        rule = readable(only(template, "AWS::Events::Rule", f"{step_queue}Rule"))
        source = readable(only(template, "AWS::Lambda::EventSourceMapping", f"{step_queue}Source"))
        assert rule["Targets"][0]["Arn"] == source["EventSourceArn"]
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_message_stays_hidden_for_six_time_outs_and_is_received_as_often_as_the_step_says(template: Json) -> None:
    for step in TRIP.all_steps:
        for operation, retry in (("action", step.retry), ("compensation", step.compensation_retry)):
            queue = only(template, "AWS::SQS::Queue", f"Saga{step.name}{operation}Queue")
            assert queue["VisibilityTimeout"] == 6 * 20
            assert queue["RedrivePolicy"]["maxReceiveCount"] == 1 + retry.max_attempts + allowance(6 * 20)


def test_what_was_tried_in_vain_goes_to_recovery_and_then_to_the_operator(template: Json) -> None:
    failed, dead = (id_of(template, "AWS::SQS::Queue", name) for name in ("SagaFailed", "SagaDead"))
    redrives = {
        id: readable(queue)["RedrivePolicy"]["deadLetterTargetArn"]
        for id, queue in of_type(template, "AWS::SQS::Queue").items()
        if "RedrivePolicy" in queue
    }
    assert redrives.pop(failed) == f"${{{dead}.Arn}}"
    assert set(redrives.values()) == {f"${{{failed}.Arn}}"}
    assert len(redrives) == len(STEP_QUEUES)
    assert (
        readable(only(template, "AWS::Lambda::EventSourceMapping", "RecoverySource"))["EventSourceArn"]
        == f"${{{failed}.Arn}}"
    )


def test_a_rule_may_fill_its_own_queue_only(template: Json) -> None:
    for step_queue in STEP_QUEUES:
        rule = id_of(template, "AWS::Events::Rule", f"{step_queue}Rule")
        policy = readable(only(template, "AWS::SQS::QueuePolicy", f"{step_queue}QueuePolicy"))
        (allow,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
        assert allow["Condition"] == {"ArnLike": {"aws:SourceArn": f"${{{rule}.Arn}}"}}


def test_a_dead_letter_is_kept_longer_than_a_command(template: Json) -> None:
    kept = {id: queue["MessageRetentionPeriod"] for id, queue in of_type(template, "AWS::SQS::Queue").items()}
    commands = [seconds for id, seconds in kept.items() if id.startswith(tuple(STEP_QUEUES))]
    others = [seconds for id, seconds in kept.items() if not id.startswith(tuple(STEP_QUEUES))]
    assert max(commands) < min(others)


def test_permissions_are_there_before_messages_are_read(template: Json) -> None:
    resources = template["Resources"]
    for id in of_type(template, "AWS::Lambda::EventSourceMapping"):
        function = readable(resources[id]["Properties"]["FunctionName"])[2:-1]
        before = [*resources[id].get("DependsOn", ()), *resources[function].get("DependsOn", ())]
        assert [name for name in before if "permissions" in name or "RecoveryRoleDefaultPolicy" in name], id


def test_one_function_may_serve_several_steps() -> None:
    steps = [Step(n, participant="shop", action=f"do_{n}", compensation=f"undo_{n}") for n in ("a", "b")]
    policy = readable(only(deployed(ChoreographedSaga, saga=Saga("two", steps)), "AWS::IAM::Policy", "shoppermissions"))
    (statement,) = [one for one in policy["PolicyDocument"]["Statement"] if "sqs:ReceiveMessage" in one["Action"]]
    assert len(statement["Resource"]) == 4


def test_retries_that_outlast_the_queue_are_refused() -> None:
    patient = Retry(max_attempts=200, interval=3600, max_delay=36_000)
    step = Step("hotel", participant="hotels", action="book", compensation="cancel", retry=patient)
    with pytest.raises(WiringError, match=r"step 'hotel': 201 attempts of its action may take 83\.8 days.*for 7;"):
        deployed(ChoreographedSaga, saga=Saga("slow", [step]))


def test_more_events_than_a_pattern_holds_are_refused() -> None:
    first = Step("first", participant="shop", action="book", compensation="cancel")
    more = [
        Step(f"{n:03}".join(["step", "x" * 50]), participant="shop", action="tell", compensation=NOTHING_TO_UNDO)
        for n in range(20)
    ]
    with pytest.raises(WiringError, match=r"step 'first': \d+ events lead to its compensation.*the limit is 2,048"):
        deployed(ChoreographedSaga, saga=Saga("news", [first, *more]))


def long_saga(steps: int) -> Saga:
    return Saga(
        "long", [Step(f"s{i}", participant=f"p{i % 3}", action="do", compensation="undo") for i in range(steps)]
    )


def test_a_stack_holds_the_longest_choreographed_saga() -> None:
    """Its functions, ledger and bus are in another stack; the estimate must not fall short of what is really made."""
    saga, app = long_saga(59), new_app()
    others, stack = Stack(app, "Others"), Stack(app, "Stack")
    ChoreographedSaga(
        stack,
        "Saga",
        saga=saga,
        participants={name: function(others, name) for name in saga.participants},
        ledger=Ledger(others, "Ledger"),
        bus=SagaBus(others, "Bus"),
    )
    resources = app.synth().get_stack_by_name("Stack").template["Resources"]
    assert len(resources) <= FURTHER + 3 + STEP_QUEUE * 2 * 59 <= 500


def test_a_longer_one_is_refused_before_it_is_built() -> None:
    with pytest.raises(WiringError, match=r"'long', choreographed: 120 tasks.* 503 resources.*is 500; orchestrate it"):
        deployed(ChoreographedSaga, saga=long_saga(60))


def test_a_function_without_a_known_role_is_refused() -> None:
    def build(stack: Stack) -> None:
        arn = "arn:aws:lambda:eu-central-1:111111111111:function:hotels"
        imported = lambda_.Function.from_function_arn(stack, "Imported", arn)
        step = Step("hotel", participant="hotels", action="book", compensation="cancel")
        deploy(
            stack,
            ChoreographedSaga,
            saga=Saga("stay", [step]),
            participants={"hotels": imported},
            timeouts={"hotels": Duration.seconds(5)},
        )

    with pytest.raises(WiringError, match=r"'hotels': its function is imported without a role.*role="):
        synthesized(build)
