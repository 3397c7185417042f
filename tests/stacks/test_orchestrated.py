"""What is special about the orchestrated style."""

import json

from aws_cdk import Duration

from cdk_saga.aws import FunctionSettings, OrchestratedSaga
from cdk_saga.aws.orchestrated import MARGIN
from cdk_saga.render.shared_text import SHARED
from parts import deployed
from templates import Json, id_of, of_type, only, readable


def definition(template: Json) -> Json:
    machine = only(template, "AWS::StepFunctions::StateMachine")
    return json.loads(machine["DefinitionString"])


def test_the_definition_is_constant_text_and_functions_are_substituted() -> None:
    machine = readable(only(deployed(OrchestratedSaga), "AWS::StepFunctions::StateMachine"))
    resources = {state["Resource"] for state in machine["DefinitionString"]["States"].values() if "Resource" in state}
    assert resources == {"${flights}", "${hotels}", "${transfers}"}
    assert machine["DefinitionSubstitutions"].keys() == {"flights", "hotels", "transfers", *SHARED}


def test_a_task_has_more_time_than_its_function(templates: dict[str, Json]) -> None:
    functions = of_type(templates["dev-Participants"], "AWS::Lambda::Function").values()
    longest = max(function["Timeout"] for function in functions)
    states = definition(templates["dev-TripOrchestrated"])["States"].values()
    assert {state["TimeoutSeconds"] for state in states if "TimeoutSeconds" in state} == {longest + MARGIN}


def test_the_time_out_of_one_participant_can_be_told() -> None:
    told = {"hotels": Duration.minutes(2)}
    states = definition(deployed(OrchestratedSaga, timeouts=told))["States"]
    assert states["hotel"]["TimeoutSeconds"] == 120 + MARGIN


def test_the_machine_may_invoke_exactly_the_participants() -> None:
    policy = readable(only(deployed(OrchestratedSaga), "AWS::IAM::Policy", "StateMachineRole"))
    (invoke,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Action"] == "lambda:InvokeFunction"]
    assert len(invoke["Resource"]) == 3
    assert all(arn.endswith(".Arn}") for arn in invoke["Resource"])


def test_executions_are_logged_without_their_data() -> None:
    settings = FunctionSettings(timeout=Duration.seconds(30))
    machine = only(deployed(OrchestratedSaga, settings=settings), "AWS::StepFunctions::StateMachine")
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)


def test_an_execution_that_died_is_told_to_recovery_and_the_news_is_never_lost() -> None:
    template = deployed(OrchestratedSaga)
    rule = readable(only(template, "AWS::Events::Rule", "Died"))
    assert rule["EventPattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    (target,) = rule["Targets"]
    invoked = readable(only(template, "AWS::Lambda::EventInvokeConfig"))
    dead = target["DeadLetterConfig"]["Arn"]
    assert dead == invoked["DestinationConfig"]["OnFailure"]["Destination"]


def test_every_change_of_the_machine_is_another_version_and_older_ones_are_kept_for_sagas_in_flight() -> None:
    template = deployed(OrchestratedSaga)
    version = template["Resources"][id_of(template, "AWS::StepFunctions::StateMachineVersion", "")]
    assert "StateMachineRevisionId" in json.dumps(version["Properties"]["StateMachineRevisionId"])
    assert (version["UpdateReplacePolicy"], version["DeletionPolicy"]) == ("Retain", "Retain")


def test_sagas_are_started_through_the_alias_of_the_newest_version() -> None:
    template = deployed(OrchestratedSaga)
    (route,) = only(template, "AWS::StepFunctions::StateMachineAlias")["RoutingConfiguration"]
    assert id_of(template, "AWS::StepFunctions::StateMachineVersion", "") in json.dumps(route["StateMachineVersionArn"])
    assert route["Weight"] == 100
    assert id_of(template, "AWS::StepFunctions::StateMachineAlias", "") in json.dumps(template["Outputs"]["TripStart"])
