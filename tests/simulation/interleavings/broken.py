"""The ledger, broken on purpose, and a case whose search shows it."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from simulation.interleavings.cases import Case
from simulation.mutants import ledger, publishing

COPY: Final = "a copy and a crash"
CRASHES: Final = "two crashes"
ASKED: Final = {"pending": ["a"]}
NO: Final = {"rejected": ["b"]}

BROKEN: Final[Mapping[Callable[[pytest.MonkeyPatch], None], Case]] = {
    ledger.no_tombstone: Case("TT", "caught, and a copy", {}),
    ledger.no_fences: Case("TTT", "cancelled, and a crash", {}),
    ledger.undone_twice: Case("TTT", COPY, {"rejected": ["c"]}),
    ledger.success_for_a_late_action: Case("TT", COPY, {}),
    ledger.lease_not_waited_for: Case("X", COPY, {}),
    ledger.lease_ignored: Case("X", COPY, {}),
    ledger.undo_claim_forgets: Case("XT", CRASHES, NO),
    ledger.settled_early: Case("XX", CRASHES, NO),
    ledger.completed_whatever_happened: Case("XX", "cancelled, and a copy", {}),
    ledger.pivot_not_recorded: Case("T!T", CRASHES, {}),
    publishing.dead_letter_not_published: Case("T", CRASHES, {}),
    publishing.turned_in_the_middle: Case("XX", COPY, {}),
    publishing.resumed_without_looking: Case("T!T", "stuck and resumed", {}),
    ledger.skipped_and_forgotten: Case("TT", "stuck and skipped", NO),
    publishing.joined_too_early: Case("(T|T)", COPY, {}),
    ledger.answered_behind_the_fence: Case("T?T", "answered or cancelled", ASKED),
    ledger.question_left: Case("T?", "answered or cancelled", ASKED),
    ledger.answered_after_its_time: Case("T?", "answered, and a copy", ASKED),
}
