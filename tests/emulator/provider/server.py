"""The providers as one HTTP server on the loopback address."""

import contextlib
import json
import threading
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from emulator.provider.modes import Behaviour
from emulator.provider.service import Service
from emulator.visitors import ToolsOnly

HOST = "127.0.0.1"


class Provider:
    """A running provider, or several: one a collection.

    with Provider.start() as provider:
        provider.behave(Behaviour(match="Ada", mode="refuse"))
    """

    def __init__(self, port: int) -> None:
        self.service = Service()
        self._server = ThreadingHTTPServer((HOST, port), partial(Handler, self.service))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="provider", daemon=True)
        self._thread.start()

    @classmethod
    def start(cls, port: int = 0) -> Self:
        """Serve in a thread of this process until `stop`.

        Args:
            port: the TCP port on the loopback address; 0 for any free one.

        Raises:
            OSError: if the port is taken.
        """
        return cls(port)

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{HOST}:{self._server.server_port}"

    def orders(self, collection: str = "bookings") -> list[dict[str, Any]]:
        """All orders of a collection, cancelled ones too, oldest first."""
        return self.service.desks[collection].orders()

    def behave(self, behaviour: Behaviour) -> None:
        """Misbehave from now on; see `provider_modes.Behaviour`."""
        self.service.provider_modes.add(behaviour)

    def behave_well(self, match: str | None = None) -> None:
        """Misbehave no more; with `match` only towards the orders that behaviours with the same `match` are for."""
        self.service.provider_modes.clear(match)

    def release(self) -> None:
        """Keep nobody waiting, neither those who wait now nor anybody later."""
        self.service.released.set()

    def join(self) -> None:
        """Wait until the server ends."""
        self._thread.join()

    def stop(self) -> None:
        """End it; its books are gone."""
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Handler(ToolsOnly, BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def __init__(self, service: Service, *connection: Any) -> None:
        self._service = service
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; the books tell what happened."""

    def _answer(self) -> None:
        path = [unquote(segment) for segment in self.path.strip("/").split("/")]
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            status, reply = self._service.answer(self.command, path, body)
        except (ValueError, KeyError, TypeError) as error:
            status, reply = HTTPStatus.BAD_REQUEST, {"error": f"{type(error).__name__}: {error}"}
        content = b"" if status is HTTPStatus.NO_CONTENT else json.dumps(reply).encode()
        with contextlib.suppress(ConnectionError):  # a client that gave up is what some behaviours are for
            self._send(status, content)

    def _send(self, status: HTTPStatus, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if content:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
