"""Which HTTP requests the servers on this machine answer: those of tools, none that a web page makes.

Every page in a browser can send requests to the loopback address, at least without reading the answer, and the local
AWS takes any credentials. A browser marks what a page sends: with `Origin` (https://fetch.spec.whatwg.org/#origin-header),
with `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header), and with the page's own host name
where that name was made to lead here (DNS rebinding).
"""

from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Final

HOSTS: Final = frozenset(("127.0.0.1", "localhost", "[::1]"))
OWN_SITES: Final = frozenset(("none", "same-origin"))
"""Values of `Sec-Fetch-Site` of what a person opens, and of a page that this server made itself."""


def refusal(headers: Iterable[tuple[str, str]]) -> str | None:
    """Why a request with these headers is refused; None when it is answered."""
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        fields.setdefault(name.lower(), []).append(value)
    if "origin" in fields:
        return "a web page sent this request (Origin); only tools on this machine are answered"
    if foreign := [site for site in fields.get("sec-fetch-site", []) if site not in OWN_SITES]:
        return f"a web page sent this request (Sec-Fetch-Site: {foreign[0]!r:.40}); only tools are answered"
    if [host.rpartition(":")[0] or host for host in fields.get("host", [])] not in [[host] for host in HOSTS]:
        return f"the Host is {fields.get('host')!r:.80}; it has to be one of {', '.join(sorted(HOSTS))}"
    return None


class ToolsOnly(BaseHTTPRequestHandler):
    """A connection to a server on the loopback address; what a web page sends is refused before it is acted on."""

    def parse_request(self) -> bool:
        """Read the request's head; returns whether it is to be answered."""
        if not super().parse_request():
            return False
        if reason := refusal(self.headers.items()):
            self.close_connection = True
            self.send_error(HTTPStatus.FORBIDDEN, explain=reason)
            return False
        return True
