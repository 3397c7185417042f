"""Requests to services, on their way through whatever goes wrong."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from cdk_saga.testing.unsimulated import Unsimulated

if TYPE_CHECKING:
    from cdk_saga.testing.services.functions import Functions

Json = dict[str, Any]
AWS: Final = ("dynamodb", "events", "sqs", "stepfunctions")
"""The services that are simulated in part; others belong to the test."""
_TOKENS: Final = itertools.count()


@dataclass
class Request:
    """A request to a service.

    Attributes:
        service: as boto3 names it, e.g. ``dynamodb``.
        operation: the API call, e.g. ``PutItem``.
        parameters: of the call.
        perform: lets the service do it.
    """

    service: str
    operation: str
    parameters: Json
    perform: Callable[..., Any]

    def send(self) -> Any:
        """Let it take effect; returns the reply or raises the refusal."""
        return self.perform(**self.parameters)

    def use_token(self) -> None:
        """Give it what the AWS SDK adds on its own: a token by which the service recognises a repetition."""
        if self.operation == "TransactWriteItems":
            self.parameters.setdefault("ClientRequestToken", f"token-{next(_TOKENS)}")


class Client:
    """A service's client in the hands of a function: every call goes through :meth:`Functions.request`.

    Args:
        name: the service's name.
        service: a simulated service; each public method is one of its API calls.
        functions: where the function at work is known.
    """

    def __init__(self, name: str, service: Any, functions: "Functions") -> None:
        self._name = name
        self._service = service
        self._functions = functions

    def __getattr__(self, method: str) -> Any:
        """The API call ``method``, or whatever else the service has by that name, its ``exceptions`` for instance."""
        found = getattr(self._service, method, None)
        if found is None and self._name in AWS and not method.startswith("_"):
            raise Unsimulated(f"{self._name}'s {_operation(method)} is not simulated: hand over a stand-in for it")
        found = getattr(self._service, method)
        if callable(found) and method != "get_paginator":
            found = self._call(method, found)
        vars(self)[method] = found
        return found

    def get_paginator(self, operation: str) -> Any:
        """The service's paginator; each of its pages is one request."""
        return type(self._service.get_paginator(operation))(getattr(self, operation))

    def _call(self, method: str, perform: Callable[..., Any]) -> Callable[..., Any]:
        operation = _operation(method)

        def call(**parameters: Any) -> Any:
            return self._functions.request(Request(self._name, operation, parameters, perform))

        return call


@cache
def _operation(method: str) -> str:
    return "".join(word.capitalize() for word in method.split("_"))


def outcome(error: BaseException | None) -> str:
    """How a request went, in a word or two."""
    if error is None:
        return "ok"
    if isinstance(error, ClientError):
        response: Any = error.response
        reasons = [reason["Code"] for reason in response.get("CancellationReasons", ())]
        return ", ".join(reasons) or response["Error"]["Code"]
    return f"{type(error).__name__}: {error}"
