"""AWS IAM: whether the policies of a saga's constructs allow a request (IAM User Guide, "Policy evaluation logic")."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from cdk_saga.render.permissions import LEDGER, Condition, Permissions, Ref, Statement, via
from cdk_saga.testing.dynamodb.errors import refused
from cdk_saga.testing.services.calls import Call, calls
from cdk_saga.testing.services.requests import Request

ENCRYPTED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "dynamodb:": ("dynamodb", ("kms:Decrypt",)),
    "sqs:ReceiveMessage": ("sqs", ("kms:Decrypt",)),
    "sqs:SendMessage": ("sqs", ("kms:Decrypt", "kms:GenerateDataKey")),
    "states:DescribeExecution": ("states", ("kms:Decrypt",)),
    "states:GetExecutionHistory": ("states", ("kms:Decrypt",)),
}
"""Beginning of an action → through which service and for what it uses the key of its caller's account: the guides of
DynamoDB ("Encryption at rest: how it works"), SQS ("Key management") and Step Functions ("Data at rest encryption")."""


class Policies:
    """The policies of one deployed saga: the identity policies of roles, the resource policies for services.

    What has been decided is remembered, so that a search pays for each kind of request once.

    Args:
        permissions: the statements of each role.
        names: what they call a resource → its ARN.
        keys: of :data:`names`, the customer-managed keys, by the service whose data they encrypt.

    Attributes:
        used: each role, statement and action that a request was allowed by.
    """

    def __init__(self, permissions: Permissions, names: Mapping[str, str], keys: Mapping[str, str]) -> None:
        self.used: set[tuple[str, Statement, str]] = set()
        self._permissions = permissions
        self._names = names
        self._keys = keys
        self._decided: dict[tuple[str, Call], str | None] = {}

    def check(self, role: str, request: Request) -> str | None:
        """What is denied to a role of a request; ``None`` when nothing is."""
        for call in calls(request.service, request.operation, request.parameters):
            if denied := self.denies(role, call):
                return denied
        return None

    def denies(self, role: str, call: Call) -> str | None:
        """Why a call is denied, in words; ``None`` when it is allowed, or on what is not the saga's."""
        key = role, call
        if key not in self._decided:
            self._decided[key] = self._decide(role, call)
        return self._decided[key]

    def _decide(self, role: str, call: Call) -> str | None:
        if call.action.startswith("dynamodb:") and not call.resource.startswith(self._names[LEDGER]):
            return None  # a participant's own tables are granted by the stack that owns them
        for needed in (call, *self._of_keys(call)):
            if not self._allows(role, needed):
                on = needed.resource or "the state machine"
                return f"{role!r} may not {needed.action} on {on} {dict(needed.context) or ''}".rstrip()
        return None

    def _of_keys(self, call: Call) -> Sequence[Call]:
        for begin, (service, actions) in ENCRYPTED.items():
            if call.action.startswith(begin):
                context = (*call.context, ("kms:ViaService", (f"{self._names[via(service)]}.amazonaws.com",)))
                return [Call(action, self._keys[service], context) for action in actions]
        return ()

    def _allows(self, role: str, call: Call) -> bool:
        allowing = [one for one in self._permissions.get(role, ()) if self._covers(one, call)]
        self.used.update((role, one, call.action) for one in allowing)
        return bool(allowing)

    def _covers(self, statement: Statement, call: Call) -> bool:
        if call.action not in statement.actions:
            return False
        there = not call.resource or any(like(call.resource, on.text(self._names)) for on in statement.on)
        return there and all(self._holds(condition, dict(call.context)) for condition in statement.conditions)

    def _holds(self, condition: Condition, context: Mapping[str, tuple[str, ...]]) -> bool:
        wanted = [value.text(self._names) if isinstance(value, Ref) else value for value in condition.values]
        return OPERATORS[condition.operator](context.get(condition.key, ()), wanted)


def access_denied(denied: str, operation: str) -> Exception:
    """The error that boto3 raises."""
    return refused("AccessDeniedException", f"is not authorized to perform: {denied}", operation)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def like(text: str, pattern: str) -> bool:
    """IAM's wildcards: ``*`` and ``?``, nothing else."""
    return _pattern(pattern).fullmatch(text) is not None


OPERATORS: Final[Mapping[str, Callable[[Sequence[str], Sequence[str]], bool]]] = {
    "StringEquals": lambda had, wanted: bool(had) and all(value in wanted for value in had),
    "StringLike": lambda had, wanted: bool(had) and all(any(like(v, w) for w in wanted) for v in had),
    "ArnLike": lambda had, wanted: bool(had) and all(any(like(v, w) for w in wanted) for v in had),
    "ForAllValues:StringLike": lambda had, wanted: all(any(like(v, w) for w in wanted) for v in had),
    "ForAllValues:StringEquals": lambda had, wanted: all(value in wanted for value in had),
    "ForAnyValue:StringEquals": lambda had, wanted: any(value in wanted for value in had),
}
"""Those that the policies use; another one is an error, so that no statement is read as more or less than it says (IAM
User Guide, "Condition operators" and "Multivalued context keys")."""
