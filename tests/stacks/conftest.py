"""The app, synthesized once a session."""

import pytest

from stacks.environments import ENVIRONMENTS
from stacks.stage import Example
from templates import Json, new_app


@pytest.fixture(scope="session")
def templates() -> dict[str, Json]:
    """The templates of all environments by their stacks' names."""
    app = new_app()
    stages = [Example(app, environment) for environment in ENVIRONMENTS]
    return {stack.stack_name: stack.template for stage in stages for stack in stage.synth().stacks}
