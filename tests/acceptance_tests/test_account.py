"""Which cases run in an AWS account, and what is refused there."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from acceptance.__main__ import ANYWHERE, main
from acceptance.account import InAccount
from demo.cases import SILENT
from demo.examples import SCENARIOS
from emulator.faults import Fault


@pytest.fixture(name="cloudformation")
def stubbed() -> Any:
    return boto3.client("cloudformation", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def described(name: str, **outputs: str) -> dict[str, Any]:
    listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    return {"StackName": name, "CreationTime": 0, "StackStatus": "CREATE_COMPLETE", "Outputs": listed}


def test_cases_that_run_anywhere_need_neither_fault_nor_provider() -> None:
    assert {example.name for example, _ in ANYWHERE} == {example.name for example, _ in SCENARIOS}
    assert [case.name for _, case in ANYWHERE if case.fault or case.provider_modes] == []


def test_only_the_stacks_of_the_environment_count(cloudformation: Any) -> None:
    with Stubber(cloudformation) as answers:
        stacks = [described("dev-State", LedgerTable="ledger"), described("develop-State"), described("prod-State")]
        answers.add_response("describe_stacks", {"Stacks": stacks}, {})
        assert InAccount("dev", lambda _: cloudformation).outputs == {"dev-State": {"LedgerTable": "ledger"}}


def test_each_run_has_ids_of_its_own(cloudformation: Any) -> None:
    with Stubber(cloudformation) as answers:
        for _ in range(2):
            answers.add_response("describe_stacks", {"Stacks": []}, {})
        first, second = (InAccount("dev", lambda _: cloudformation) for _ in range(2))
    assert first.beginning != second.beginning


def test_faults_cannot_be_had(cloudformation: Any) -> None:
    with Stubber(cloudformation) as answers:
        answers.add_response("describe_stacks", {"Stacks": []}, {})
        account = InAccount("dev", lambda _: cloudformation)
    account.arrange([], [])
    with pytest.raises(ValueError, match="cannot be had in an AWS account"):
        account.arrange([SILENT(match="x")], [])
    with pytest.raises(ValueError, match="crash-after-commit"):
        account.arrange([], [Fault(saga="a", fault="crash-after-commit")])


def test_an_environment_that_is_not_deployed_is_said(cloudformation: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with Stubber(cloudformation) as answers:
        answers.add_response("describe_stacks", {"Stacks": []}, {})
        assert main(["dev"], lambda _: cloudformation) == 1
    assert "make deploy ENV=dev" in capsys.readouterr().out
