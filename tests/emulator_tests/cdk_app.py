"""A CDK app of one stack, to be deployed by the tests."""

import os
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

ECHO = "def handler(event, context):\n    return event\n"


class Little(cdk.Stack):
    """A function that answers with its payload."""

    def __init__(self, scope: Construct, construct_id: str, **properties: Any) -> None:
        super().__init__(scope, construct_id, **properties)
        echo = lambda_.Function(
            self,
            "Echo",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline(ECHO),
        )
        cdk.CfnOutput(self, "Name", value=echo.function_name)
        cdk.CfnOutput(self, "Provider", value=self.node.try_get_context("provider_url") or "none")


app = cdk.App()
stage = cdk.Stage(app, "local", env=cdk.Environment(account=os.environ["CDK_DEFAULT_ACCOUNT"], region="us-east-1"))
Little(stage, "Little")
app.synth()
