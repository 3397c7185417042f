"""External providers, which are asked over HTTP and know each order by our idempotency key.

Whatever is lost on the way, asking again does nothing twice, and an order can be cancelled by a caller that never
learned that it was placed.
"""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from saga_runtime import Command, Rejected
from saga_runtime.services import variable

Json = dict[str, Any]
REFUSED: Final = 409
NEVER_PLACED: Final = 404


@dataclass(frozen=True)
class Provider:
    """The provider at the environment variable ``PROVIDER_URL``, which has ``PROVIDER_TIMEOUT`` seconds to answer.

    Args:
        orders: what it calls them, e.g. ``bookings``.
    """

    orders: str

    def place(self, command: Command, order: Json, *, refused: str) -> Json:
        """Place an order, once however often it is asked; returns the provider's confirmation.

        Raises:
            Rejected: with ``refused``, when the provider says a definite no.
            OSError: any other failure. It is unknown then whether the order was placed.
        """
        answer = self._ask("PUT", command, order, but=REFUSED)
        if answer is None:
            raise Rejected(refused)
        return {"confirmation": answer["confirmation"]}

    def cancel(self, command: Command) -> None:
        """Cancel the order, if there is one; raises :class:`OSError` when it is unknown whether that succeeded."""
        self._ask("DELETE", command, but=NEVER_PLACED)

    def _ask(self, method: str, command: Command, order: Json | None = None, *, but: int) -> Json | None:
        """The provider's answer; ``None`` when its status is ``but``."""
        provider = variable("PROVIDER_URL")
        if urlsplit(provider).scheme not in ("http", "https"):
            raise ValueError(f"PROVIDER_URL is {provider!r}: an http or https URL belongs there")
        url, body = f"{provider}/{self.orders}/{command.idempotency_key}", json.dumps(order).encode() if order else None
        request = Request(url, body, {"Content-Type": "application/json"}, method=method)  # noqa: S310 # checked above
        try:
            # It gives up in time for the runtime to say how it went, before Lambda ends the function.
            with urlopen(request, timeout=float(variable("PROVIDER_TIMEOUT"))) as answer:  # noqa: S310 # as above
                return json.load(answer)
        except HTTPError as error:
            error.close()
            if error.code == but:
                return None
            raise
