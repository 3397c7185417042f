"""Sagas from the outside: start them, ask how they are, give orders, and help those that need it.

Asking needs ``dynamodb:Query`` on the ledger (to list also on its index, and ``dynamodb:BatchGetItem``); operations and
answers need ``lambda:InvokeFunction`` on the aliases ``manage`` and ``answer`` of the saga's relay; looking at dead
letters needs to receive from the queue and to change visibility, redriving the latter; erasing needs ``dynamodb:Query``
and ``dynamodb:UpdateItem`` on the items of the saga.
"""

from saga_runtime.client.endings import Replayed, replay_ended
from saga_runtime.client.erasing import erase
from saga_runtime.client.letters import Letter, dead_letters, redrive
from saga_runtime.client.listing import Listed, listed
from saga_runtime.client.orders import (
    OrderRefused,
    RelayFailed,
    TooEarly,
    cancel,
    complete,
    forgive,
    reject,
    replay,
    resume,
)
from saga_runtime.client.starting import execution_arn, has_begun, start
from saga_runtime.client.status import SagaUnknown, Status, StepStatus, status
from saga_runtime.client.target import Target

__all__ = [
    "Letter",
    "Listed",
    "OrderRefused",
    "RelayFailed",
    "Replayed",
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
    "forgive",
    "has_begun",
    "listed",
    "redrive",
    "reject",
    "replay",
    "replay_ended",
    "resume",
    "start",
    "status",
]
