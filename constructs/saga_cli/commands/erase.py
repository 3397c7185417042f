"""``cdk-saga erase``."""

from saga_cli.control import operate
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_runtime import client


def erase(saga: SagaName, id: SagaId, *, stage: Stage = "", stack: Stack = "", as_json: AsJson = False) -> None:
    """Erase what a customer sent from the ledger, of a saga that has ended. Nothing brings it back. Idempotent."""
    operate(client.erase, saga, id, stage=stage, stack=stack, as_json=as_json)
