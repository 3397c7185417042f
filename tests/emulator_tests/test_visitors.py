"""No port that a target of the Makefile opens answers a web page: local AWS, providers, control of the faults."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, cast

import pytest

from demo.deployment import Deployment
from emulator.instance import Emulator
from emulator.provider.server import Provider
from local.control import Control

PAGES = {
    "another site's form": {"Origin": "https://evil.example"},
    "a sandboxed frame": {"Origin": "null"},
    "an image": {"Sec-Fetch-Site": "cross-site"},
    "a page of another port": {"Sec-Fetch-Site": "same-site"},
    "a name that was made to lead here": {"Host": "evil.example:4566"},
    "a name that ends like ours": {"Host": "evil.localhost"},
    "no name": {"Host": ""},
}
TOOLS = ({}, {"Sec-Fetch-Site": "none"}, {"Host": "localhost:4566"}, {"Host": "127.0.0.1"}, {"Host": "[::1]:4566"})
CREATE = "/2015-03-31/functions"
as_page = pytest.mark.parametrize("headers", PAGES.values(), ids=PAGES)
as_tool = pytest.mark.parametrize("headers", TOOLS, ids=str)


def asked(
    port: int, method: str, path: str, headers: dict[str, str], body: Any = None
) -> tuple[int, str, dict[str, str]]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {"Host": f"127.0.0.1:{port}", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider.start() as provider:
        yield provider


@pytest.fixture
def control(provider: Provider) -> Iterator[int]:
    """The port of who is asked for trouble, with nothing deployed."""
    control = Control(Deployment(cast(Any, None), provider, {}))
    yield port_of(control.url)
    control.stop()


@as_page
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_the_local_aws_answers_no_web_page(emulator: Emulator, headers: dict[str, str], method: str) -> None:
    status, text, fields = asked(emulator.port, method, CREATE, headers, {} if method == "POST" else None)
    assert status == 403
    assert text.startswith(("a web page sent this request", "the Host is"))
    assert "access-control-allow-origin" not in fields


def test_a_web_page_cannot_create_a_function(emulator: Emulator) -> None:
    function = {"FunctionName": "drive-by", "Runtime": "python3.12", "Role": "arn:aws:iam::000000000000:role/r"}
    told = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    assert asked(emulator.port, "POST", CREATE, told, {**function, "Handler": "a.b", "Code": {}})[0] == 403
    found = emulator.client("lambda").list_functions()["Functions"]
    assert "drive-by" not in [one["FunctionName"] for one in found]


@as_tool
def test_the_local_aws_answers_tools(emulator: Emulator, headers: dict[str, str]) -> None:
    # What needs no signature; everything else is refused without one.
    assert asked(emulator.port, "GET", "/_ministack/ready", headers)[0] == 200


def test_no_web_page_opens_a_socket_of_the_local_aws(emulator: Emulator) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "https://evil.example"}
    assert asked(emulator.port, "GET", "/_aws/execute-api/a/b", {**upgrade, **key})[0] == 403


@as_page
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/bookings"), ("PUT", "/behaviour"), ("DELETE", "/behaviour"), ("OPTIONS", "/")]
)
def test_the_providers_answer_no_web_page(provider: Provider, headers: dict[str, str], method: str, path: str) -> None:
    mode = {"match": "Ada", "mode": "refuse"}
    assert asked(port_of(provider.url), method, path, headers, mode)[0] == 403
    assert provider.service.provider_modes.pending() == 0


@as_tool
def test_the_providers_answer_tools(provider: Provider, headers: dict[str, str]) -> None:
    assert asked(port_of(provider.url), "GET", "/bookings", headers)[0] == 200


@as_page
def test_trouble_is_not_made_for_a_web_page(control: int, headers: dict[str, str]) -> None:
    assert asked(control, "PUT", "/trip/t-1", headers, {"fail": "hotel"})[0] == 403


def test_trouble_is_made_for_tools(control: int) -> None:
    status, text, _ = asked(control, "PUT", "/boat/t-1", {}, {})
    assert (status, "the local environment has" in text) == (400, True)
