"""The example's `local` environment, but with functions that may take longer: here many share few processors.

A function that runs out of time is killed and starts cold, which takes more time from the others.
"""

from dataclasses import replace

from aws_cdk import App, Duration

from stacks.environments import LOCAL
from stacks.stage import Example

TIMEOUT = 6
"""Seconds. A crashed delivery stays hidden for six times as long."""

if __name__ == "__main__":
    app = App()
    Example(app, replace(LOCAL, functions=replace(LOCAL.functions, timeout=Duration.seconds(TIMEOUT))))
    app.synth()
