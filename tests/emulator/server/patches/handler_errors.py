"""A failing handler answers as on AWS: the exception's class is the error's name, and the worker lives on.

MiniStack reports every exception of a Python function as `Runtime.HandlerError` and kills the worker. On AWS the reply
is `{"errorMessage", "errorType", "requestId", "stackTrace"}`, Step Functions takes `errorType` for the error's name and
the whole body for its cause, and the execution environment stays warm. A worker that dies is a `Runtime.ExitError`.
"""

import importlib
import signal
from typing import Any

from emulator.server.rewriting import replace_once, rewrite

_CATCH = (
    """            _real_stdout.write(json.dumps({"status": "error", "error": str(e), """
    """"trace": traceback.format_exc()}) + "\\n")"""
)
_CATCH_WITH_BODY = """\
            _ms_body = {
                "errorMessage": str(e),
                "errorType": type(e).__name__,
                "requestId": context.aws_request_id,
                "stackTrace": traceback.format_list(traceback.extract_tb(e.__traceback__)[1:]),
            }
            _real_stdout.write(json.dumps({"status": "error", "error": str(e), "error_payload": _ms_body,
                                           "trace": traceback.format_exc()}) + "\\n")"""

_KILL = """\
            if response.get("status") == "error":
                proc, self._proc = self._proc, None
                _signal(proc)
                _collect(proc, time.monotonic() + _REAP_GRACE)
"""
_KILL_THE_DEAD_ONLY = """\
            if response.get("status") == "error" and "error_payload" not in response:
                proc, self._proc = self._proc, None
                _collect(proc, time.monotonic() + _REAP_GRACE)
                response["error_payload"] = exit_error(request_id, proc.returncode)
"""

_BODY = """\
                "body": {
                    "errorMessage": error_msg,"""
_BODY_OF_THE_WORKER = """\
                "body": result.get("error_payload") or {
                    "errorMessage": error_msg,"""


def exit_error(request_id: str, status: int | None) -> dict[str, str]:
    """What Lambda answers when the handler's process ended in the middle of a call.

    Args:
        request_id: the call's id.
        status: the process's exit status; negative for a signal.
    """
    by_signal = signal.strsignal(-status) if status is not None and status < 0 else None
    reason = f"signal: {by_signal.lower()}" if by_signal else f"exit status {status}"
    message = f"RequestId: {request_id} Error: Runtime exited with error: {reason}"
    return {"errorType": "Runtime.ExitError", "errorMessage": message}


def apply() -> None:
    """Patch the Python worker, the pool's `Worker` and the reply of a call."""
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    service = importlib.import_module("ministack.services.lambda_svc")
    runtime._PYTHON_WORKER_SCRIPT = replace_once(
        runtime._PYTHON_WORKER_SCRIPT, _CATCH, _CATCH_WITH_BODY, where="MiniStack's Python worker"
    )
    rewrite(runtime.Worker.invoke, {_KILL: _KILL_THE_DEAD_ONLY}, {"exit_error": exit_error})
    rewrite(service._execute_function_warm, {_BODY: _BODY_OF_THE_WORKER})
