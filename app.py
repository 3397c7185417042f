"""The CDK app: every environment, or only the one named by ``--context environment=dev``."""

from aws_cdk import App

from stacks.environments import ENVIRONMENTS
from stacks.stage import Example

app = App()
wanted = app.node.try_get_context("environment")
for environment in ENVIRONMENTS:
    if wanted in (None, environment.name):
        Example(app, environment)
app.synth()
