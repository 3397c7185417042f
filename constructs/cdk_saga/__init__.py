"""Sagas as data: define the steps once, then render them orchestrated or choreographed.

Nothing imported here needs CDK, jsii or AWS; the constructs are in :mod:`cdk_saga.aws`.
"""

from cdk_saga.definition import NOTHING_TO_UNDO, DefinitionError, Parallel, Retry, Saga, Step

__all__ = ["NOTHING_TO_UNDO", "DefinitionError", "Parallel", "Retry", "Saga", "Step"]
