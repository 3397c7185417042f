"""`make e2e` against the local AWS: the cases that run anywhere, told of the deployment only what an account tells."""

import pytest
from rich.console import Console

from acceptance.__main__ import ANYWHERE, tried
from acceptance.account import InAccount
from demo.deployment import Deployment
from demo.report import Report

pytestmark = pytest.mark.long("the demo's cases once more, as in an account")


def test_the_cases_that_run_anywhere_end_as_they_must(deployment: Deployment) -> None:
    account = InAccount("local", deployment.client)
    assert {stack: found for stack, found in account.outputs.items() if found} == deployment.outputs
    results = tried(account, Report(Console(quiet=True)))
    assert len(results) == 2 * len(ANYWHERE)
    assert {(one.example.name, one.case.name, one.style): one.problems for one in results if one.problems} == {}
