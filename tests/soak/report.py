"""The figures, for the terminal and for the manual."""

import os
import platform
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from soak.run import Outcome
from soak.scene import EXAMPLES

ENDINGS: Final = ("COMPLETED", "COMPENSATED", "PARTIALLY_COMPENSATED", "STUCK")
SAGAS: Final = [f"{example.name}{style}" for example in EXAMPLES for style in ("", "-by-events")]
INTRODUCTION: Final = """\
# The soak

All three sagas of the example in both styles, on the local AWS, most of them in trouble: `make soak` draws it, runs it,
waits until nothing moves, checks, and writes this page. A run that finds anything wrong writes nothing and tells the
whole story of each saga concerned.

Who takes part: customers who start sagas, a limited number at a time, cancel some and start some twice; somebody who
is asked to approve every other business trip, and says yes, no, yes twice, both, something too late, or nothing;
providers that refuse, break down, and stay silent; an environment in which functions crash at a write of the ledger and
are called twice; vandals who kill all processes of a function at any moment and steal messages from queues; an operator
who looks every few seconds and does what the [runbook](runbook.md) says. For some sagas nobody mends the cause: they
have to be `STUCK` at the end, and to have a dead letter where the style has one.
"""
CHECKED: Final = """\
## What was checked

Of every saga, when all was quiet:

- It is in one ending: `COMPLETED`, `COMPENSATED`, `PARTIALLY_COMPENSATED`, or `STUCK` where nobody mended the cause.
  None was lost.
- Each step's effect, in the participant's own table or the provider's books, is there if the ledger says so and else
  is not. All of them for `COMPLETED`, none for `COMPENSATED`, only what an operator forgave for
  `PARTIALLY_COMPENSATED`.
- What was undone was undone in the reverse of the order in which it was done.
- The customer was told how it ended, and the bus heard of that ending and of no other. When the function that ended a
  saga died before it told anybody, and the message that would have repeated that was stolen, this takes the operator:
  `cdk-saga republish` ([Messages were lost](runbook.md#messages-were-lost)) was ordered for just these, counted above.

Of what they share:

- What is left of every stock and what bookings hold of it is what there was; nobody else holds anything.
- No queue holds a message, no execution runs. Each dead letter is a stuck saga's, and each stuck saga of the
  choreographed style has one. Thrown away were only starts that used an id again with another input.

## What is not shown

The local AWS delivers events once and in order, unless told otherwise, and only what the vandals steal is lost.
Faults between any two requests are the [proof](proof.md)'s subject. The rate says nothing of AWS: functions, queues
and tables share the processors named above, and functions have a time-out of 6 s instead of 3, as one that is killed
on a busy machine starts cold and makes it busier. The watchdog, which takes over what has been silent for
longer than any retry lasts ([about an hour by default](at-scale.md#the-watchdog)), was called with 75 seconds.
"""


def figures(outcome: Outcome) -> str:
    """The tables in which everything was counted."""
    return "\n".join((_machine(outcome), "", *_endings(outcome), "", *_troubles(outcome), "", *_counts(outcome)))


def page(outcome: Outcome) -> str:
    """The page of the manual."""
    return "\n".join((INTRODUCTION, "## What came of it", "", figures(outcome), "", CHECKED))


def _machine(outcome: Outcome) -> str:
    count, rate = len(outcome.scene.sagas), len(outcome.scene.sagas) / outcome.started
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, seed {outcome.seed}: {count:,} sagas, {outcome.concurrency} at a time, on"
        f" {os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}.\n"
        f"The last was started after {outcome.started:,.0f} s ({rate:.1f} a second), all was quiet after"
        f" {outcome.seconds:,.0f} s. Wrong: {len(outcome.wrong)}."
    )


def _endings(outcome: Outcome) -> Iterable[str]:
    yield f"| saga | {' | '.join(f'`{ending}`' for ending in ENDINGS)} | together |"
    yield f"| --- |{' ---: |' * (len(ENDINGS) + 1)}"
    for saga in SAGAS:
        found = [outcome.endings[saga, ending] for ending in ENDINGS]
        yield f"| {saga} | {' | '.join(map(str, found))} | {sum(found)} |"


def _troubles(outcome: Outcome) -> Iterable[str]:
    planned = Counter(name for saga in outcome.scene.sagas for name in saga.troubles)
    yield "| planned for a saga | sagas |"
    yield "| --- | ---: |"
    yield f"| nothing | {sum(not saga.troubles for saga in outcome.scene.sagas)} |"
    yield from (f"| {name} | {count} |" for name, count in sorted(planned.items()))


def _counts(outcome: Outcome) -> Iterable[str]:
    yield "| what happened | times |"
    yield "| --- | ---: |"
    yield from (f"| {what} | {count:,} |" for what, count in sorted(outcome.scene.counts.items()))
