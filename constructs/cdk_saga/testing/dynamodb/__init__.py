"""Amazon DynamoDB in memory: its conditions, transactions and refusals, thousands a second."""

from cdk_saga.testing.dynamodb.client import Change, DynamoDB

__all__ = ["Change", "DynamoDB"]
