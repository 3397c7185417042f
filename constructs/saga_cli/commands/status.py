"""``cdk-saga status``."""

from saga_cli.environment import services
from saga_cli.options import AsJson, SagaId, SagaName, Stack, Stage
from saga_cli.output import print_json, show
from saga_cli.targets import find
from saga_cli.views import saga_view
from saga_runtime import client


def status(saga: SagaName, id: SagaId, *, stage: Stage = "", stack: Stack = "", as_json: AsJson = False) -> None:
    """Show one saga: its steps and what became of them, why it failed, what is next."""
    aws = services()
    found = client.status(find(saga, aws, stage=stage, stack=stack), id, services=aws)
    if as_json:
        print_json(found.json())
    else:
        show(saga_view(found))
