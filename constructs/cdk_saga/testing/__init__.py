"""Sagas tried out in simulated time: the real handlers and the real plan, with everything around them going wrong.

Nothing here needs an AWS account, CDK or an emulator. Install ``cdk-saga[testing]``.
"""

from cdk_saga.testing.deployments import Deployment
from cdk_saga.testing.faults import (
    Batched,
    Cancel,
    Crash,
    Delay,
    Duplicate,
    Fault,
    Lost,
    LostReply,
    NamelessErrors,
    NoConcurrency,
    NotTaken,
    Redrive,
    Replay,
    Slow,
    Stale,
    Stop,
    Throttled,
    Undelivered,
)
from cdk_saga.testing.invariants import Effect, violations
from cdk_saga.testing.orders import Order
from cdk_saga.testing.run import Run
from cdk_saga.testing.schedule import Schedule
from cdk_saga.testing.search import Found, explore, faults_of, follow
from cdk_saga.testing.simulation import Simulation

__all__ = [
    "Batched",
    "Cancel",
    "Crash",
    "Delay",
    "Deployment",
    "Duplicate",
    "Effect",
    "Fault",
    "Found",
    "Lost",
    "LostReply",
    "NamelessErrors",
    "NoConcurrency",
    "NotTaken",
    "Order",
    "Redrive",
    "Replay",
    "Run",
    "Schedule",
    "Simulation",
    "Slow",
    "Stale",
    "Stop",
    "Throttled",
    "Undelivered",
    "explore",
    "faults_of",
    "follow",
    "violations",
]
