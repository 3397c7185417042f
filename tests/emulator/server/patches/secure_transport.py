"""Requests to the loopback address pass policies that demand TLS.

The bucket of `cdk bootstrap` denies everything unless `aws:SecureTransport` is true, as it is at AWS's own endpoints.
MiniStack takes it from the connection, which is plain HTTP here, so that no asset could be published.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
"""

import importlib

from emulator.server.rewriting import rewrite

_AS_SENT = """\
    _request_origin.set((source_ip, secure_transport))
"""
_AS_ON_AWS = """\
    _request_origin.set((source_ip, True))
"""


def apply() -> None:
    """Patch what the evaluation of policies learns of a request."""
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    rewrite(evaluator.pin_request_origin, {_AS_SENT: _AS_ON_AWS})
