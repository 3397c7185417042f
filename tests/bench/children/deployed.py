"""`python -m bench.children.deployed`: the CDK app that is deployed to the local AWS: both styles, a bare machine."""

from pathlib import Path
from typing import cast

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

from cdk_saga import Saga, Step
from cdk_saga.aws import Bundle, ChoreographedSaga, Ledger, OrchestratedSaga, ParticipantFunction, SagaBus

NAMES = ("a", "b", "c")


def bare(stack: Stack) -> sfn.StateMachine:
    """Three functions that log a line, one after the other, and nothing else."""
    chain: sfn.Chain | None = None
    for name in NAMES:
        function = lambda_.Function(
            stack,
            f"Bare{name}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            # It logs a line, as ours does: the emulator waits 50 ms for a function that logs nothing.
            code=lambda_.Code.from_inline("def handler(event, context):\n    print('done')\n    return event\n"),
        )
        invoke = tasks.LambdaInvoke(
            stack, name, lambda_function=cast(lambda_.IFunction, function), output_path="$.Payload"
        )
        task = cast(sfn.IChainable, invoke)
        chain = chain.next(task) if chain else sfn.Chain.start(task)
    body = sfn.DefinitionBody.from_chainable(cast(sfn.IChainable, chain))
    return sfn.StateMachine(stack, "Bare", definition_body=body)


def ours(stack: Stack) -> None:
    """The same with a saga, in both styles, each step's participant a function of its own."""
    ledger = Ledger(stack, "Ledger", removal_policy=RemovalPolicy.DESTROY, deletion_protection=False)
    bus = SagaBus(stack, "Bus", account_only=False)
    bundle = Bundle.runtime(Path(__file__).parents[1] / "nothing")
    participants = {
        name: ParticipantFunction(
            stack, name.upper(), service=name, handler="nothing.handler", bundle=bundle, ledger=ledger, bus=bus
        )
        for name in NAMES
    }
    for style in (OrchestratedSaga, ChoreographedSaga):
        steps = [Step(name, participant=name, action="do", compensation="undo") for name in NAMES]
        saga = Saga(style.style, steps)
        style(stack, style.style.title(), saga=saga, participants=participants, ledger=ledger, bus=bus)
    CfnOutput(stack, "LedgerName", value=ledger.table.table_name)


app = App()
here = Stack(app, "Bench")
ours(here)
CfnOutput(here, "BareMachine", value=bare(here).state_machine_arn)
app.synth()
