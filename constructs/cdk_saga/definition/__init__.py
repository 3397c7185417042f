"""What a saga's author writes: frozen data, validated when constructed."""

from cdk_saga.definition.errors import DefinitionError
from cdk_saga.definition.retry import Retry
from cdk_saga.definition.saga import Saga
from cdk_saga.definition.step import NOTHING_TO_UNDO, Step
from cdk_saga.definition.together import Together

__all__ = ["NOTHING_TO_UNDO", "DefinitionError", "Retry", "Saga", "Step", "Together"]
