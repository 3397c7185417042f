"""What outlives its stack is in the way of no later deployment, and what CloudFormation deletes can be deleted."""

import re
from typing import Any

import pytest
from aws_cdk import RemovalPolicies, RemovalPolicy, Stack

from cdk_saga.aws import FunctionSettings, Ledger, OrchestratedSaga
from parts import deployed
from templates import Json, new_app, readable, synthesized

NAMES = ("TableName", "QueueName", "LogGroupName", "EventBusName", "RoleName", "FunctionName", "StateMachineName")
"""Properties that give a resource a name that no other of the account and Region may have."""
NEVER_IN_THE_WAY = {
    "AWS::DynamoDB::GlobalTable": "is protected, so CloudFormation could not delete it; its name is generated",
    "AWS::StepFunctions::StateMachineVersion": "has a number that its machine never gives again",
}
KEPT_LOGS = FunctionSettings(log_removal=RemovalPolicy.RETAIN)


def ledger(**props: Any) -> Json:
    """The table of a ledger."""
    template = synthesized(lambda stack: Ledger(stack, "Ledger", **props))
    (table,) = [found for found in template["Resources"].values() if found["Type"] == "AWS::DynamoDB::GlobalTable"]
    return table


def test_what_is_kept_is_not_kept_of_a_first_deployment_that_failed(templates: dict[str, Json]) -> None:
    kept = {
        (found["Type"], found["DeletionPolicy"])
        for template in templates.values()
        for found in template["Resources"].values()
        if found.get("DeletionPolicy", "Delete") != "Delete"
    }
    assert {policy for kind, policy in kept if kind not in NEVER_IN_THE_WAY} == {"RetainExceptOnCreate"}


def test_the_name_of_what_is_kept_is_new_when_its_stack_is_created_again() -> None:
    template = deployed(OrchestratedSaga, settings=KEPT_LOGS)
    kept = [found for found in template["Resources"].values() if found.get("DeletionPolicy") == "Retain"]
    named = [readable(found["Properties"][name]) for found in kept for name in NAMES if name in found["Properties"]]
    assert any("vendedlogs" in name for name in named)
    for name in named:
        assert re.search(r"\$\{\w", name), f"{name} has no part that CloudFormation generates"


def test_a_protected_ledger_is_kept_whatever_happens() -> None:
    assert ledger()["DeletionPolicy"] == "Retain"


def test_an_unprotected_ledger_of_a_failed_deployment_is_deleted() -> None:
    assert ledger(deletion_protection=False)["DeletionPolicy"] == "RetainExceptOnCreate"


@pytest.mark.parametrize("policy", [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])
def test_a_protected_ledger_that_would_be_deleted_is_refused(policy: RemovalPolicy) -> None:
    with pytest.raises(RuntimeError, match=r"table Stack/Ledger/Table: its deletion policy is .*, but AWS refuses"):
        ledger(removal_policy=policy)


def test_a_protected_ledger_that_an_aspect_would_delete_is_refused() -> None:
    stack = Stack(new_app(), "Stack")
    Ledger(stack, "Ledger")
    RemovalPolicies.of(stack).destroy()
    with pytest.raises(RuntimeError, match="its deletion policy is DELETE, but AWS refuses to delete it"):
        stack.node.root.synth()  # type: ignore[attr-defined]
