"""What a saga costs in either style, by AWS's list prices. Plain data; ``cdk-saga cost`` counts what a saga uses."""

from cdk_saga.cost.comparison import Comparison, Line
from cdk_saga.cost.prices import AS_OF, REGION, Assumptions
from cdk_saga.cost.usage import Usage

__all__ = ["AS_OF", "REGION", "Assumptions", "Comparison", "Line", "Usage"]
