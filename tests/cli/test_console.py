"""The console's pages, from a request to what a browser makes of the answer."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cdk_saga import NOTHING_TO_UNDO, Saga, Step
from console_client import ConsoleClient
from html_page import Page, words
from saga_cli.console.app import Console
from saga_cli.console.session import Session
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import ControlOperations
from shop import payload
from world import World

STYLES = ("orchestrated", "choreographed")
T_1 = SagaKey("order", "t-1")
HERE = "/sagas/dev-Order/order/t-1"
EVIL = "</pre><script>alert(1)</script>"
ORDER = Saga(
    "order",
    [
        Step("goods", participant="shop", action="reserve", compensation="release"),
        Step("card", participant="shop", action="charge", compensation="refund"),
        Step("note", participant="shop", action="note", compensation=NOTHING_TO_UNDO),
    ],
)


@pytest.fixture
def browser(operations: ControlOperations) -> ConsoleClient:
    del operations  # is deployed
    return ConsoleClient(Console(Session(), [ORDER]))


@pytest.fixture(params=STYLES)
def style(request: pytest.FixtureRequest, stacks: Any, operations: ControlOperations) -> str:
    """The same ledger, read as one of a saga of either style."""
    del operations
    (output,) = stacks.pages[0]["Stacks"][0]["Outputs"]
    output["OutputValue"] = json.dumps({**json.loads(output["OutputValue"]), "style": request.param})
    return request.param


def _complete(world: World, _: ControlOperations) -> None:
    world.call(payload("charge", step="card", last=True, ends={"succeeded": "COMPLETED"}))


def _reject(world: World, _: ControlOperations) -> None:
    world.call(payload("release", "compensation", final=True, ends={"compensated": "COMPENSATED"}))


def _skip(world: World, operations: ControlOperations) -> None:
    _stick(world, operations)
    operations.perform({"operation": "skip", "id": "t-1", "step": "goods", "reason": "paid in cash"})
    _reject(world, operations)


def _stick(_: World, operations: ControlOperations) -> None:
    operations.context.sagas.mark_stuck(T_1, ["goods"], f"TimeoutError: {EVIL}")


def _wait(world: World, _: ControlOperations) -> None:
    world.shop.pending = True
    world.clock[0] = time.time()
    world.call(payload("charge", step="card", callback_timeout=600))


def seen(browser: ConsoleClient, path: str = HERE, status: int = 200) -> Page:
    answer = browser.get(path)
    assert answer.status_code == status
    return Page(answer.text)


def state(page: Page) -> str:
    return words(page.one("p", class_="state"))


def rows(page: Page) -> dict[str, str]:
    """The outcome of each step."""
    found = [row for row in page.one("table", class_="timeline").iter("tr") if row.find("td") is not None]
    return {words(row[0]): words(row[1]) for row in found}


def buttons(page: Page) -> list[str]:
    return [link.attrib["href"].rpartition("/")[2] for link in page.one("nav", id="operations").iter("a")]


@pytest.mark.parametrize(
    ("brought", "told", "outcomes", "offered"),
    [
        (lambda *_: None, "running", ["done", "not begun", "not begun"], ["cancel", "retry"]),
        (_complete, "completed", ["done", "done", "not begun"], ["retry"]),
        (_reject, "compensated", ["undone", "not begun", "not begun"], ["retry"]),
        (_stick, "stuck", ["done", "not begun", "not begun"], ["resume", "skip"]),
        (_skip, "partially compensated", ["skipped", "not begun", "not begun"], ["retry"]),
    ],
    ids=["running", "completed", "compensated", "stuck", "skipped"],
)
def test_a_saga_is_told_alike_in_both_styles(
    browser: ConsoleClient,
    world: World,
    operations: ControlOperations,
    style: str,
    brought: Callable[[World, ControlOperations], None],
    told: str,
    outcomes: list[str],
    offered: list[str],
) -> None:
    brought(world, operations)
    page = seen(browser)
    assert (words(page.one("h1")), state(page)) == ("order t-1", told)
    assert [*rows(page).values()] == outcomes
    assert buttons(page) == offered
    assert style in words(page.one("dl"))
    assert bool([*page.all("script")]) == (told == "running")


def test_the_list_has_every_saga_and_takes_filters(
    browser: ConsoleClient, world: World, operations: ControlOperations
) -> None:
    world.call(payload("reserve", saga_id="t-2", first=True))
    _stick(world, operations)

    def shown(query: str) -> dict[str, str]:
        table = next(seen(browser, f"/{query}").all("table"))
        return {words(row[1]): words(row[2]) for row in table.iter("tr") if row.find("td") is not None}

    assert shown("") == {"t-1": "stuck", "t-2": "running"}
    assert shown("?state=STUCK&older=1d") == {"t-1": "stuck"}
    assert shown("?saga=order&state=RUNNING") == {"t-2": "running"}
    link = next(one for one in seen(browser, "/").all("a") if words(one) == "t-1")
    assert link.attrib["href"] == f"{browser.root}{HERE}"
    assert "soon" in words(seen(browser, "/?older=soon", 400).one("p"))
    assert "LOST" in words(seen(browser, "/?state=LOST", 400).one("p"))
    assert "show all" in words(seen(browser, "/?state=PARTIALLY_COMPENSATED").one("p", class_="empty"))


def test_a_step_that_waits_for_an_answer_says_until_when(
    browser: ConsoleClient, world: World, operations: ControlOperations
) -> None:
    _wait(world, operations)
    page = seen(browser)
    assert rows(page)["card"].startswith("waiting for an answer until ")
    assert "card: waiting for an answer" in words(page.one("dl"))
    assert [one.attrib["class"].split() for one in page.all("g") if "open" in one.get("class", "").split()] == [
        ["bar", "action", "waiting", "open"]
    ]
    assert [*page.all("script", src=f"{browser.root}/live.js")]
    assert "fetch(" in browser.get("/live.js").text


@pytest.mark.usefixtures("style")
def test_the_picture_is_lit_by_what_happened(
    browser: ConsoleClient, world: World, operations: ControlOperations
) -> None:
    _reject(world, operations)
    tasks = {
        one.attrib["data-task"]: one.attrib["data-became"]
        for one in seen(browser).all("g")
        if "data-task" in one.attrib
    }
    lit = {task for task, became in tasks.items() if became == "was"}
    assert lit == {"goods.action", "goods.compensation"}
    assert tasks.keys() >= {"card.action", "card.compensation", "note.action"}


@pytest.mark.usefixtures("style")
def test_in_the_picture_a_skipped_saga_has_ended_where_its_compensation_ends(
    browser: ConsoleClient, world: World, operations: ControlOperations
) -> None:
    _skip(world, operations)
    looks = [(one.get("class", "").split(), one.get("data-became")) for one in seen(browser).all("g")]
    never = {"compensated" in classes: became == "never" for classes, became in looks if "ending" in classes}
    assert never == {True: False, False: True}


@pytest.mark.parametrize(
    ("deployed", "drawn", "noted"),
    [
        ("v1", ORDER, False),  # of other patience, say
        ("v2", ORDER, True),  # nobody knows any more what v1 was
        ("v2", None, False),
        ("v1", Saga("order", ORDER.steps[:2]), True),
        ("v1", Saga("order", [*ORDER.steps[:2], replace(ORDER.all_steps[2], compensation="unnote")]), True),
    ],
)
def test_another_version_is_told_where_the_picture_may_be_another(
    operations: ControlOperations, stacks: Any, deployed: str, drawn: Saga | None, *, noted: bool
) -> None:
    del operations
    (output,) = stacks.pages[0]["Stacks"][0]["Outputs"]
    output["OutputValue"] = json.dumps({**json.loads(output["OutputValue"]), "version": deployed})
    definitions = [drawn] if drawn else []
    page = seen(ConsoleClient(Console(Session(), definitions)))
    assert bool([text for text in page.texts("p", class_="soft") if "another version" in text]) == noted


def test_without_a_definition_the_page_says_how_to_give_one(operations: ControlOperations) -> None:
    del operations
    page = seen(ConsoleClient(Console(Session())))
    assert not [one for one in page.all("g") if "data-task" in one.attrib]
    assert "--definition MODULE:SAGA" in page.texts("code")


def test_nothing_that_a_saga_says_is_taken_for_html(
    browser: ConsoleClient, world: World, operations: ControlOperations
) -> None:
    world.shop.answer = {EVIL: EVIL}
    world.call(payload("reserve", saga_id="t-2", first=True, given={"name": EVIL}))
    operations.context.sagas.mark_stuck(SagaKey("order", "t-2"), ["goods"], EVIL)
    page = seen(browser, "/sagas/dev-Order/order/t-2")
    assert [*page.all("script")] == []
    assert [text.count(EVIL) for text in page.texts("pre")] == [1, 2]
    assert EVIL in words(page.one("dl"))
    assert [*seen(browser, "/").all("script")] == []


def test_what_is_not_there_is_said_plainly(browser: ConsoleClient) -> None:
    for path, text in {
        "/sagas/dev-Order/order/nobody": "the ledger has no saga 'nobody'",
        "/sagas/dev-Order/trip/t-1": "no saga 'trip' is deployed",
        "/nowhere": "There is no such page.",
        f"{HERE}/explode": "There is no such page.",
    }.items():
        answer = browser.get(path)
        assert answer.status_code in (400, 404)
        assert text in words(Page(answer.text).one("p", role="alert"))
