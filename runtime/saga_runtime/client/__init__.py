"""Sagas from the outside: start them, ask how they are, send operations, and help those that need it.

Asking needs ``dynamodb:Query`` on the ledger (to list also on its index, and ``dynamodb:BatchGetItem``); operations and
answers need ``lambda:InvokeFunction`` on the aliases ``manage`` and ``answer`` of the saga's recovery function;
looking at dead letters needs to receive from the queue and to change visibility, redriving the latter; erasing
needs ``dynamodb:Query`` and ``dynamodb:UpdateItem`` on the items of the saga.
"""

from saga_runtime.client.dead_letter_queue import DeadLetter, dead_letters, redrive
from saga_runtime.client.endings import Republished, republish
from saga_runtime.client.erasing import erase
from saga_runtime.client.listing import ListedSaga, list_sagas
from saga_runtime.client.operations import (
    OperationRefused,
    RecoveryFailed,
    TooEarly,
    cancel,
    complete,
    reject,
    resume,
    retry,
    skip,
)
from saga_runtime.client.starting import execution_arn, has_begun, start
from saga_runtime.client.status import SagaUnknown, Status, StepStatus, status
from saga_runtime.client.target import Target

__all__ = [
    "DeadLetter",
    "ListedSaga",
    "OperationRefused",
    "RecoveryFailed",
    "Republished",
    "SagaUnknown",
    "Status",
    "StepStatus",
    "Target",
    "TooEarly",
    "cancel",
    "complete",
    "dead_letters",
    "erase",
    "execution_arn",
    "has_begun",
    "list_sagas",
    "redrive",
    "reject",
    "republish",
    "resume",
    "retry",
    "skip",
    "start",
    "status",
]
