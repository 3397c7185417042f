"""Where resources are: a saga, its functions, its ledger and its bus have to be in one account and Region."""

from typing import Any

from aws_cdk import Annotations, Stack, Token
from constructs import Construct

from cdk_saga.aws.errors import WiringError


def check_place(scope: Construct, whose: str, what: str, resource: Any) -> None:
    """Refuse ``resource`` in another account or Region than ``scope``; warn where that cannot be known.

    A queue feeds only functions of its own account and Region, and a transaction writes only tables of its own (AWS
    Lambda Developer Guide, "Using Lambda with Amazon SQS"; Amazon DynamoDB Developer Guide, "TransactWriteItems").

    Args:
        scope: the saga.
        whose: the saga, as an error says it.
        what: the resource, as an error says it.
        resource: any construct of CDK's that has an ``env``.

    Raises:
        WiringError: it is somewhere else; also by an ARN that says so.
    """
    here, there = Stack.of(scope), resource.env
    for kind, ours, theirs in (("account", here.account, there.account), ("Region", here.region, there.region)):
        known = not Token.is_unresolved(ours), not Token.is_unresolved(theirs)
        if known == (True, True) and ours != theirs:
            raise WiringError(
                f"{whose}: {what} is in {kind} {theirs}, the saga in {ours}; all of a saga is in one account and "
                f"Region: deploy {what} there, and let it call what is elsewhere"
            )
        if known == (False, True):
            Annotations.of(scope).add_warning_v2(
                f"cdk-saga:Unknown{kind.title()}",
                f"{whose}: {what} is in {kind} {theirs}, and its stack does not say where it is deployed; "
                f"it works in that {kind} only: give the stack env=Environment(account=…, region=…)",
            )
