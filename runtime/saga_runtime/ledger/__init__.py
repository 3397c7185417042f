"""The ledger: one DynamoDB table that decides what may happen. Every other part asks it first, and in one request."""

from saga_runtime.ledger.attempts import counted
from saga_runtime.ledger.lost import Lost, unknown_steps
from saga_runtime.ledger.meta import Meta
from saga_runtime.ledger.outside import Outside
from saga_runtime.ledger.own import Own
from saga_runtime.ledger.runs import Runs
from saga_runtime.ledger.sagas import Sagas
from saga_runtime.ledger.state import SagaKey, State
from saga_runtime.ledger.store import ConditionFailed, Refused, Store
from saga_runtime.ledger.waiting import TooLate, Unheard, Waiting, asked

__all__ = [
    "ConditionFailed",
    "Lost",
    "Meta",
    "Outside",
    "Own",
    "Refused",
    "Runs",
    "SagaKey",
    "Sagas",
    "State",
    "Store",
    "TooLate",
    "Unheard",
    "Waiting",
    "asked",
    "counted",
    "unknown_steps",
]
