"""The figures, for the terminal and for the manual."""

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from outage.run import Outcome, found

WHEN: Final = {"before": "before it", "during": "while it lasts", "after": "after it"}
INTRODUCTION: Final = """\
# An outage

Something is down for an hour: what becomes of the sagas? `make outage` deploys the three sagas of the example in both
styles on the local AWS, starts some, and takes two participants down: the provider that transfers, payments and notices
ask fails every request, and the hotels' function dies at every call. More are started while that lasts, one is
approved, some are cancelled, and halfway a nervous operator redrives and resumes everything, without success. When
both are mended, the [runbook](runbook.md) is followed: redrive the dead letters, resume what is `STUCK`. A run that
finds anything wrong writes nothing and tells the whole story of each saga concerned.
"""
CHECKED: Final = """\
Both styles did the same. Nothing was lost, and nothing was left half done: of every saga the ledger, the participants'
tables, the providers' books, the customer's message and the events on the bus were compared as [the soak](soak.md)
does.

- A saga before its pivot uses its attempts up and goes back as far as it can. What the hotels never booked needs no
  hotel to be undone: the step is fenced in the ledger, so these sagas ended while the function was still down.
- Of an order that the provider got and did not answer nobody knows whether it was placed. Its compensation is the
  provider's too, so it waits for an operator as `STUCK`; and so does a step past the pivot, on forward execution.
- That an order's deadline of an hour is over meanwhile does not matter then: it keeps actions before the pivot from
  beginning, and nothing else.
"""


def figures(outcome: Outcome) -> str:
    """The tables in which everything was counted."""
    return "\n".join((_machine(outcome), "", *_sagas(outcome), "", *_counts(outcome)))


def page(outcome: Outcome) -> str:
    """The page of the manual."""
    return "\n".join((INTRODUCTION, "## What came of it", "", figures(outcome), "", CHECKED))


def _machine(outcome: Outcome) -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {len(outcome.sent)} sagas, on {os.cpu_count()} processors"
        f" ({platform.machine()}), Python {platform.python_version()}. Both were down for {outcome.down:,.0f} s.\n"
        f"Then {len(outcome.waited)} sagas waited for an operator, "
        f"and {outcome.dead_letters} messages were dead letters."
        f" {outcome.helped:,.0f} s later all\nhad ended, those too that were started after it."
        f" Wrong: {len(outcome.wrong)}."
    )


def _sagas(outcome: Outcome) -> Iterator[str]:
    yield "| started | saga | | waited for an operator at | ended | sagas |"
    yield "| --- | --- | --- | --- | --- | ---: |"
    for (example, when, how, waited, ended), count in found(outcome).items():
        at = f"`{waited}`" if waited else ""
        yield f"| {WHEN[when]} | {example} | {how} | {at} | `{ended}` | {count} |"


def _counts(outcome: Outcome) -> Iterator[str]:
    yield "| what happened | times |"
    yield "| --- | ---: |"
    yield from (f"| {what} | {count:,} |" for what, count in sorted(outcome.scene.counts.items()))
