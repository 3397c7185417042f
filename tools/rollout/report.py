"""The figures, for the terminal and for the manual."""

import os
import platform
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from rollout.plan import KINDS, Planned
from rollout.run import Outcome

INTRODUCTION: Final = """\
# Deployments under load

What becomes of sagas when several deployments follow each other while they run? `make rollout` starts the same sagas in
both styles without a pause on the local AWS, and deploys around them with the real CDK command line. The starters keep
the output of the first deployment and are never deployed again. Many sagas wait for an answer, so that they outlast
deployments; others are rejected, fail, or are cancelled. A run that finds anything wrong writes nothing, and shows what
the ledger has of each saga concerned.
"""
CHECKED: Final = """\
## What is checked

Of every saga that was started, at the end:

- It is in the one ending that its kind has to have, and the bus heard that ending and no other.
- The participant's rows are exactly those of the steps of the definition that it began with for `COMPLETED`, and none
  for `COMPENSATED`. A row cannot be written twice; the ledger has the same steps as done.

No queue and no dead-letter queue holds a message, no execution runs, and no row belongs to anything else.

## What is not shown

- The local EventBridge applies a changed rule at once and to all events; AWS takes a moment. The order in which rules,
  queues and the alias change is tested on the templates (`tests/stacks/test_previous_versions.py`).
- Deployments at any moment between two requests, a replaced ledger, another style and functions under other names are
  searched in the simulator (`tests/simulation/test_deployments.py`).
- The rate says nothing of AWS: all functions, queues and tables share the processors named above.
"""


def figures(outcome: Outcome) -> str:
    """The tables."""
    tables = (_deployments(outcome), _sagas(outcome), _began(outcome), _calls(outcome))
    return "\n".join((_machine(outcome), *(line for table in tables for line in ("", *table))))


def page(outcome: Outcome) -> str:
    """The page of the manual."""
    return "\n".join((INTRODUCTION, "## What came of it", "", figures(outcome), "", CHECKED))


def crossed(outcome: Outcome, saga: Planned) -> int:
    """How many deployments began and ended while the saga ran."""
    end = int(outcome.states[saga.key].meta.get("end", 0)) if saga.key in outcome.states else 0
    return sum(outcome.begun[saga] < one.begun and one.ended < end for one in outcome.deployments)


def _machine(outcome: Outcome) -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {len(outcome.begun)} sagas around {len(outcome.deployments)} deployments, on"
        f" {os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}.\n"
        f"All had ended after {outcome.seconds:,.0f} s. Wrong: {len(outcome.wrong)}."
    )


def _deployments(outcome: Outcome) -> Iterator[str]:
    yield "| deployed | seconds | sagas under way when it began | sagas started meanwhile |"
    yield "| --- | ---: | ---: | ---: |"
    for one in outcome.deployments:
        yield f"| {one.release.what} | {one.ended - one.begun:.1f} | {one.under_way} | {one.started} |"


def _sagas(outcome: Outcome) -> Iterator[str]:
    found = Counter(
        (saga.kind.what, saga.name, outcome.states[saga.key].status)
        for saga in outcome.begun
        if saga.key in outcome.states
    )
    yield "| what happens to it | saga | ended | sagas | outlasted so many deployments, at most |"
    yield "| --- | --- | --- | ---: | ---: |"
    order = [kind.what for kind in KINDS]
    for (what, name, ended), count in sorted(found.items(), key=lambda one: (order.index(one[0][0]), one[0])):
        most = max(crossed(outcome, saga) for saga in outcome.begun if (saga.kind.what, saga.name) == (what, name))
        yield f"| {what} | {name} | `{ended}` | {count} | {most} |"


def _began(outcome: Outcome) -> Iterator[str]:
    """By version, and by the release of the code that wrote what is there."""
    versions = Counter(
        (saga.name, str(outcome.states[saga.key].meta.get("v"))) for saga in outcome.begun if saga.key in outcome.states
    )
    yield "| began with, or wrote | times |"
    yield "| --- | ---: |"
    yield from (f"| {name} by version `{version}` | {count} |" for (name, version), count in sorted(versions.items()))
    yield from (f"| rows written by code {release} | {count} |" for release, count in sorted(outcome.rows.items()))


def _calls(outcome: Outcome) -> Iterator[str]:
    yield "| calls of starters and operators | times |"
    yield "| --- | ---: |"
    yield from (f"| {what} | {count:,} |" for what, count in sorted(outcome.counts.items()))
