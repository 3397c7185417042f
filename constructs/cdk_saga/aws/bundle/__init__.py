"""Functions' code without Docker: reproducible byte for byte, bytecode included, boto3 left to Lambda."""

from cdk_saga.aws.bundle.bundle import Bundle
from cdk_saga.aws.bundle.contents import DISTRIBUTIONS, EXCLUDED, BundleError

__all__ = ["DISTRIBUTIONS", "EXCLUDED", "Bundle", "BundleError"]
