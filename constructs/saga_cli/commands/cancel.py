"""``cdk-saga cancel``."""

from saga_cli.control import operate
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_runtime import client


def cancel(saga: SagaName, id: SagaId, *, stage: Stage = "", stack: Stack = "", as_json: AsJson = False) -> None:
    """Abort a saga: no new step begins, and what happened is undone. Idempotent."""
    operate(client.cancel, saga, id, stage=stage, stack=stack, as_json=as_json)
