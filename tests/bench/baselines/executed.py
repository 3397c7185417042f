"""The hand-written state machine, run on the local AWS: what it enters when all goes well, and when each step fails."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from bench.baselines import chain
from emulator.instance import Emulator
from emulator.waiting import wait_until

CODE: Final = """\
def handler(event, context):
    if event["task"] == event["saga"].get("fails"):
        raise RuntimeError(event["task"])
    return event["saga"]
"""
TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
AT_ONCE: Final = 4


def transitions(emulator: Emulator, steps: int) -> tuple[int, int]:
    """State transitions of a saga of so many steps: when all goes well, and with each step failing once, added up."""
    role = _role(emulator)
    function = _function(emulator, role)
    states = emulator.client("stepfunctions")
    machine = states.create_state_machine(
        name=f"chain-{steps}", definition=chain.definition(steps, function), roleArn=role
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


def _role(emulator: Emulator) -> str:
    """One that may call nothing: the local AWS enforces it for the function, which calls nothing."""
    roles = emulator.client("iam")
    found = {one["RoleName"]: one["Arn"] for one in roles.list_roles()["Roles"]}
    if "chain" in found:
        return found["chain"]
    return roles.create_role(RoleName="chain", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]


def _function(emulator: Emulator, role: str) -> str:
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
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": buffer.getvalue()},
        Timeout=10,
    )["FunctionArn"]
