"""Every page of the console and the report in a real browser: readable, as wide as the window, told without colour."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from typer.testing import Result

from cli.browser.conftest import OTHER_STYLE, SAGAS, STATES, Past, Tab

PAGES = (
    "/",
    "/?state=STUCK",
    "/?state=PARTIALLY_COMPENSATED",
    *(f"{SAGAS}/{state}" for state in STATES),
    *(f"{OTHER_STYLE}/{state}" for state in ("running", "skipped", "stuck")),
    *(f"{SAGAS}/{operation}" for operation in ("running/cancel", "stuck/resume", "stuck/skip", "completed/retry")),
    *(f"{SAGAS}/waiting/{operation}" for operation in ("complete", "reject")),
    "/queues/dev-Order/order",
)
LEAST = 4.5
"""Contrast of text, WCAG 2.2, 1.4.3."""
READABLE = Path(__file__).with_name("readable.js").read_text()
ENDINGS = {"completed", "compensated", "stuck", "skipped"}
SIGNS = """[...document.querySelectorAll('main .said')].map((said) => [
    said.innerText.trim(), [...said.querySelectorAll('path')].filter((path) => path.getBoundingClientRect().width)
    .map((path) => path.getAttribute('d')).join(' ')])"""
BARS = """[...document.querySelectorAll('.bars .work, .bars .waiting')].map((bar) => {
    const style = getComputedStyle(bar.querySelector('rect'));
    return [bar.classList[2], style.strokeDasharray, style.fill]})"""
WIDE = {"width": 1200, "height": 3000}
NARROW = {"width": 360, "height": 740}
EVERY = 2000
"""Milliseconds after which a page looks again."""
Opens = Callable[..., Tab]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(tab: Opens, scheme: str) -> None:
    seen = tab(color_scheme=scheme, viewport=WIDE)
    read, faint = set[str](), list[tuple[str, str, float]]()
    for path in (*PAGES, "/nowhere"):
        seen.open(path)
        _unfold(seen)
        assert seen.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        texts = seen.page.evaluate(READABLE)
        seen.photograph(path, scheme)
        faint += [(path, text, round(ratio, 2)) for text, ratio in texts if ratio < LEAST]
        read |= {text for text, _ in texts}
    assert faint == []
    # Of each kind: a state, an outcome, a box of the picture, an order, a field, what it suggests, what was unfolded.
    assert read >= {"stuck", "rejected", "reserve", "saga.stuck", "resume …", "15m", '{"by": "Ada"}', "no credit"}


def test_a_page_is_as_wide_as_a_narrow_window(tab: Opens) -> None:
    seen = tab(viewport=NARROW)
    for path in PAGES:
        seen.open(path)
        _unfold(seen)
        assert seen.page.evaluate("document.documentElement.scrollWidth") == NARROW["width"], path
        seen.photograph(path, "narrow")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("zoo")
def test_a_report_asks_for_nothing_and_can_be_read(
    tab: Opens, run: Callable[..., Result], tmp_path: Path, scheme: str
) -> None:
    seen = tab(color_scheme=scheme, viewport=WIDE)
    for state in ("stuck", "waiting", "skipped"):
        file = tmp_path / f"{state}.html"
        assert run("report", "order", state, "--stack", "dev-Order", "-o", str(file)).exit_code == 0
        seen.page.goto(file.as_uri())
        _unfold(seen)
        texts = seen.page.evaluate(READABLE)
        seen.photograph("report", state, scheme)
        assert [(text, ratio) for text, ratio in texts if ratio < LEAST] == []
        assert {text for text, _ in texts} >= {"goods", "card", "note"}
    assert seen.said == []
    assert {url.rpartition("/")[2] for url in seen.asked} == {"stuck.html", "waiting.html", "skipped.html"}


def test_no_colour_is_needed_to_tell_endings_and_outcomes(tab: Opens) -> None:
    seen = tab()
    told: dict[str, set[str]] = {}
    for path in ("/", *(f"{SAGAS}/{state}" for state in STATES)):
        seen.open(path)
        for words, shape in seen.page.evaluate(SIGNS):
            told.setdefault(words, set()).add(shape)
    assert told.keys() >= ENDINGS | {
        "running",
        "compensating",
        "waiting for an answer",
        "done",
        "rejected",
        "not begun",
    }
    assert {words: len(shapes) for words, shapes in told.items() if len(shapes) != 1} == {}
    assert len({shape for words in ENDINGS for shape in told[words]}) == len(ENDINGS)


def test_no_colour_is_needed_to_tell_work_from_waiting(tab: Opens) -> None:
    seen = tab()
    looks: set[tuple[str, ...]] = set()
    for state in ("running", "waiting", "completed"):
        seen.open(f"{SAGAS}/{state}")
        looks |= {tuple(look) for look in seen.page.evaluate(BARS)}
    by_name = {name: (dashes == "none", filled == "none") for name, dashes, filled in looks}
    assert by_name == {"work": (True, False), "waiting": (False, True)}


def test_a_page_follows_its_saga_by_itself(tab: Opens, address: str, past: Past) -> None:
    page = tab().page
    page.clock.install()
    page.goto(f"{address}{SAGAS}/back")
    expect(page.locator(".state")).to_have_text("compensating")
    past.release("back")
    page.clock.run_for(EVERY)
    expect(page.locator(".state")).to_have_text("compensated")
    expect(page.locator("footer")).not_to_contain_text("Looks again")


def _unfold(seen: Tab) -> None:
    seen.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
