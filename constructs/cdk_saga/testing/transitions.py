"""How the ledger's states may change."""

from typing import Final

NO_ITEM: Final = ""
SAGA_MOVES: Final[dict[str, set[str]]] = {
    NO_ITEM: {"RUNNING", "COMMITTED", "COMPLETED", "COMPENSATING", "COMPENSATED"},
    "RUNNING": {"RUNNING", "COMMITTED", "COMPLETED", "COMPENSATING", "COMPENSATED", "STUCK"},
    "COMMITTED": {"COMMITTED", "COMPLETED", "STUCK"},
    "COMPENSATING": {"COMPENSATING", "COMPENSATED", "PARTIALLY_COMPENSATED", "STUCK"},
    "STUCK": {"STUCK", "COMPENSATING", "COMPENSATED", "COMMITTED", "PARTIALLY_COMPENSATED"},
    "COMPLETED": {"COMPLETED"},
    "COMPENSATED": {"COMPENSATED"},
    "PARTIALLY_COMPENSATED": {"PARTIALLY_COMPENSATED"},
}
"""How the state of a saga may change."""
STEP_MOVES: Final[dict[str, set[str]]] = {
    NO_ITEM: {NO_ITEM, "TRIED", "DONE", "FAILED", "VOID", "STARTED", "UNDOING", "PENDING"},
    "TRIED": {"TRIED", "DONE", "FAILED", "VOID", "PENDING"},
    "STARTED": {"STARTED", "DONE", "FAILED", "UNDOING", "PENDING", "UNDONE"},
    "PENDING": {"PENDING", "DONE", "UNDOING", "UNDONE"},
    "DONE": {"DONE", "UNDOING", "UNDONE"},
    "UNDOING": {"UNDOING", "UNDONE"},
    "FAILED": {"FAILED"},
    "VOID": {"VOID"},
    "UNDONE": {"UNDONE"},
}
"""How the state of a step may change; an item without a state is a fence."""
