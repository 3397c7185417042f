"""Time in the console: which bars there are, where they lie, and what they are called."""

from typing import Any

import pytest

from saga_cli.console.icons import ICONS
from saga_cli.console.timeline import duration, timeline
from saga_runtime.client import Status, StepStatus, words

NOTHING: Any = dict.fromkeys(("began", "ended", "due", "until", "undo_began", "undo_ended"))


def step(name: str, outcome: str, **times: float) -> StepStatus:
    known: Any = {"attempts": 1, "undo_attempts": 0, "result": None, "error": "", "undoable": True, **NOTHING, **times}
    return StepStatus(step=name, outcome=outcome, **known)


def saga(
    *steps: StepStatus, state: str = "RUNNING", ended: float | None = None, stuck_since: float | None = None
) -> Status:
    texts: Any = dict.fromkeys(("version", "style", "why", "failed_at", "next"), "")
    return Status(
        saga="order", id="t-1", state=state, words=words.STATES[state], started=100.0, ended=ended, deadline=None,
        stuck_since=stuck_since, at=(), operations=(), input=None, steps=steps, **texts,
    )  # fmt: skip


def bars(status: Status, now: float = 110.0) -> list[list[tuple[str, str, float, float]]]:
    return [[(bar.way, bar.look, bar.left, bar.width) for bar in drawn] for _, drawn in timeline(status, now).rows]


def test_an_action_and_its_compensation_are_bars_with_what_came_before_each() -> None:
    done = step("card", "undone", began=102, ended=104, undo_began=108, undo_ended=110)
    assert bars(saga(done, state="COMPENSATED", ended=110)) == [
        [
            ("action", "queued", 0, 20),
            ("action", "work", 20, 20),
            ("compensation", "queued", 40, 40),
            ("compensation", "work", 80, 20),
        ]
    ]


def test_what_is_recorded_when_it_is_done_is_a_moment() -> None:
    assert bars(saga(step("goods", "done", ended=105)))[0][-1] == ("action", "moment", 50, 0)


def test_a_step_at_work_goes_on_until_now() -> None:
    line = timeline(saga(step("card", "at work", began=105)), 115.0)
    ((_, (_, bar)),) = line.rows
    assert (bar.look, bar.left + bar.width, bar.open) == ("work", 100, True)
    assert bar.told == "action: at work, so far, 10 s"


def test_a_step_that_waits_for_an_answer_is_told_from_one_at_work() -> None:
    asked = step("card", "waiting for an answer", began=105, due=500)
    assert bars(saga(asked))[0][-1] == ("action", "waiting", 50, 50)
    answered = step("card", "done", began=105, ended=110, due=500)
    assert bars(saga(answered))[0][-1] == ("action", "waiting", 50, 50)


def test_an_action_whose_end_nobody_recorded_lasts_until_it_is_undone() -> None:
    silent = step("card", "undone", began=102, undo_ended=110)
    assert bars(saga(silent, state="COMPENSATED", ended=110))[0][1] == ("action", "broken", 20, 80)


def test_a_saga_that_is_stuck_does_not_stretch_until_now() -> None:
    line = timeline(saga(step("card", "done", began=100, ended=110), state="STUCK"), 1_000_000.0)
    assert line.ticks == ((0, "0 s"), (20, "2 s"), (40, "4 s"), (60, "6 s"), (80, "8 s"), (100, "10 s"))


def test_the_axis_of_a_stuck_saga_ends_when_it_got_stuck() -> None:
    line = timeline(saga(step("card", "done", ended=102), state="STUCK", stuck_since=110.0), 1_000_000.0)
    assert line.ticks[-1] == (100, "10 s")


def test_the_time_in_which_a_saga_was_stuck_is_no_work() -> None:
    resumed = step("card", "undone", undo_began=100, stuck=102, resumed=108, undo_ended=110)
    seen = saga(resumed, state="COMPENSATED", ended=110)
    assert bars(seen) == [
        [
            ("compensation", "work", 0, 20),
            ("compensation", "queued", 20, 60),
            ("compensation", "work", 80, 20),
        ]
    ]
    assert timeline(seen, 110.0).rows[0][1][1].told == "compensation: stuck, 6 s"


def test_a_saga_of_which_nothing_is_known_yet_has_an_axis() -> None:
    line = timeline(saga(step("card", "not begun")), 100.0)
    assert (line.rows[0][1], line.ticks[0]) == ((), (0, "0 s"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.2, "200 ms"),
        (1, "1 s"),
        (59.94, "59.9 s"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (273_600, "3 d 4 h"),
    ],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_every_word_of_the_client_has_a_sign() -> None:
    items: list[Any] = [
        {}, {"fence": 1}, {"st": "STARTED", "lease": 0}, {"st": "STARTED", "lease": 9}, {"st": "DONE"},
        {"st": "FAILED"}, {"st": "PENDING", "due": 9}, {"st": "PENDING", "due": 0}, {"st": "PENDING", "fence": 1},
        {"st": "UNDOING", "prev": "NONE"}, {"st": "UNDOING", "ulease": 9}, {"st": "UNDOING", "ulease": 0},
        {"st": "UNDONE"}, {"st": "UNDONE", "skipped": "x"}, {"st": "VOID"},
    ]  # fmt: skip
    told = {*words.STATES.values(), *(words.outcome(item, 0.005) for item in items)}
    assert told - ICONS.keys() == set()


def test_endings_are_told_by_outline_and_by_mark_without_colour() -> None:
    signs = [ICONS[words.STATES[state]] for state in ("COMPLETED", "COMPENSATED", "STUCK", "RUNNING")]
    assert len({sign.mark for sign in signs}) == 4
    assert len({sign.shape for sign in signs[:3]}) == 3
    assert len({(sign.shape, sign.mark) for sign in map(ICONS.get, words.STATES.values()) if sign}) == 6
