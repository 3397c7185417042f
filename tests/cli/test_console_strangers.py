"""Other sites and other users of the machine see nothing of the console, and no request makes it break off."""

from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from console_client import HOST, ConsoleClient
from saga_cli.console import pages
from saga_cli.console.app import Console
from saga_cli.console.session import Session
from saga_runtime.recovery import ControlOperations
from world import World

HERE: Final = "/sagas/dev-Order/order/t-1"
PATHS: Final = ("/", HERE, f"{HERE}/cancel", "/queues/dev-Order/order", "/live.js", "/nowhere")


@pytest.fixture
def browser(operations: ControlOperations) -> ConsoleClient:
    del operations  # is deployed
    return ConsoleClient(Console(Session()))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}],
    ids=str,
)
def test_another_site_is_answered_nothing(browser: ConsoleClient, path: str, headers: dict[str, str]) -> None:
    answer = browser.get(path, headers=headers)
    assert (answer.status_code, browser.root in answer.text, "order" in answer.text) == (403, False, False)


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin", "Origin": HOST}])
def test_a_person_and_the_own_pages_are_answered(browser: ConsoleClient, headers: dict[str, str]) -> None:
    assert browser.get(HERE, headers=headers).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("secret", ["", "/x", "/%00", f"/{'A' * 43}", "/\u00e9"])
def test_who_does_not_know_the_address_is_answered_nothing(browser: ConsoleClient, path: str, secret: str) -> None:
    stranger = TestClient(browser.app, base_url=HOST, follow_redirects=False)
    for method in ("GET", "POST", "HEAD", "OPTIONS", "DELETE"):
        answer = stranger.request(method, f"{secret}{path}", headers={"Origin": HOST})
        assert (answer.status_code, browser.root in str(answer.headers) + answer.text) == (403, False)


def test_each_console_has_an_address_of_its_own(browser: ConsoleClient) -> None:
    assert Console(Session()).root != browser.root


def test_the_address_is_told_to_no_other_site(browser: ConsoleClient) -> None:
    assert browser.get(HERE).headers["Referrer-Policy"] == "same-origin"


TEXT: Final = st.text(max_size=12) | st.sampled_from(
    ["t-1", "order", "dev-Order", "STUCK", "9" * 400, "\x00", "\u202e"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    parts=st.lists(TEXT, max_size=5), query=st.dictionaries(st.sampled_from(["saga", "state", "older", "given"]), TEXT)
)
def test_no_address_makes_it_break_off(browser: ConsoleClient, parts: list[str], query: dict[str, str]) -> None:
    for kind in ("", "sagas", "queues"):
        path = "/".join(["", kind, *(quote(part, safe="", errors="replace") for part in parts)])
        asked = "&".join(f"{name}={quote(text, errors='replace')}" for name, text in query.items())
        assert browser.get(f"{path}?{asked}").status_code < 500


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", {"N": str(-(10**20))}),
        ("at", {"N": str(10**20)}),
        ("end", {"N": str(10**30)}),
        ("dl", {"N": str(10**35)}),
    ],
    ids=str,
)
def test_a_time_that_no_calendar_has_is_shown(
    browser: ConsoleClient, world: World, run: Any, field: str, value: dict[str, str]
) -> None:
    world.services.dynamodb.update_item(
        TableName="ledger",
        Key={"pk": {"S": "SAGA#order#t-1"}, "sk": {"S": "META"}},
        UpdateExpression="SET #field = :value",
        ExpressionAttributeNames={"#field": field},
        ExpressionAttributeValues={":value": value},
    )
    assert [browser.get(path).status_code for path in ("/", HERE)] == [200, 200]
    for arguments in (("list",), ("status", "order", "t-1"), ("list", "--json"), ("status", "order", "t-1", "--json")):
        assert run(*arguments).exit_code == 0


def test_what_nobody_has_thought_of_is_told_in_a_line(
    browser: ConsoleClient, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    del world

    def broken(*_: Any, **__: Any) -> str:
        raise KeyError("a card number")

    monkeypatch.setattr(pages, "timeline", broken)
    answer = browser.get(HERE)
    assert (answer.status_code, "KeyError" in answer.text, "card" in answer.text) == (502, True, False)
