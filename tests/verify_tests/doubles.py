"""Clients of Step Functions and IAM whose answers a test writes; botocore checks each request against AWS's model."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import boto3

from cdk_saga.testing.services.expressions import compiled
from cdk_saga.testing.services.machines import covers

Json = dict[str, Any]


class Answered(NamedTuple):
    """An HTTP response, as far as botocore looks at it."""

    status_code: int = 200


def client(service: str, **answers: Callable[[Json], Json]) -> Any:
    """A client that sends nothing.

    Args:
        service: such as `stepfunctions`.
        answers: gives the answer to a request, by operation.
    """
    made = boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")

    def answer(model: Any, params: Json, **_: Any) -> tuple[Answered, Json]:
        body = json.loads(params["body"]) if isinstance(params["body"], bytes) else params["body"]
        return Answered(), answers[model.name](body)

    made.meta.events.register(f"before-call.{made.meta.service_model.service_id.hyphenize()}", answer)
    return made


def test_state(request: Json) -> Json:
    """What the documentation of `TestState` says that it answers to a mocked outcome of a state in JSONata."""
    state, given = json.loads(request["definition"]), json.loads(request["input"])
    assert state["QueryLanguage"] == "JSONata"
    states = {"input": given, "context": json.loads(request.get("context", "{}"))}
    match state:
        case {"Type": "Fail"}:
            assert "mock" not in request
            return {"status": "FAILED", "error": state["Error"], "cause": compiled(state["Cause"])(states)}
        case {"Type": "Task"}:
            compiled(state["Arguments"])(states)
        case _:
            assert _names(state) >= {
                request.get("stateConfiguration", {}).get("errorCausedByState", state["Branches"][0]["StartAt"])
            }
    if "result" in request["mock"]:
        result = json.loads(request["mock"]["result"])
        output = compiled(state["Output"])({**states, "result": result}) if "Output" in state else result
        return {"status": "SUCCEEDED", "output": json.dumps(output), **_next(state)}
    return _failed(state, states, request["mock"]["errorOutput"], request.get("stateConfiguration", {}))


test_state.__test__ = False  # pyright: ignore[reportFunctionMemberAccess] # AWS's name


def _failed(state: Json, states: Json, error: Json, configuration: Json) -> Json:
    told = {"error": error["error"], "cause": error["cause"]}
    retrier = next((one for one in state.get("Retry", ()) if covers(one["ErrorEquals"], error["error"])), None)
    if retrier and configuration.get("retrierRetryCount", 0) < retrier.get("MaxAttempts", 3):
        return {"status": "RETRIABLE", **told}
    catcher = next((one for one in state.get("Catch", ()) if covers(one["ErrorEquals"], error["error"])), None)
    if catcher is None:
        return {"status": "FAILED", **told}
    known = {**states, "errorOutput": {"Error": error["error"], "Cause": error["cause"]}}
    output = json.dumps(compiled(catcher["Output"])(known))
    return {"status": "CAUGHT_ERROR", "output": output, "nextState": catcher["Next"], **told}


def _next(state: Json) -> Json:
    return {} if state.get("End") else {"nextState": state["Next"]}


def _names(state: Json) -> set[str]:
    return {name for branch in state["Branches"] for name in branch["States"]}
