"""The runtime and the plan, broken on purpose: the classic mistakes of sagas, each in a few lines.

Each function breaks one thing until the test is over; its docstring says what is wrong with it then.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest

from simulation import deeds
from simulation.mutants import handlers, ledger, plan, publishing
from simulation.search import SAME_LATER, STYLES, YES, Scenario, skipped
from simulation.shapes import saga

Mutant = Callable[[pytest.MonkeyPatch], None]


def usual(shape: str) -> Sequence[Scenario]:
    """What a saga of this shape may live through, with further attempts and without."""
    last = saga(shape).all_steps[-1].name
    given = ({}, {"rejected": [last]}, {"broken": ["b.action"]})
    return [Scenario(shape, style, asked, attempts=n) for asked in given for style in STYLES for n in (0, 2)]


def answered(**given: object) -> Sequence[Scenario]:
    """An orchestrated saga whose second step waits: no message comes back that would set it going again."""
    return [Scenario("TT?T", "orchestrated", {"pending": ["b"], **given}, attempts=0)]


def doing(deed: str) -> Sequence[Scenario]:
    """Sagas of which one handler does a deed."""
    return [Scenario("TX", style, given, attempts=1) for given in deeds.requests("TX", (deed,)) for style in STYLES]


MUTANTS: Final[Mapping[Mutant, Sequence[Scenario]]] = {
    ledger.no_tombstone: usual("TTT"),
    ledger.business_condition_first: usual("TTT"),
    plan.failing_step_not_compensated: usual("TTT"),
    plan.oldest_first: usual("TTT"),
    publishing.publish_before_commit: usual("TTT"),
    publishing.failed_entry_count_ignored: usual("TTT"),
    publishing.no_repetition_after_a_crash: usual("TTT"),
    publishing.errors_swallowed: usual("TTT"),
    publishing.dead_letter_not_published: usual("TTT"),
    ledger.undone_twice: usual("TTT"),
    ledger.success_for_a_late_action: usual("TTT"),
    ledger.no_fences: usual("TTT"),
    ledger.duplicate_taken_for_a_failure: usual("TTT"),
    ledger.settled_early: usual("XX"),
    ledger.lease_not_waited_for: usual("XX"),
    ledger.lease_without_grace: usual("XX"),
    ledger.claim_kept_on_raise: usual("XX"),
    ledger.last_error_dropped: usual("TT"),
    ledger.throttle_counted: usual("TT"),
    ledger.undo_claim_forgets: usual("XX"),
    ledger.completed_whatever_happened: usual("XX"),
    ledger.pivot_not_recorded: usual("TX!T"),
    publishing.counted_at_every_delivery: usual("TT"),
    publishing.published_by_copies: [Scenario("T(T|X)", "choreographed")],
    publishing.not_published_again: usual("TT"),
    publishing.not_known_as_published: usual("TT"),
    publishing.description_believed: usual("TT"),
    publishing.joined_too_early: usual("T(T|T)"),
    ledger.late_where_nothing_is_undone: usual("TT°T"),
    ledger.given_up_and_forgotten: usual("TTT~"),
    ledger.skipped_and_forgotten: skipped("TT"),
    handlers.rejected_while_compensating: doing("raises Rejected"),
    handlers.any_compensation_is_done: doing("returns a list"),
    handlers.command_shared_with_its_handler: doing("changes its command"),
    handlers.numbers_as_they_come: doing("raises Rejected"),
    plan.not_looked_at_again: answered(answers=[["b", *YES]], forgotten=True),
    publishing.unstuck_by_an_answer: answered(
        answers=[["b", *YES], ["b", *SAME_LATER]], rejected=["c"], broken=["b.compensation"]
    ),
}
"""Each mistake, and scenarios in which a single fault, or none, shows it."""

OF_DEAD_LETTERS: Final[Mapping[Mutant, str]] = {publishing.copies_kept: "TT", publishing.dead_letter_not_taken: "TT"}
"""Mistakes that show when dead letters are redriven without success while everything is delivered twice, and in which
saga."""
