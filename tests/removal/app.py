"""A CDK app with each saga in a stack of its own: ``order:Moved`` has it in the stack ``Moved``.

A saga whose name ends in ``!`` cannot be deployed.
"""

from pathlib import Path

from aws_cdk import App, CfnResource, CrossStackReferences, ReferenceStrength, Stack, Stage

from cdk_saga import Saga
from cdk_saga.aws import ChoreographedSaga, OrchestratedSaga, SagaDashboard
from toy_handlers import Toys, step

STYLES = {"trip": OrchestratedSaga, "order": ChoreographedSaga, "bill": ChoreographedSaga}


def deploy(stage: Stage, word: str, toy_handlers: Toys) -> OrchestratedSaga | ChoreographedSaga:
    """Define the saga that ``word`` names, in a stack of its own."""
    name, _, place = word.rstrip("!").partition(":")
    stack = Stack(stage, place or name.title())
    saga = STYLES[name](stack, "Saga", saga=Saga(name, [step("take"), step("send")]), **toy_handlers.needs)
    if word.endswith("!"):
        # "The name of a FIFO queue … must end with the .fifo suffix" (SQS API Reference, CreateQueue).
        named = {"QueueName": "wrong", "FifoQueue": True}
        wrong = CfnResource(stack, "Wrong", type="AWS::SQS::Queue", properties=named)
        wrong.node.add_dependency(saga)
    return saga


def synthesize(folder: Path, *words: str) -> Path:
    """Write the assembly of the stage with these sagas into ``folder``; returns that."""
    app = App(outdir=str(folder))
    stage = Stage(app, "prod")
    toy_handlers = Toys("State", Path(__file__).parents[1] / "versions" / "toy", scope=stage)
    sagas = [deploy(stage, word, toy_handlers) for word in words]
    if sagas:
        operations = Stack(stage, "Operations")
        CrossStackReferences.of(operations).consume(ReferenceStrength.WEAK)
        functions = [toy_handlers.needs["participants"]["toy"]]
        SagaDashboard(operations, "Sagas", sagas=sagas, ledger=toy_handlers.needs["ledger"], functions=functions)
    app.synth()
    return folder
