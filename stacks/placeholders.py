"""Values of the example that must be replaced before anything is deployed to AWS."""

import re
from typing import Final

from aws_cdk import Annotations, Stack

RESERVED: Final = re.compile(r"[.@/](example(\.(com|net|org))?|invalid|test)(?=$|[/:])")
"""Names that lead nowhere, for ever (RFC 2606, RFC 6761)."""


def refuse_placeholder(stack: Stack, environment: str, setting: str, value: str, consequence: str) -> None:
    """Make ``synth`` and ``deploy`` of ``stack`` fail if ``value`` is a placeholder; other stacks are not concerned.

    Args:
        stack: that uses the value.
        environment: the environment's name.
        setting: the field of ``Environment`` and the context value.
        value: what is set.
        consequence: of deploying it as it is.
    """
    if RESERVED.search(value):
        Annotations.of(stack).add_error(
            f"environment {environment!r}: {setting} is {value!r}, a placeholder: {consequence}; set {setting} of "
            f"{environment.upper()} in stacks/environments.py, or pass --context {setting}=…"
        )
