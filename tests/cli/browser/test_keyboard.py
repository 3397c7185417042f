"""The console by the keyboard alone, in a real browser: nothing here ever touches a mouse."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cli.browser.conftest import SAGAS, Tab
from world import World

FURTHEST = 60
"""Presses of Tab after which something is out of reach."""
FOCUSED = Path(__file__).with_name("focused.js").read_text()
IN_SIGHT = """() => {
    const box = document.activeElement.getBoundingClientRect();
    return box.width > 0 && box.bottom > 0 && box.top < innerHeight;
}"""
REACHABLE = "a, button, input:not([type=hidden]), select, textarea, summary, [tabindex]"


class Keyboard:
    """Who has no mouse."""

    def __init__(self, tab: Tab) -> None:
        self.page = tab.page

    def walk(self) -> list[str]:
        """All that Tab reaches from the top of the page on; each is in sight and shows that it has the focus."""
        names: list[str] = []
        for _ in range(FURTHEST):
            self.page.keyboard.press("Tab")
            at = self.page.evaluate(FOCUSED)
            if at["tag"] == "BODY":
                return names
            assert at["ring"], at
            self.page.wait_for_function(IN_SIGHT)
            names.append(at["name"])
        raise AssertionError(f"Tab never leaves the page: {names}")

    def choose(self, name: str) -> None:
        """Go to what is called so, press Enter, and be on the page that it leads to."""
        self.go(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def go(self, name: str) -> None:
        """Press Tab until what is called so, or begins so, has the focus."""
        passed: list[str] = []
        for _ in range(FURTHEST):
            self.page.keyboard.press("Tab")
            passed.append(self.page.evaluate(FOCUSED)["name"])
            if passed[-1].startswith(name):
                return
        raise AssertionError(f"{name!r} is out of reach: {passed}")


@pytest.fixture
def keyboard(tab: Callable[..., Tab], address: str) -> Keyboard:
    opened = tab()
    opened.page.goto(f"{address}/")
    return Keyboard(opened)


def test_a_stuck_saga_is_found_and_resumed(keyboard: Keyboard, world: World) -> None:
    page = keyboard.page
    keyboard.choose("stuck")
    expect(page.locator(".state")).to_have_text("stuck")
    keyboard.choose("resume …")
    expect(page.get_by_role("heading", level=1)).to_have_text("resume order stuck?")
    keyboard.choose("Yes, resume it")
    expect(page.locator(".given")).to_contain_text("“resume” was given")
    expect(page.locator(".state")).to_have_text("compensating")
    assert world.published[-1]["DetailType"] == "goods.unknown"
    keyboard.choose("All sagas")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sagas")


def test_a_saga_that_waits_is_answered(keyboard: Keyboard, world: World) -> None:
    page = keyboard.page
    keyboard.choose("waiting")
    expect(page.locator(".state")).to_have_text("waiting for an answer")
    keyboard.choose("complete …")
    keyboard.go("result")
    page.keyboard.type(json.dumps({"by": "Ada"}))
    keyboard.choose("Yes, complete it")
    expect(page.locator(".given")).to_contain_text("“complete” was given")
    assert json.loads(world.item("STEP#0#card", "waiting")["res"])["by"] == "Ada"


def test_an_order_can_be_left_alone(keyboard: Keyboard, world: World) -> None:
    keyboard.choose("running")
    keyboard.choose("cancel …")
    expect(keyboard.page.get_by_role("heading", level=1)).to_have_text("cancel order running?")
    keyboard.choose("No, leave it as it is")
    expect(keyboard.page.locator(".state")).to_have_text("running")
    assert world.meta("running") == "RUNNING"


def test_sagas_are_chosen_by_their_state(keyboard: Keyboard) -> None:
    keyboard.go("state")
    keyboard.page.keyboard.type("stuck")
    keyboard.choose("Show")
    expect(keyboard.page.locator("tbody").first.get_by_role("row")).to_have_count(2)  # of each deployed one
    expect(keyboard.page).to_have_url(re.compile("state=STUCK"))


def test_the_focus_goes_everywhere_and_is_seen_on_its_way(tab: Callable[..., Tab]) -> None:
    seen = tab(viewport={"width": 900, "height": 600})
    for path in ("/", f"{SAGAS}/stuck", f"{SAGAS}/waiting/complete", "/queues/dev-Order/order"):
        seen.open(path)
        assert len(Keyboard(seen).walk()) == seen.page.locator(REACHABLE).count(), path
