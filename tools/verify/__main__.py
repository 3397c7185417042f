"""`python -m verify dev`: print where a deployed environment differs from the plans; status 1 if it does anywhere."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from verify import permissions, rules, states
from verify.account import Account, Client, NotDeployedError
from verify.sagas import DeployedSaga, deployed_sagas

PATIENT: Final = Config(retries={"mode": "adaptive", "total_max_attempts": 12})
"""`TestState` and `SimulatePrincipalPolicy` are throttled at a few calls a second."""


def main(arguments: Sequence[str] | None = None, client: Client | None = None) -> int:
    """Verify an environment; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m verify", description=__doc__)
    parser.add_argument("environment", help="such as dev; AWS credentials and Region as for the AWS CLI")
    environment = parser.parse_args(arguments).environment
    try:
        found = list(differences(Account(environment, client or _client)))
    except (NotDeployedError, BotoCoreError, ClientError) as error:
        print(f"{environment} cannot be verified: {error}", file=sys.stderr)
        return 1
    print(f"{environment}: {len(found)} differences" if found else f"{environment}: as planned")
    return 1 if found else 0


def differences(account: Account) -> Iterator[str]:
    """Everything that is not as planned, printed as it is found."""
    sagas = deployed_sagas(account)
    for found in _all(account, sagas):
        print(found, flush=True)
        yield found


def _all(account: Account, sagas: list[DeployedSaga]) -> Iterator[str]:
    by_style: dict[str, Callable[[Account, DeployedSaga], Iterator[str]]] = {
        "orchestrated": states.differences,
        "choreographed": rules.differences,
    }
    for saga in sagas:
        yield from saga.differences()
        yield from by_style[saga.style](account, saga)
    yield from permissions.differences(account, sagas)


def _client(service: str) -> Any:
    return boto3.client(service, config=PATIENT)


if __name__ == "__main__":
    sys.exit(main())
