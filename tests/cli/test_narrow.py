"""A list in terminals of any width: no id and no state is ever cut."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console
from typer.testing import Result

from saga_cli.views import list_view
from saga_runtime.client import ListedSaga
from shop import payload
from world import World

Run = Callable[..., Result]
UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
LONGEST = "trip-" + "0123456789" * 7
ALL = ["saga", "id", "state", "started", "took", "stands at"]
SPARING = ["saga", "id", "state", "stands at"]


def listed(saga_id: str, words: str, *, saga: str = "order", ended: float | None = None, at: str = "") -> ListedSaga:
    return ListedSaga(
        saga=saga,
        id=saga_id,
        version="v1",
        state="",
        words=words,
        started=1_800_000_000.0,
        ended=ended,
        deadline=None,
        stuck_at=at,
        error="",
    )


WIDE = [
    listed("business-trip-2026-11-24-0042", "running, past its pivot", saga="business-trip-by-events"),
    listed(UUID, "stuck", at="payment,shipping-confirmation"),
    listed("o-8842", "compensated", ended=1_800_012_345.0),
]
SMALL = [listed("o-1", "completed", ended=1_800_000_003.0), listed("o-2", "stuck", at="payment")]


def lines(found: list[ListedSaga], width: int) -> list[str]:
    terminal = io.StringIO()
    Console(file=terminal, width=width, highlight=False).print(list_view(found, "account 1"))
    where, *table = [line.rstrip() for line in terminal.getvalue().splitlines()]
    assert where == "account 1"
    return table


def columns(heading: str) -> list[str]:
    return [name for name in ALL if name in heading]


def column(shown: list[str], name: str, following: str) -> str:
    """Everything below a heading, as one text."""
    begin, end = shown[0].index(name), shown[0].index(following)
    return " ".join(filter(None, (line[begin:end].strip() for line in shown[1:])))


@pytest.mark.parametrize(("width", "names"), [(80, SPARING), (200, ALL)])
def test_ids_stay_whole_and_states_unabridged_where_times_are_left_out(width: int, names: list[str]) -> None:
    shown = lines(WIDE, width)
    assert columns(shown[0]) == names
    assert column(shown, "id", "state").split() == [one.id for one in WIDE]
    following = names[names.index("state") + 1]
    assert column(shown, "state", following) == " ".join(one.words for one in WIDE)
    assert max(map(len, shown)) <= width


def test_what_has_room_is_shown_whole_on_a_line_each() -> None:
    assert lines(SMALL, 80) == [
        "saga   id   state      started               took  stands at",
        "order  o-1  completed  2027-01-15 08:00:00Z  3 s",
        "order  o-2  stuck      2027-01-15 08:00:00Z        payment",
    ]
    assert len(lines(WIDE, 200)) == 1 + len(WIDE)


def test_how_long_it_took_is_spared_before_when_it_started() -> None:
    seen = [columns(lines([listed(UUID, "stuck", at="payment")], width)[0]) for width in (79, 78, 73, 72)]
    assert seen == [ALL, *[[name for name in ALL if name != "took"]] * 2, SPARING]


@pytest.mark.parametrize("width", range(40, 81))
def test_an_id_longer_than_there_is_room_goes_on_below(width: int) -> None:
    shown = lines([listed(LONGEST, "compensated")], width)
    assert column(shown, "id", "state").replace(" ", "") == LONGEST
    assert column(shown, "state", "stands at").replace(" ", "") == "compensated"
    assert max(map(len, shown)) <= width


@pytest.mark.usefixtures("operations")
@pytest.mark.parametrize("width", [80, 200])
def test_the_command_keeps_to_the_terminals_width(run: Run, world: World, width: int) -> None:
    world.call(payload("reserve", saga_id=LONGEST[:45], first=True))
    shown = run("list", "order", env={"COLUMNS": str(width)}).stdout.splitlines()
    assert any(LONGEST[:45] in line and "running" in line for line in shown)
    assert max(len(line.rstrip()) for line in shown) <= width
