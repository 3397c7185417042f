"""Clients that handlers make for themselves: boto3's too reach the simulated services, and never AWS."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cdk_saga.testing.environment import variables
from cdk_saga.testing.unsimulated import Unsimulated

Json = dict[str, Any]
ACCOUNT: Final = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "simulated",
    "AWS_SECRET_ACCESS_KEY": "simulated",
}
"""What boto3 asks for before it makes a client."""


@contextmanager
def kept_inside(client: Callable[[str], Any]) -> Generator[None]:
    """Lead every client of botocore to the simulated services.

    Args:
        client: a simulated service's client, by name.
    """

    def call(real: Any, operation: str, parameters: Json) -> Any:
        model = real.meta.service_model
        try:
            perform = getattr(client(model.service_name), xform_name(operation))
        except Unsimulated:
            what = f"{model.service_name}'s {operation}"
            raise Unsimulated(f"{what} is not simulated: hand over what calls it in providers") from None
        return _through(real, perform, operation, parameters)

    missing = {name: value for name, value in ACCOUNT.items() if name not in os.environ}
    with variables(missing), patch.object(BaseClient, "_make_api_call", call):
        yield


def _through(real: Any, perform: Callable[..., Any], operation: str, parameters: Json) -> Any:
    """The call, with the translations that boto3's resources hang on their clients' events."""
    model = real.meta.service_model
    shape, name = model.operation_model(operation), model.service_id.hyphenize()
    given = real._emit_api_params(api_params=parameters, operation_model=shape, context={})  # noqa: SLF001 # no other way
    try:
        answer = perform(**given)
    except ClientError as error:
        response: Any = error.response
        raise real.exceptions.from_code(response["Error"]["Code"])(response, operation) from error
    real.meta.events.emit(f"after-call.{name}.{operation}", http_response=None, parsed=answer, model=shape, context={})
    return answer
