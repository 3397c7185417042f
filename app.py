"""The CDK app: every environment, or only the one named by ``--context environment=dev``."""

from aws_cdk import App

from stacks.environments import ENVIRONMENTS
from stacks.stage import Trips

app = App()
wanted = app.node.try_get_context("environment")
for environment in ENVIRONMENTS:
    if wanted in (None, environment.name):
        Trips(app, environment)
app.synth()
