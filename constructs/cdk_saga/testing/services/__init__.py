"""AWS's services in memory, with AWS's rules of delivery; :mod:`cdk_saga.testing.dynamodb` is one more."""
