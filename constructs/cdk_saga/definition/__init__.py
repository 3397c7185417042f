"""What a saga's author writes: frozen data, validated when constructed."""

from cdk_saga.definition.errors import DefinitionError
from cdk_saga.definition.parallel import Parallel
from cdk_saga.definition.retry import Retry
from cdk_saga.definition.saga import Saga
from cdk_saga.definition.step import NOTHING_TO_UNDO, Step

__all__ = ["NOTHING_TO_UNDO", "DefinitionError", "Parallel", "Retry", "Saga", "Step"]
