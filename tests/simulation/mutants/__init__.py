"""The runtime and the plan, broken on purpose: the classic mistakes of sagas, each in a few lines.

Each function breaks one thing until the test is over; its docstring says what is wrong with it then.
"""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from simulation.mutants import ledger, plan, telling

MUTANTS: Final[Mapping[Callable[[pytest.MonkeyPatch], None], str]] = {
    ledger.no_tombstone: "TTT",
    ledger.business_condition_first: "TTT",
    plan.failing_step_not_compensated: "TTT",
    plan.oldest_first: "TTT",
    telling.publish_before_commit: "TTT",
    telling.failed_entry_count_ignored: "TTT",
    telling.no_repetition_after_a_crash: "TTT",
    telling.errors_swallowed: "TTT",
    telling.dead_letter_not_told: "TTT",
    ledger.undone_twice: "TTT",
    ledger.success_for_a_late_action: "TTT",
    ledger.no_fences: "TTT",
    ledger.duplicate_taken_for_a_failure: "TTT",
    ledger.settled_early: "XX",
    ledger.lease_not_waited_for: "XX",
    ledger.lease_without_grace: "XX",
    ledger.undo_claim_forgets: "XX",
    ledger.completed_whatever_happened: "XX",
    ledger.pivot_not_recorded: "TX!T",
    telling.joined_too_early: "T(T|T)",
    ledger.late_where_nothing_is_undone: "TT°T",
    ledger.left_behind_and_forgotten: "TTT~",
}
"""Each mistake, and the shape of a saga that shows it."""
