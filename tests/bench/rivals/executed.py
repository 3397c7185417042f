"""The hand-written state machine, run on the local AWS: what it enters when all goes well, and when each step fails."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from bench.rivals import chain
from emulator.instance import Emulator
from emulator.waiting import wait_until

CODE: Final = """\
def handler(event, context):
    if event["task"] == event["saga"].get("fails"):
        raise RuntimeError(event["task"])
    return event["saga"]
"""
ROLE: Final = "arn:aws:iam::000000000000:role/bench"
AT_ONCE: Final = 4


def transitions(emulator: Emulator, steps: int) -> tuple[int, int]:
    """State transitions of a saga of so many steps: when all goes well, and with each step failing once, added up."""
    function = _function(emulator)
    states = emulator.client("stepfunctions")
    machine = states.create_state_machine(
        name=f"chain-{steps}", definition=chain.definition(steps, function), roleArn=ROLE
    )["stateMachineArn"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        failing = pool.map(lambda i: _run(states, machine, {"fails": f"do{i}"}, "FAILED"), range(steps))
        return _run(states, machine, {}, "SUCCEEDED"), sum(failing)


def _run(states: Any, machine: str, given: dict[str, str], ending: str) -> int:
    arn = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    wait_until(
        lambda: states.describe_execution(executionArn=arn)["status"] == ending,
        what=f"{ending} with {given}",
        timeout=60,
    )
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
    return chain.transitions([event for page in pages for event in page["events"]])


def _function(emulator: Emulator) -> str:
    functions = emulator.client("lambda")
    found = {one["FunctionName"]: one["FunctionArn"] for one in functions.list_functions()["Functions"]}
    if "chain" in found:
        return found["chain"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", CODE)
    return functions.create_function(
        FunctionName="chain",
        Runtime="python3.13",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": buffer.getvalue()},
        Timeout=10,
    )["FunctionArn"]
