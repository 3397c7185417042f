"""What an outage sends and what it reports, without one."""

from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest

from outage import report
from outage.plan import KINDS, STYLES, Sent, plan
from outage.run import Outcome, found, unexpected
from soak.checks import Wrong
from soak.scene import Scene


def test_every_kind_is_sent_in_every_style_and_those_meanwhile_in_each_round() -> None:
    sent = plan(rounds=3)
    counted = Counter((one.kind.when, one.kind.example.name, one.kind.how, one.saga.style) for one in sent)
    assert counted == {
        (kind.when, kind.example.name, kind.how, style): 3 if kind.when == "during" else 1
        for kind in KINDS
        for style in STYLES
    }
    assert len({one.saga.id for one in sent}) == len(sent)


def test_whoever_starts_before_it_says_what_the_ledger_has_to_say_first() -> None:
    assert all(bool(kind.once) is (kind.when == "before") for kind in KINDS)


def test_a_provider_that_is_silent_before_it_is_silent_to_one_saga_only() -> None:
    provider_modes = {one.saga.id: one.saga.provider_modes for one in plan(rounds=1) if one.kind.mode}
    assert provider_modes
    assert all([mode.match for mode in found] == [saga_id] for saga_id, found in provider_modes.items())


def as_planned() -> Outcome:
    """An outage in which everything happened as it had to."""
    sent = plan(rounds=1)
    return Outcome(
        scene=cast(Scene, SimpleNamespace(counts=Counter({"start": len(sent), "events heard": 1234}))),
        sent=sent,
        down=3600.4,
        waited={one.key: one.kind.stuck_at for one in sent if one.kind.stuck_at},
        dead_letters=9,
        helped=18.0,
        ends={one.key: one.kind.ends for one in sent},
    )


def told(outcome: Outcome) -> list[tuple[Any, str]]:
    return [(wrong.saga, wrong.what) for wrong in unexpected(outcome)]


def test_an_outage_that_went_as_planned_is_told_with_its_figures() -> None:
    outcome = as_planned()
    assert told(outcome) == []
    page = report.page(outcome)
    waited = len(outcome.waited)
    for words in (
        f"{len(outcome.sent)} sagas, on ",
        "Both were down for 3,600 s.",
        f"Then {waited} sagas waited for an operator, and 9 messages were dead letters. 18 s later all",
        "Wrong: 0.",
        "| while it lasts | order | started and cancelled | `payment` | `COMPENSATED` | 2 |",
        "| after it | trip | started |  | `COMPLETED` | 2 |",
        "| events heard | 1,234 |",
    ):
        assert words in page, page
    assert sum(found(outcome).values()) == len(outcome.sent)


def of(outcome: Outcome, how: str) -> Sent:
    return next(one for one in outcome.sent if one.kind.how == how)


@pytest.mark.parametrize(
    ("how", "waited", "ended", "words"),
    [
        ("its payment is at work", "", "COMPENSATED", "waited for an operator at no step, not at payment"),
        ("its payment is at work", "notice", "COMPENSATED", "waited for an operator at notice, not at payment"),
        ("done", "hotel", "COMPLETED", "waited for an operator at hotel, not at none"),
        ("done", "", "COMPENSATED", "ended as COMPENSATED, not as COMPLETED"),
        ("done", "", "", "ended as nothing, not as COMPLETED"),
    ],
)
def test_what_did_not_go_as_planned_is_wrong_and_counted(how: str, waited: str, ended: str, words: str) -> None:
    outcome = as_planned()
    one = of(outcome, how)
    for kept, value in ((outcome.waited, waited), (outcome.ends, ended)):
        kept.pop(one.key, None)
        kept.update({one.key: value} if value else {})
    assert told(outcome) == [(one.key, words)]
    outcome.wrong += [Wrong(words, one.key)]
    assert "Wrong: 1." in report.figures(outcome)
