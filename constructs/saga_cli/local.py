"""The local environment, which breaks on purpose when asked to; real AWS has nothing of the kind."""

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

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
    try:
        asked = urllib.request.Request(f"{url}/{saga}/{id}", data=body, method="PUT")  # noqa: S310 # the user's own
        with _opener().open(asked, timeout=TIMEOUT) as answer:
            return _said(answer, url, "input")
    except (ValueError, http.client.HTTPException) as error:
        raise BadRequest(f"{VARIABLE} is {url!r:.100}, which leads nowhere ({error}); `make up` prints it") from error
    except urllib.error.HTTPError as error:
        raise BadRequest(_said(error, url, "error")) from error


def _said(answer: Any, url: str, member: str) -> Any:
    try:
        return json.load(answer)[member]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise BadRequest(
            f"{VARIABLE} is {url!r:.100}: no local environment answers there; `make up` prints it"
        ) from error


def _opener() -> urllib.request.OpenerDirector:
    """Past all proxies: it is on this machine."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
