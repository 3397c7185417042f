"""The server does not answer web pages.

AWS asks for a signature that a web page cannot make. MiniStack takes any request, and allows every page to read the
answer (`Access-Control-Allow-Origin: *`): a page that a developer opens could create a function here and run it.
"""

import importlib
from collections.abc import Awaitable, Callable
from typing import Any

from emulator.visitors import refusal

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def apply() -> None:
    """Put the guard in front of MiniStack's application."""
    module: Any = importlib.import_module("ministack.app")
    module.app = guarded(module.app)


def guarded(application: Application) -> Application:
    """The application, behind a guard."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope.get("headers", [])]
        reason = None if scope["type"] == "lifespan" else refusal(headers)
        if reason is None:
            await application(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            content = reason.encode()
            head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(content)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": head})
            await send({"type": "http.response.body", "body": content})

    return guard
