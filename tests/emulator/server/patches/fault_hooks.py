"""Lambda workers load the fault injection of the tests before they load the handler.

The handlers' bundle knows nothing of it: the worker imports one module from a folder on its `PYTHONPATH`, which adds
hooks to every botocore client. Which faults are due is read from a file at call time.
"""

import importlib
import os
from pathlib import Path
from typing import Any

from emulator.server.rewriting import replace_once

WORKER_MODULES = Path(__file__).parents[2] / "worker"

# The call itself, not the function's definition: it stands where `sys.path` is complete and no client exists yet.
_BEFORE_THE_HANDLER = """\
    _ms_install_invoke_depth()
    try:
        mod = importlib.import_module(module_name)
"""


def apply() -> None:
    """Patch the Python worker and set the `PYTHONPATH` that workers inherit."""
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    with_faults = "    import emulator_faults\n    emulator_faults.install()\n" + _BEFORE_THE_HANDLER
    runtime._PYTHON_WORKER_SCRIPT = replace_once(
        runtime._PYTHON_WORKER_SCRIPT, _BEFORE_THE_HANDLER, with_faults, where="MiniStack's Python worker"
    )
    os.environ["PYTHONPATH"] = str(WORKER_MODULES)
