"""Takes what `cdk-saga start` asks of the local environment: something to sell, and what shall go wrong."""

import json
import threading
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from demo.business_trip import BUSINESS_TRIP
from demo.deployment import Deployment
from demo.ledger_view import Books
from demo.order import ORDER
from demo.trip import TRIP
from emulator.settings import HOST
from emulator.visitors import ToolsOnly
from local.trouble import Trouble, UnknownStep

Json = dict[str, Any]
EXAMPLES: Final = {
    f"{example.name}{style}": example for example in (TRIP, ORDER, BUSINESS_TRIP) for style in ("", "-by-events")
}


class Control:
    """A server on the loopback address; `PUT /<saga>/<id>` with the members of `Trouble` answers with an input.

    Args:
        deployment: what is deployed, and the providers.
        port: 0 for any free one.
    """

    def __init__(self, deployment: Deployment, port: int = 0) -> None:
        self._deployment = deployment
        self._server = ThreadingHTTPServer((HOST, port), partial(_Handler, self))
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="control", daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self._server.server_port}"

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def prepare(self, saga: str, saga_id: str, trouble: Trouble) -> Json:
        """Fill the shelves for one saga, let go wrong what shall, and return its input.

        Raises:
            UnknownStep: a saga or step that is not here; nothing was prepared.
        """
        example = EXAMPLES.get(saga)
        if example is None:
            raise UnknownStep(f"saga is {saga!r:.100}: the local environment has {', '.join(EXAMPLES)}")
        trouble.check(example)
        key = f"{saga_id}-"
        Books(self._deployment).stock(example, key, trouble.stock(example))
        for mode in trouble.provider_modes(example, key):
            self._deployment.provider.behave(mode)
        self._deployment.emulator.faults.add(trouble.faults(example, saga_id))
        return example.given(key)


class _Handler(ToolsOnly, BaseHTTPRequestHandler):
    def __init__(self, control: Control, *connection: Any) -> None:
        self._control = control
        super().__init__(*connection)

    def do_PUT(self) -> None:
        _, saga, saga_id = self.path.split("/")
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            status, answer = HTTPStatus.OK, {"input": self._control.prepare(saga, saga_id, Trouble(**asked))}
        except UnknownStep as error:
            status, answer = HTTPStatus.BAD_REQUEST, {"error": str(error)}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""
