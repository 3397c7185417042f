"""The CDK constructs: a saga deployed in either style, and what it stands on."""

from cdk_saga.aws.bundle import Bundle, BundleError
from cdk_saga.aws.bus import ISagaBus, SagaBus
from cdk_saga.aws.choreographed import ChoreographedSaga
from cdk_saga.aws.dashboard import SagaDashboard
from cdk_saga.aws.dead_letters import DeadLetterQueue
from cdk_saga.aws.errors import WiringError
from cdk_saga.aws.function import FunctionSettings, ParticipantFunction, RuntimeFunction, add_failure_queue
from cdk_saga.aws.keys import encrypt_table, grant_key, grant_key_to_alarms
from cdk_saga.aws.ledger import ILedger, Ledger
from cdk_saga.aws.options import FunctionOptions
from cdk_saga.aws.orchestrated import OrchestratedSaga

__all__ = [
    "Bundle",
    "BundleError",
    "ChoreographedSaga",
    "DeadLetterQueue",
    "FunctionOptions",
    "FunctionSettings",
    "ILedger",
    "ISagaBus",
    "Ledger",
    "OrchestratedSaga",
    "ParticipantFunction",
    "RuntimeFunction",
    "SagaBus",
    "SagaDashboard",
    "WiringError",
    "add_failure_queue",
    "encrypt_table",
    "grant_key",
    "grant_key_to_alarms",
]
