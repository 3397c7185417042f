"""`python -m acceptance dev`: run the cases, show what became of them; status 1 if anything is not as it should be."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from acceptance.account import InAccount
from demo.deployment import Deployed
from demo.examples import SCENARIOS
from demo.report import Report
from demo.results import Result
from demo.runner import Scenario, run_all

ANYWHERE: Final[Sequence[Scenario]] = [(example, case) for example, case in SCENARIOS if case.anywhere]


def main(arguments: Sequence[str] | None = None, client: Callable[[str], Any] = boto3.client) -> int:
    """Run the cases in an environment; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m acceptance", description=__doc__)
    parser.add_argument("environment", help="such as dev; AWS credentials and Region as for the AWS CLI")
    environment = parser.parse_args(arguments).environment
    report = Report(Console())
    try:
        deployed = InAccount(environment, client)
        if not deployed.outputs:
            report.say(f"No stack's name begins with {environment}-: make deploy ENV={environment}")
            return 1
        results = tried(deployed, report)
    except (BotoCoreError, ClientError, TimeoutError) as error:
        report.say(f"{environment}: {error}")
        return 1
    return 1 if report.problems(results) else 0


def tried(deployed: Deployed, report: Report) -> list[Result]:
    """Run the cases, and show their effects and endings."""
    results = run_all(ANYWHERE, deployed, report.tell)
    report.effects(results)
    report.endings(results)
    return results


if __name__ == "__main__":
    sys.exit(main())
