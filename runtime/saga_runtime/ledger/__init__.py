"""The ledger: one DynamoDB table that decides what may happen. Every other part asks it first, and in one request."""

from saga_runtime.ledger.attempts import counted
from saga_runtime.ledger.callbacks import Callbacks, TooLate, Unheard, asked
from saga_runtime.ledger.external import ExternalLedger
from saga_runtime.ledger.local import LocalLedger
from saga_runtime.ledger.lost import Lost, unknown_steps
from saga_runtime.ledger.meta import Meta
from saga_runtime.ledger.runs import Runs
from saga_runtime.ledger.sagas import Sagas
from saga_runtime.ledger.state import SagaKey, SagaState
from saga_runtime.ledger.store import ConditionFailed, Refused, Store

__all__ = [
    "Callbacks",
    "ConditionFailed",
    "ExternalLedger",
    "LocalLedger",
    "Lost",
    "Meta",
    "Refused",
    "Runs",
    "SagaKey",
    "SagaState",
    "Sagas",
    "Store",
    "TooLate",
    "Unheard",
    "asked",
    "counted",
    "unknown_steps",
]
