"""Who may ask and order: a browser on this machine, and orders only from the console's own pages."""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS: Final = ("127.0.0.1", "localhost")
"""Another name that leads here belongs to a foreign page: DNS rebinding."""
LARGEST: Final = 16_384
"""Bytes of a form."""
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; "
    "img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


OWN_SITES: Final = ("none", "same-origin")
"""Values of Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/) of what a person opens, and of our own pages."""


class Forbidden(Exception):
    """A request of a stranger, or an operation that does not come from a page of the console."""


class Strangers:
    """Refuses what another site's page sends, and every address but those below the secret one.

    The secret is in the path: a cookie would be sent to every port of this machine, also to another user's server.

    Args:
        app: what answers the others.
        root: the path below which all pages are; it cannot be guessed.
    """

    def __init__(self, app: ASGIApp, root: str) -> None:
        self._app = app
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            try:
                self._check(Request(scope))
            except Forbidden as error:
                return await PlainTextResponse(str(error), status_code=403)(scope, receive, send)
            scope = {**scope, "root_path": self._root}
        return await self._app(scope, receive, send)

    def _check(self, request: Request) -> None:
        site, origin = request.headers.get("sec-fetch-site", "none"), request.headers.get("origin")
        if site not in OWN_SITES or origin not in {None, _own_origin(request)}:
            raise Forbidden(f"this request comes from {origin or site!r:.100}, not from a page of this console")
        below = request.url.path.split("/")[1]
        if not hmac.compare_digest(f"/{below}".encode(), self._root.encode()):
            raise Forbidden("open the whole address that `cdk-saga console` has printed: its secret keeps others out")


class Plainly:
    """Answers unexpected errors in a line, too, instead of breaking off."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        begun = False

        async def told(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, told)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            text = f"This page could not be made ({type(error).__name__}); the command line may say more."
            await PlainTextResponse(text, status_code=502)(scope, receive, send)


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


class Guard:
    """Keeps strangers out, gives forms a token and looks for it in what comes back; a new one for each console."""

    def __init__(self) -> None:
        self.token: Final = secrets.token_urlsafe(32)
        self.root: Final = f"/{secrets.token_urlsafe(32)}"

    def middleware(self) -> Sequence[Middleware]:
        """What every request passes, from the outermost to the application."""
        return (
            Middleware(Headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
            Middleware(Strangers, root=self.root),
            Middleware(Plainly),
        )

    async def form(self, request: Request) -> Mapping[str, str]:
        """What a form of our own says.

        Raises:
            Forbidden: it is none of our own.
        """
        origin = request.headers.get("origin", "")
        if origin != _own_origin(request):
            raise Forbidden(f"this operation comes from {origin!r:.100}, not from a page of this console")
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise Forbidden(f"this form is larger than {LARGEST} bytes")
        said = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        if not hmac.compare_digest(said.get("token", "").encode(), self.token.encode()):
            raise Forbidden("this form is of another console, or of one that was started anew: load its page again")
        return said


def _own_origin(request: Request) -> str:
    return f"http://{request.headers.get('host')}"
