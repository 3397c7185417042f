"""Faults of the environment, due at a ledger write or a call of one saga.

Runs inside the Lambda workers (`install`), and `take` inside the server too. The faults are read at call time from the
JSON file that `EMULATOR_FAULTS` names, written by `emulator.faults`; a fault that happens a limited number of times
takes a token, a file created exclusively, so that the count holds across crashed workers.
"""

import contextlib
import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

FAULTS_VARIABLE = "EMULATOR_FAULTS"
OPERATIONS_BY_STATE = {
    "STARTED": "action",
    "PENDING": "action",
    "DONE": "action",
    "FAILED": "action",
    "UNDOING": "compensation",
    "UNDONE": "compensation",
    "VOID": "compensation",
}
"""The ledger states of a step, and which of its operations writes them."""

Json = dict[str, Any]
_STEP_KEY = re.compile(r"STEP#\d+#(.+)")
_ASSIGNMENT = re.compile(r"(#?\w+)\s*=\s*(:\w+)")


def install() -> None:
    """Hook into the DynamoDB writes of every botocore client this process makes from now on."""
    try:
        handlers: list[Any] = importlib.import_module("botocore.handlers").BUILTIN_HANDLERS
    except ImportError:  # a handler without the SDK cannot write to the ledger
        return
    for operation in ("PutItem", "UpdateItem", "TransactWriteItems"):
        handlers.append((f"before-call.dynamodb.{operation}", _before_the_call))
        handlers.append((f"after-call.dynamodb.{operation}", _after_the_call))


def _before_the_call(params: Json, context: Json, **_: Any) -> None:
    writes = list(step_writes(json.loads(params["body"])))
    context["emulator_step_writes"] = writes
    for write in writes:
        if take("crash-before-commit", **write):
            _crash("crash-before-commit", write)


def _after_the_call(http_response: Any, context: Json, **_: Any) -> None:
    if http_response.status_code >= 300:
        return  # refused, so nothing is committed
    for write in context.get("emulator_step_writes", ()):
        if take("crash-after-commit", **write):
            _crash("crash-after-commit", write)


def _crash(fault: str, write: dict[str, str]) -> NoReturn:
    print(f"fault injected: {fault} {json.dumps(write)}", file=sys.stderr, flush=True)
    os._exit(1)


def step_writes(request: Json) -> Iterator[dict[str, str]]:
    """The ledger states that a DynamoDB request writes to steps, as keywords for `take`.

    Args:
        request: the body of `PutItem`, `UpdateItem` or `TransactWriteItems`, as it goes over the wire.
    """
    entries = [write for entry in request.get("TransactItems", ()) for write in entry.values()] or [request]
    for entry in entries:
        key = entry.get("Item") or entry.get("Key") or {}
        step = _STEP_KEY.fullmatch(_string(key.get("sk")))
        state = _written_state(entry)
        if step and state in OPERATIONS_BY_STATE:
            saga = _string(key.get("pk")).rpartition("#")[2]
            yield {"saga": saga, "step": step[1], "operation": OPERATIONS_BY_STATE[state], "state": state}


def _written_state(entry: Json) -> str:
    if "Item" in entry:
        return _string(entry["Item"].get("st"))
    names: dict[str, str] = entry.get("ExpressionAttributeNames", {})
    values: Json = entry.get("ExpressionAttributeValues", {})
    for name, placeholder in _ASSIGNMENT.findall(entry.get("UpdateExpression", "")):
        if names.get(name, name) == "st":
            return _string(values.get(placeholder))
    return ""


def _string(attribute: Any) -> str:
    return str(attribute.get("S", "")) if isinstance(attribute, dict) else ""


def take(fault: str, **facts: str) -> bool:
    """Whether a fault is due here; if so, one of its times is used up.

    Args:
        fault: the kind of fault.
        facts: what is true here: `saga`, `step`, `operation`, `state`; a fault names some of them.
    """
    try:
        due: Json = json.loads(Path(os.environ[FAULTS_VARIABLE]).read_text(encoding="utf-8"))
    except (KeyError, FileNotFoundError):
        return False
    tokens = Path(due["tokens"])
    return any(
        entry["fault"] == fault and _matches(entry, facts) and _take_token(tokens, number, entry["times"])
        for number, entry in enumerate(due["faults"])
    )


def _matches(entry: Json, facts: dict[str, str]) -> bool:
    return all(entry[name] in {None, fact} for name, fact in facts.items())


def _take_token(tokens: Path, number: int, times: int | None) -> bool:
    for taken in count() if times is None else range(times):
        with contextlib.suppress(FileExistsError):
            (tokens / f"{number}-{taken}").touch(exist_ok=False)
            return True
    return False
