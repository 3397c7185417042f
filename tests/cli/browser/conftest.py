"""A real browser in front of a console that is served on this machine, and one saga in each state to look at."""

import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from cdk_saga import NOTHING_TO_UNDO, Saga, Step
from chromium import chromium
from saga_cli.console.app import Console
from saga_cli.console.session import Session
from saga_runtime import Rejected
from saga_runtime.ledger import SagaKey
from saga_runtime.recovery import ControlOperations
from shop import TABLE, payload
from world import World

ORDER = Saga(
    "order",
    [
        Step("goods", participant="shop", action="reserve", compensation="release"),
        Step("card", participant="shop", action="charge", compensation="refund"),
        Step("note", participant="shop", action="note", compensation=NOTHING_TO_UNDO),
    ],
)
SAGAS = "/sagas/dev-Order/order"
OTHER_STYLE = "/sagas/prod-Order/order"
STATES = ("running", "waiting", "committed", "completed", "back", "compensated", "stuck", "skipped")
"""Their ids: one saga in each."""
NO_PAGE = "the server responded with a status of 404"
"""What a browser says of a page that is not there, and rightly."""
SLOWEST = 120_000
"""Milliseconds after which what is waited for does not come, on the slowest of machines."""


class Past:
    """Sagas that began some time ago and went their way; times are seconds from the start."""

    def __init__(self, world: World, operations: ControlOperations) -> None:
        self._world, self._orders, self._begun = world, operations, time.time() - 60

    def call(self, saga_id: str, after: float, handler: str, *positional: str, attempt: int = 1, **task: Any) -> None:
        """Have the shop called, whatever it answers."""
        self._world.clock[0] = self._begun + after
        event: Any = payload(handler, *positional, saga_id=saga_id, **task) | {"attempt": attempt}
        event["saga"]["started"] = int(self._begun)
        try:
            self._world.call(event)
        except (Rejected, TimeoutError):
            return

    def charge(self, saga_id: str, raises: BaseException | None = None, **task: Any) -> None:
        """The first step, then the second, whose earlier attempts have failed."""
        self.call(saga_id, 3.5, "reserve", first=True)
        shop = self._world.shop
        shop.raises, shop.pending = raises, "callback_timeout" in task
        self.call(saga_id, 19, "charge", step="card", attempt=3, **task)
        shop.raises, shop.pending = None, False

    def release(self, saga_id: str) -> None:
        """Compensation's last."""
        self.call(saga_id, 41, "release", "compensation", final=True, ends={"compensated": "COMPENSATED"})

    def mark_stuck(self, saga_id: str) -> None:
        """Nobody can undo the first step."""
        self._orders.context.sagas.mark_stuck(SagaKey("order", saga_id), ["goods"], "TimeoutError: the shop is closed")


@pytest.fixture
def past(operations: ControlOperations, world: World) -> Past:
    world.services.dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "stock"}, "pieces": {"N": "50"}})
    return Past(world, operations)


@pytest.fixture
def zoo(past: Past, operations: ControlOperations, world: World, stacks: Any) -> None:
    """A saga in each state, some dead letters, and the same ledger seen as one of the other style."""
    no_credit = Rejected("no credit")
    past.charge("running", TimeoutError("no answer from the bank"))
    past.charge("waiting", callback_timeout=3600)
    past.charge("committed", pivot=True)
    past.charge("completed", last=True, ends={"succeeded": "COMPLETED"})
    for id in ("back", "compensated", "stuck", "skipped"):
        past.charge(id, no_credit)
    past.release("compensated")
    past.mark_stuck("stuck")
    past.mark_stuck("skipped")
    operations.perform(
        {"operation": "skip", "id": "skipped", "step": "goods", "reason": "given back by hand, ticket 71"}
    )
    past.release("skipped")
    world.clock[0] = time.time()
    (output,) = stacks.pages[0]["Stacks"][0]["Outputs"]
    said = json.loads(output["OutputValue"])
    output["OutputValue"] = json.dumps({**said, "callback_steps": ["card"]})
    for body in (json.dumps(payload("release", "compensation", saga_id="stuck")), "no json"):
        said_so = {"DataType": "String", "StringValue": "saga 'stuck' is stuck at the compensation of 'goods'"}
        reason: Any = {"reason": said_so}
        world.services.sqs.send_message(QueueUrl=said["dead_letters"], MessageBody=body, MessageAttributes=reason)
    stacks.deploy("prod-Order", OrderStart={**said, "style": "orchestrated"})


@pytest.fixture
def address(zoo: None) -> Iterator[str]:
    """Where the console is."""
    del zoo
    listening = socket.create_server(("127.0.0.1", 0))  # who comes before it serves waits
    console = Console(Session(), [ORDER])
    config = uvicorn.Config(console.app, log_level="warning", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    serving.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}{console.root}"
    server.should_exit = True
    serving.join()


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class Tab:
    """A tab of the browser, and what it said and asked for meanwhile."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.said: list[str] = []
        self.asked: list[str] = []
        page.set_default_timeout(SLOWEST)
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def photograph(self, *names: str) -> None:
        """For people, where they asked for it: `make screenshots`."""
        if folder := os.environ.get("SCREENSHOTS"):
            name = re.sub("[^a-z0-9]+", "-", "-".join(names).lower()).strip("-")
            self.page.locator("body").screenshot(path=Path(folder, f"{name}.png"))


@pytest.fixture
def tab(chrome: Browser, address: str) -> Iterator[Callable[..., Tab]]:
    """Opens a tab; options as Playwright's, e.g. ``color_scheme="dark"``. None may complain, or ask another host."""
    opened: list[Tab] = []

    def new(**options: Any) -> Tab:
        opened.append(Tab(chrome.new_page(**options), address))
        return opened[-1]

    yield new
    for one in opened:
        one.page.close()
        assert [text for text in one.said if NO_PAGE not in text] == []
        assert [url for url in one.asked if not url.startswith((f"{address}/", "file:"))] == []
