"""``cdk-saga resume``."""

from saga_cli.control import operate
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_runtime import client


def resume(saga: SagaName, id: SagaId, *, stage: Stage = "", stack: Stack = "", as_json: AsJson = False) -> None:
    """Let a stuck saga go on where it stopped, once the cause is mended. Idempotent."""
    operate(client.resume, saga, id, stage=stage, stack=stack, as_json=as_json)
