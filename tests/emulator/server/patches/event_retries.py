"""An event that a rule hands to a function is tried again when the function fails, and then goes where failures go.

MiniStack calls the function once and forgets the event. On AWS a rule's call is an asynchronous one: two more attempts,
then the function's destination for failures. MiniStack does so for other services, at a pace of seconds.
"""

import importlib

from emulator.server.rewriting import rewrite

_ONCE = """\
    threading.Thread(
        target=lambda_svc._execute_function_with_config_scope, args=(exec_record, event), daemon=True
    ).start()
"""
_WITH_RETRIES = """\
    lambda_svc.invoke_async_with_retry(exec_record, event)
"""


def apply() -> None:
    """Patch the delivery of events to functions."""
    service = importlib.import_module("ministack.services.eventbridge")
    rewrite(service._dispatch_to_lambda, {_ONCE: _WITH_RETRIES})
