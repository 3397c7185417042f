"""What holds for a saga whose ledger was emptied or restored to an earlier moment while it was under way.

The ledger's own rules do not: what it says may be less than what has happened. What is published must be so all the
same, except where an ending or a question is taken back: then no command is left that knows more than the ledger, and
only the participants' tables, restored to the same moment, agree with it (``docs/runbook.md``, "A ledger that forgot").
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cdk_saga.definition import NOTHING_TO_UNDO
from cdk_saga.testing.run import TOLD_AS, Run
from cdk_saga.testing.world import LEDGER


def of_a_forgotten_ledger(run: Run, amounts: Sequence[tuple[str, int]]) -> Iterator[str]:
    """What the run did that no run with such a ledger may do, in words.

    Args:
        run: a finished run.
        amounts: every change of an effect: the step and 1 when it appeared, -1 when it was undone.
    """
    if run.endless:
        yield "the saga goes on for ever"
    if _takes_back(run):
        return
    counts: Counter[str] = Counter()
    for step, amount in amounts:
        counts[step] += amount
    if wrong := [step for step, count in counts.items() if count not in (0, 1)]:
        yield f"the effects of {wrong} are there more than once, or were undone without having been there"
    left = [step.name for step in run.saga.all_steps if counts[step.name] and step.compensation is not NOTHING_TO_UNDO]
    published = [event.detail_type for event in run.announced if event.detail_type in TOLD_AS.values()]
    yield from _of_what_was_published(run, published[-1] if published else "", counts, left)


def _takes_back(run: Run) -> bool:
    """Whether the restored ledger has a saga under way that had ended, or does not know of a step that waits."""
    ends = {ending for ending in TOLD_AS if ending != "STUCK"}
    restored = [one for one in run.world.dynamodb.changes if one.table == LEDGER and one.restored]
    metas = [one for one in restored if one.key[-1] == "META" and one.new]
    ended = any(_state(one.old) in ends and _state(one.new) not in ends for one in metas)
    asked = any(_state(one.old) == "PENDING" != _state(one.new) for one in restored)
    return ended or (bool(metas) and asked)


def _state(item: Mapping[str, Any] | None) -> str:
    return str(item["st"]["S"]) if item else ""


def _of_what_was_published(run: Run, last: str, counts: Mapping[str, int], left: Sequence[str]) -> Iterator[str]:
    missing = [step.name for step in run.saga.all_steps if counts.get(step.name, 0) != 1]
    if not last and left:
        yield f"the saga is lost: the effect of {left} is there, and nothing was published"
    if last == TOLD_AS["COMPLETED"] and missing:
        yield f"{last} was published without the effect of {missing}"
    if last == TOLD_AS["COMPENSATED"] and left:
        yield f"{last} was published, but the effect of {left} is still there"
    if last == TOLD_AS["STUCK"] and not (run.dead_letters or any("Stuck" in metric for metric in run.metrics)):
        yield "the saga is stuck and no alarm rang"
