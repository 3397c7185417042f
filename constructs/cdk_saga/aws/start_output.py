"""The output by which the command line finds a saga."""

import re
from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from cdk_saga.aws.errors import WiringError


class StartOutput(CfnOutput):
    """The output by which the command line finds a saga.

    Attributes:
        saga: its name.
    """

    def __init__(self, scope: Construct, id: str, *, saga: str, value: str) -> None:
        super().__init__(scope, id, value=value)
        self.saga = saga


def put_out(scope: Construct, saga: str, target: dict[str, Any]) -> None:
    """Define the output of ``saga``, whose construct is ``scope``: where it starts, as JSON.

    Raises:
        WiringError: the stack has an output of that name.
    """
    stack, id = Stack.of(scope), f"{_pascal(saga)}Start"
    taken = stack.node.try_find_child(id)
    if taken:
        whose = f"saga {taken.saga!r}" if isinstance(taken, StartOutput) else "another construct"
        raise WiringError(
            f"saga {saga!r}: its output {id} is that of {whose} in stack {stack.node.path!r}; "
            f"give it another name (dataclasses.replace(saga, name=…)) or another stack"
        )
    StartOutput(stack, id, saga=saga, value=stack.to_json_string(target))


def _pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split("[-_]", name))
