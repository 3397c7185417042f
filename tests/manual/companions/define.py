"""The page's three kinds of handlers in one saga, under every fault that the check knows."""

import sys
from types import ModuleType
from typing import Any


class Provider:
    """The provider that the page's transfers are booked with: the same key is the same booking."""

    def __init__(self) -> None:
        self.bookings: dict[str, float] = {}

    def book(self, *, key: str, timeout: float) -> dict[str, str]:
        self.bookings[key] = timeout
        return {"booking": key}

    def cancel(self, *, key: str) -> None:
        self.bookings.pop(key, None)

    def effects(self) -> dict[str, Any]:
        return self.bookings


sys.modules["provider"] = ModuleType("provider")  # the page imports one; the check puts a Provider in its place

from approvals import approvals, ask_approval  # noqa: E402 # pyright: ignore[reportMissingImports] # the page's
from approvals import handler as approve  # noqa: E402 # pyright: ignore[reportMissingImports]
from transfers import transfers  # noqa: E402 # pyright: ignore[reportMissingImports]
from warehouse import warehouse  # noqa: E402 # pyright: ignore[reportMissingImports]

from cdk_saga import Saga, Step  # noqa: E402
from cdk_saga.testing.check import check  # noqa: E402

assert callable(approve)
assert ask_approval
steps = [
    Step(
        "approval",
        participant="approvals",
        action="ask_approval",
        compensation="withdraw",
        callback_timeout=86_400,
    ),
    Step("goods", participant="warehouse", action="reserve", compensation="release"),
    Step("transfer", participant="transfers", action="book_transfer", compensation="cancel_transfer"),
]
report = check(
    Saga("delivery", steps),
    participants={"approvals": approvals, "warehouse": warehouse, "transfers": transfers},
    tables={"requests": [], "reservations": [], "stock": [{"pk": "desk", "pieces": 2}, {"pk": "lamp", "pieces": 0}]},
    providers={"transfers.provider": Provider},
    inputs=[
        {"article": "desk", "cents": 900_000},
        {"article": "desk", "cents": 40_000},
        {"article": "lamp", "cents": 40_000},
    ],
    answers={"approval": {"by": "Ada"}},
    most=60,
)
assert report.ok, report
