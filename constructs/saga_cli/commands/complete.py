"""``cdk-saga complete``."""

from typing import Annotated, Any

import typer

from saga_cli.control import operate
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage, WaitingStep, json_object
from saga_runtime import client

Result = Annotated[
    str, typer.Option("--result", metavar="JSON", help="An object that becomes part of the step's result.")
]


def complete(
    saga: SagaName,
    id: SagaId,
    step: WaitingStep,
    *,
    result: Result = "{}",
    stage: Stage = "",
    stack: Stack = "",
    as_json: AsJson = False,
) -> None:
    """Answer yes to a step that waits for a callback. Idempotent; another answer, or one too late, is refused."""
    known = json_object(result, "--result")
    operate(_complete, saga, id, step, known, stage=stage, stack=stack, as_json=as_json)


def _complete(target: client.Target, id: str, step: str, result: dict[str, Any], **aws: Any) -> str:
    return client.complete(target, f"{target.name}.{id}.{step}", result, **aws)
