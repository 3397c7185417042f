"""Orders from the console: asked for, confirmed, given, and only to its own pages."""

import json
import time

import pytest

from console_client import HOST, ConsoleClient
from html_page import Page, words
from saga_cli.console.app import Console
from saga_cli.console.guard import LARGEST
from saga_cli.console.session import Session
from saga_runtime.recovery import ControlOperations
from shop import payload
from world import World

HERE = "/sagas/dev-Order/order/t-1"
QUEUE = "/queues/dev-Order/order"
OWN = {"Origin": HOST}


@pytest.fixture
def browser(operations: ControlOperations) -> ConsoleClient:
    del operations  # is deployed
    return ConsoleClient(Console(Session()))


def confirmed(browser: ConsoleClient, path: str, **form: str) -> tuple[int, str]:
    """Open the page that asks, fill in its form and send it; the status and where that leads."""
    page = Page(browser.get(path).text)
    asked = page.one("form", method="post")
    known = {one.attrib["name"]: one.get("value", "") for one in asked.iter("input")}
    chosen = {one.attrib["name"] for tag in ("select", "textarea") for one in asked.iter(tag)}
    assert known.keys() | chosen >= form.keys()
    answer = browser.post(asked.attrib["action"], data={**known, **form}, headers=OWN)
    return answer.status_code, answer.headers.get("location", answer.text).removeprefix(browser.root)


def told(world: World) -> list[str]:
    return [event["DetailType"] for event in world.published]


def test_cancel_asks_first_and_then_shows_what_came_of_it(browser: ConsoleClient, world: World) -> None:
    assert (browser.get(f"{HERE}/cancel").status_code, told(world)) == (200, [])
    assert confirmed(browser, f"{HERE}/cancel") == (303, f"{HERE}?given=cancel")
    assert told(world) == ["card.unknown"]
    page = Page(browser.get(f"{HERE}?given=cancel").text)
    assert "“cancel”" in words(page.one("p", class_="given"))
    assert words(page.one("p", class_="state")) == "compensating"


@pytest.mark.usefixtures("stuck")
def test_resume_lets_it_go_on_and_does_so_once(browser: ConsoleClient, world: World) -> None:
    for _ in range(2):
        assert confirmed(browser, f"{HERE}/resume") == (303, f"{HERE}?given=resume")
    assert told(world) == ["goods.unknown"]


def test_resume_is_refused_where_it_never_was_stuck(browser: ConsoleClient, world: World) -> None:
    status, text = confirmed(browser, f"{HERE}/resume")
    assert (status, words(Page(text).one("p", role="alert"))) == (409, "saga 't-1' is not stuck, it is RUNNING")
    assert told(world) == []


@pytest.mark.usefixtures("stuck")
def test_skip_asks_for_a_reason_which_the_page_then_shows(browser: ConsoleClient) -> None:
    assert confirmed(browser, f"{HERE}/skip", step="goods", reason="paid in cash")[0] == 303
    assert "paid in cash" in Page(browser.get(HERE).text).texts("pre")
    assert Page(browser.get(HERE).text).texts("summary")[-1] == "why goods was skipped"


@pytest.mark.usefixtures("stuck")
def test_skip_without_a_reason_is_refused(browser: ConsoleClient, world: World) -> None:
    assert confirmed(browser, f"{HERE}/skip", step="goods", reason="  ")[0] == 400
    assert world.step() == "DONE"


@pytest.fixture
def waiting(operations: ControlOperations, world: World) -> ControlOperations:
    """Its second step has asked somebody."""
    world.shop.pending = True
    world.clock[0] = time.time()
    world.call(payload("charge", step="card", callback_timeout=600))
    return operations


@pytest.mark.usefixtures("waiting")
def test_who_waits_is_answered_with_a_result_which_the_page_then_shows(browser: ConsoleClient, world: World) -> None:
    offered = [link.attrib["href"] for link in Page(browser.get(HERE).text).one("nav", id="operations").iter("a")]
    assert offered == [f"{browser.root}{HERE}/{operation}" for operation in ("complete", "reject", "cancel")]
    assert confirmed(browser, f"{HERE}/complete", step="card", result='{"by": "Ada"}')[0] == 303
    assert told(world)[-1] == "card.succeeded"
    page = Page(browser.get(HERE).text)
    assert json.loads(page.texts("pre")[-1]) == {"asked": "bank", "by": "Ada"}
    assert f"{HERE}/complete" not in [link.attrib["href"] for link in page.one("nav", id="operations").iter("a")]


@pytest.mark.usefixtures("waiting")
def test_who_waits_is_answered_with_a_no_and_its_reason(browser: ConsoleClient) -> None:
    assert confirmed(browser, f"{HERE}/reject", step="card", reason="take the train")[0] == 303
    assert "card was rejected: take the train" in words(Page(browser.get(HERE).text).one("dl"))
    page = Page(browser.get(f"{HERE}/complete").text)
    assert words(page.one("select")) == "there is none any more"
    late = {"token": page.one("input", name="token").attrib["value"], "step": "card", "result": "{}"}
    answer = browser.post(f"{HERE}/complete", data=late, headers=OWN)
    told_so = words(Page(answer.text).one("p", role="alert"))
    assert (answer.status_code, "has been rejected already" in told_so) == (409, True)


@pytest.mark.usefixtures("waiting")
def test_a_result_that_is_none_is_told_and_still_there_to_be_mended(browser: ConsoleClient, world: World) -> None:
    before = told(world)
    status, text = confirmed(browser, f"{HERE}/complete", step="card", result="{by: Ada}")
    page = Page(text)
    assert (status, words(page.one("textarea"))) == (400, "{by: Ada}")
    assert "the result is no JSON" in words(page.one("p", role="alert"))
    assert told(world) == before


def test_replay_repeats_what_it_waits_for(browser: ConsoleClient, world: World) -> None:
    assert confirmed(browser, f"{HERE}/retry")[0] == 303
    assert told(world) == ["goods.succeeded"]


@pytest.mark.usefixtures("stuck")
def test_redrive_works_off_the_dead_letters_and_shows_each(browser: ConsoleClient, world: World) -> None:
    url = world.services.sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    for body in (json.dumps(payload("release", "compensation")), "<b>no json</b>"):
        world.services.sqs.send_message(QueueUrl=url, MessageBody=body)
    for _ in range(2):  # looking changes nothing
        page = Page(browser.get(QUEUE).text)
        assert page.texts("pre") == [json.dumps(payload("release", "compensation")), "<b>no json</b>"]
        assert words(page.one("caption")).startswith("At least 2:")
    page = Page(confirmed(browser, QUEUE)[1])
    assert "<b>no json</b>" in page.texts("pre")
    cells = page.texts("td")
    assert "COMPENSATING" in cells
    assert [cell for cell in cells if cell.startswith("kept: ") and "is not JSON" in cell]
    assert Page(browser.get(QUEUE).text).texts("pre") == ["<b>no json</b>"]  # it is there at once
    assert Page(confirmed(browser, QUEUE)[1]).texts("pre") == ["<b>no json</b>"]
    world.services.sqs.purge_queue(QueueUrl=url)
    assert "empty" in words(Page(confirmed(browser, QUEUE)[1]).one("p", class_="empty"))
    assert "None is to be seen" in words(Page(browser.get(QUEUE).text).one("p", class_="empty"))


@pytest.mark.parametrize(
    ("origin", "token", "why"),
    [
        (HOST, "", "of another console"),
        (HOST, "guessed", "of another console"),
        ("http://evil.example", "right", "http://evil.example"),
        ("null", "right", "null"),
        ("", "right", "not from a page"),
        (HOST, "x" * LARGEST, "larger"),
    ],
)
@pytest.mark.parametrize("path", [f"{HERE}/cancel", QUEUE])
def test_an_order_from_anywhere_else_is_refused(
    browser: ConsoleClient, world: World, path: str, origin: str, token: str, why: str
) -> None:
    known = Page(browser.get(path).text).one("input", name="token").attrib["value"]
    sent = {"token": token.replace("right", known)}
    answer = browser.post(path, data=sent, headers={"Origin": origin} if origin else {})
    assert (answer.status_code, why in answer.text) == (403, True)
    assert (told(world), world.meta()) == ([], "RUNNING")


def test_an_order_is_not_given_by_following_a_link(browser: ConsoleClient, world: World) -> None:
    for path in (f"{HERE}/cancel", QUEUE):
        assert browser.get(f"{path}?token=x").status_code == 200
    assert (told(world), world.meta()) == ([], "RUNNING")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "10.0.0.1"])
def test_a_foreign_host_is_refused(browser: ConsoleClient, host: str) -> None:
    assert browser.get(HERE, headers={"Host": host}).status_code == 400


def test_every_answer_tells_the_browser_to_keep_to_itself(browser: ConsoleClient) -> None:
    for path in ("/", HERE, "/nowhere", "/live.js"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert ("default-src 'none'" in policy, "frame-ancestors 'none'" in policy) == (True, True)
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("path", ["/", HERE, f"{HERE}/complete", f"{HERE}/reject", QUEUE])
def test_the_keyboard_reaches_everything_in_the_order_of_the_page_and_sees_where_it_is(
    browser: ConsoleClient, path: str
) -> None:
    """Native elements need no script for it; none may be hidden from it, put before others or lose its outline."""
    text = browser.get(path).text
    page = Page(text)
    assert {one.attrib["tabindex"] for one in page.root.iter() if "tabindex" in one.attrib} <= {"0"}
    assert not [one.tag for one in page.root.iter() if any(name.startswith("on") for name in one.attrib)]
    assert [link for link in page.root.iter("a") if not link.get("href")] == []
    fields = [one for tag in ("input", "select", "textarea") for one in page.all(tag) if one.get("type") != "hidden"]
    labelled = [one for label in page.all("label") for one in label.iter()]
    assert [one for one in fields if one not in labelled] == []
    assert (":focus-visible{outline:3px" in text, "outline:none" in text, "outline:0" in text) == (True, False, False)
