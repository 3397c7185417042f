"""The local environment, which breaks on purpose when asked to; real AWS has nothing of the kind."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final, cast

from saga_cli.errors import BadRequest

VARIABLE: Final = "CDK_SAGA_LOCAL"
"""The URL that ``make up`` prints."""
TIMEOUT: Final = 30


def prepared(saga: str, id: str, trouble: Mapping[str, str | bool]) -> dict[str, Any] | None:
    """Ask the local environment for an input, and for trouble on the way.

    Args:
        saga: the saga's name.
        id: of the saga that is to be started, and of none other.
        trouble: ``fail``, ``timeout`` and ``crash_after`` a step, ``duplicate``.

    Returns:
        An input for which all is in stock but what shall fail; ``None`` where there is no such environment.

    Raises:
        BadRequest: trouble where none can be had, or of a kind that is unknown there.
    """
    url, wanted = os.environ.get(VARIABLE), {name: value for name, value in trouble.items() if value}
    if not url:
        if wanted:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in wanted)
            raise BadRequest(f"{options}: only the local environment breaks on purpose; `make up` says how to reach it")
        return None
    body = json.dumps(wanted).encode()
    asked = urllib.request.Request(f"{url}/{saga}/{id}", data=body, method="PUT")  # noqa: S310 # the user's own variable
    try:
        with _opener().open(asked, timeout=TIMEOUT) as answer:
            return cast(dict[str, Any], json.load(answer)["input"])
    except urllib.error.HTTPError as error:
        raise BadRequest(json.load(error)["error"]) from error


def _opener() -> urllib.request.OpenerDirector:
    """Past all proxies: it is on this machine."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
