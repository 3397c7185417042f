"""An AWS that says yes to everything at once: for what a caller costs, its network and its services left out."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

ANSWER: Final = b'{"FailedEntryCount": 0, "Entries": []}'


class _Yes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet, or the caller waits 40 ms for the second

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_request(self, code: object = "", size: object = "") -> None:
        pass


@contextmanager
def yes() -> Generator[dict[str, str]]:
    """The variables of a function that calls it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Yes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "SAGA_LEDGER": "ledger",
            "SAGA_BUS": "bus",
            "POWERTOOLS_SERVICE_NAME": "nothing",
            "POWERTOOLS_METRICS_NAMESPACE": "Saga",
        }
    finally:
        server.shutdown()
        server.server_close()
