"""``cdk-saga replay``."""

from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_cli.ordering import ordered
from saga_runtime import client


def replay(saga: SagaName, id: SagaId, *, stage: Stage = "", stack: Stack = "", as_json: AsJson = False) -> None:
    """Set a saga that hangs in motion again: the step it waits at is asked once more. Safe to repeat."""
    ordered(client.replay, saga, id, stage=stage, stack=stack, as_json=as_json)
