"""``cdk-saga retry``."""

from saga_cli.control import operate
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_runtime import client


def retry(saga: SagaName, id: SagaId, *, stage: Stage = "", stack: Stack = "", as_json: AsJson = False) -> None:
    """Retry the step at which a saga is stalled, or publish again how it ended. Idempotent."""
    operate(client.retry, saga, id, stage=stage, stack=stack, as_json=as_json)
