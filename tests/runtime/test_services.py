"""How the runtime's clients wait for AWS."""

import io
import json
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cdk_saga.limits import FUNCTION_TIME
from operations_fixture import TARGET
from saga_runtime.client import RecoveryFailed, cancel
from saga_runtime.services import Services


def test_a_call_of_a_function_outlasts_it_and_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    config: Any = cast(Any, Services().functions).meta.config
    assert config.read_timeout > FUNCTION_TIME.most
    assert config.retries["total_max_attempts"] == 1


def test_other_requests_are_given_up_soon_and_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    config: Any = cast(Any, Services().dynamodb).meta.config
    assert (config.read_timeout, config.retries["total_max_attempts"]) == (5, 3)


class Unreachable:
    """AWS Lambda that does not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    def invoke(self, **_: object) -> dict[str, Any]:
        self.calls += 1
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="https://lambda.us-east-1.amazonaws.com/"),
        ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded"}}, "Invoke"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_answer_is_an_error_that_says_what_to_do(error: Exception) -> None:
    functions = Unreachable(error)
    services = Services(client=lambda _: functions)
    with pytest.raises(RecoveryFailed, match=r"recovery of 'order' gave no answer to .*cancel.*; repeat it"):
        cancel(TARGET, "t-1", services=services)
    assert functions.calls == 1


def test_a_refusal_by_aws_stays_what_it_is() -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Invoke")
    with pytest.raises(ClientError, match="AccessDenied"):
        cancel(TARGET, "t-1", services=Services(client=lambda _: Unreachable(denied)))


def test_an_answer_cut_off_is_an_error_that_says_what_to_do() -> None:
    class Broken(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise ReadTimeoutError(endpoint_url="https://lambda")

    class CutOff:
        def invoke(self, **_: object) -> dict[str, Any]:
            return {"Payload": Broken(json.dumps({}).encode())}

    with pytest.raises(RecoveryFailed, match="repeat it"):
        cancel(TARGET, "t-1", services=Services(client=lambda _: CutOff()))
