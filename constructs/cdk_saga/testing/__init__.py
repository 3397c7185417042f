"""Sagas tried out in simulated time: the real handlers and the real plan, with everything around them going wrong.

Nothing here needs an AWS account, CDK or an emulator. Install ``cdk-saga[testing]``.
"""

from cdk_saga.testing.deployments import Deployment
from cdk_saga.testing.faults import (
    ArchiveReplay,
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
    Slow,
    Stale,
    Stop,
    Throttled,
    Undelivered,
)
from cdk_saga.testing.invariants import ObservedEffect, violations
from cdk_saga.testing.operations import ControlOperation
from cdk_saga.testing.run import Run
from cdk_saga.testing.schedule import Schedule
from cdk_saga.testing.search import Found, explore, faults_of, follow
from cdk_saga.testing.simulation import Simulation

__all__ = [
    "ArchiveReplay",
    "Batched",
    "Cancel",
    "ControlOperation",
    "Crash",
    "Delay",
    "Deployment",
    "Duplicate",
    "Fault",
    "Found",
    "Lost",
    "LostReply",
    "NamelessErrors",
    "NoConcurrency",
    "NotTaken",
    "ObservedEffect",
    "Redrive",
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
