"""Who may ask and order: a browser on this machine, and orders only from the console's own pages."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS: Final = ("127.0.0.1", "localhost")
"""Another name that leads here belongs to somebody else's page: DNS rebinding."""
LARGEST: Final = 16_384
"""Bytes of a form."""
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; "
    "img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Forbidden(Exception):
    """An order that does not come from a page of the console."""


class Headers:
    """Adds what browsers are to keep to."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *more]
            await send(message)

        await self._app(scope, receive, told)


MIDDLEWARE: Final = (
    Middleware(Headers),
    Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
)


class Guard:
    """Gives forms a token, and looks for it in what comes back; a new one for each console."""

    def __init__(self) -> None:
        self.token: Final = secrets.token_urlsafe(32)

    async def form(self, request: Request) -> Mapping[str, str]:
        """What a form of our own says.

        Raises:
            Forbidden: it is none of our own.
        """
        origin = request.headers.get("origin", "")
        if origin != f"http://{request.headers.get('host')}":
            raise Forbidden(f"this order comes from {origin!r:.100}, not from a page of this console")
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise Forbidden(f"this form is larger than {LARGEST} bytes")
        said = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        if not hmac.compare_digest(said.get("token", "").encode(), self.token.encode()):
            raise Forbidden("this form is of another console, or of one that was started anew: load its page again")
        return said
