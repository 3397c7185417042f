"""What a saga costs in either style, from its plan and AWS's list prices. Plain data."""

from cdk_saga.cost.comparison import Comparison, Line, compare
from cdk_saga.cost.prices import AS_OF, REGION, Assumptions
from cdk_saga.cost.usage import Usage

__all__ = ["AS_OF", "REGION", "Assumptions", "Comparison", "Line", "Usage", "compare"]
