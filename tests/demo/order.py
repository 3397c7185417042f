"""The order, and what can happen to it. Data only; each case runs in both styles."""

from functools import partial
from typing import Any, Final

from demo.cases import (
    BROKEN,
    COMPENSATED,
    COMPLETED,
    PARTIALLY_COMPENSATED,
    REFUSES,
    SILENT,
    SILENT_ONCE,
    STUCK,
    Case,
    Order,
    Start,
)
from demo.example import Example, Orders, Shelf, Stock
from emulator.faults import Fault

NO_REFUND: Final = partial(BROKEN, collection="charges", action="cancel")
NO_NOTICE: Final = partial(BROKEN, collection="notices")
NOT_COMPLETED: Final = "the order could not be completed"

CASES: Final = (
    Case(name="all goes well", ends=(COMPLETED,), transitions=4, messages=5),
    Case(
        name="card declined",
        provider_modes=(partial(REFUSES, collection="charges"),),
        ends=(COMPENSATED,),
        transitions=2,
        messages=2,
    ),
    Case(name="line 3 out of stock", stock={"lamp": 0}, ends=(COMPENSATED,), transitions=4, messages=4),
    Case(name="no carrier", stock={"north": 0}, ends=(COMPENSATED,), transitions=6, messages=6),
    Case(
        name="charge silent once",
        provider_modes=(partial(SILENT_ONCE, collection="charges"),),
        ends=(COMPLETED,),
        transitions=4,
        messages=5,
        waits=True,
    ),
    Case(
        name="charge stays silent",
        provider_modes=(partial(SILENT, collection="charges"),),
        ends=(COMPENSATED,),
        transitions=3,
        messages=3,
        waits=True,
    ),
    Case(
        name="crash at the pivot",
        fault=partial(Fault, fault="crash-after-commit", step="shipping", operation="action"),
        ends=(COMPLETED,),
        transitions=4,
        messages=5,
        waits=True,
    ),
    Case(
        name="stuck after pivot",
        sends=(Start(), Order(order="resume", once="STUCK at notice", repaired=True)),
        provider_modes=(NO_NOTICE,),
        ends=(COMPLETED,),
        transitions=4 + 4,
        messages=4 + 1 + 2,
        waits=True,
    ),
    Case(
        name="notice refused",
        sends=(Start(), Order(order="resume", once="STUCK at notice", repaired=True)),
        provider_modes=(partial(REFUSES, collection="notices"),),
        ends=(COMPLETED,),
        transitions=4 + 4,
        messages=4 + 1 + 2,
        waits=True,
    ),
    Case(
        name="stuck at the refund",
        sends=(Start(), Order(order="resume", once="STUCK at payment", repaired=True)),
        stock={"lamp": 0},
        provider_modes=(NO_REFUND,),
        ends=(COMPENSATED,),
        transitions=3 + 3,
        messages=3 + 1 + 2,
        waits=True,
    ),
    Case(
        name="refund skipped",
        sends=(
            Start(),
            Order(order="skip", once="STUCK at payment", skipped="payment", reason="paid back in cash"),
        ),
        stock={"lamp": 0},
        provider_modes=(NO_REFUND,),
        ends=(PARTIALLY_COMPENSATED,),
        keeps={"paid": 1},
        transitions=3 + 3,
        messages=3 + 1 + 2,
        waits=True,
    ),
    Case(
        name="nobody helps",
        stock={"lamp": 0},
        provider_modes=(NO_REFUND,),
        ends=(STUCK,),
        keeps={"paid": 1},
        transitions=3,
        messages=3 + 1,
        waits=True,
    ),
    Case(
        name="cancelled midway",
        sends=(Start(), Order(order="cancel", once="payment STARTED")),
        provider_modes=(partial(SILENT, collection="charges"),),
        ends=(COMPENSATED,),
        transitions=3,
        messages=5,
        waits=True,
    ),
    Case(
        name="cancelled twice",
        sends=(Start(), Order(order="cancel", once="payment STARTED"), Order(order="cancel")),
        provider_modes=(partial(SILENT, collection="charges"),),
        ends=(COMPENSATED,),
        transitions=3,
        messages=None,  # the second order publishes it again, unless the first is through
        waits=True,
    ),
    Case(
        name="cancelled too late",
        sends=(Start(), Order(order="cancel", once="notice STARTED", refused=True)),
        provider_modes=(partial(SILENT_ONCE, collection="notices"),),
        ends=(COMPLETED,),
        transitions=4,
        messages=5,
        waits=True,
    ),
    Case(
        name="cancelled first",
        sends=(Order(order="cancel"), Start()),
        ends=(COMPENSATED,),
        transitions=3,
        messages=2,
        waits=True,
        anywhere=True,
    ),
)


def _given(key: str) -> dict[str, Any]:
    return {
        "customer": key,
        "payment": {"card": "token-1", "cents": 4200},
        "lines": [
            {"article": f"{key}mug", "pieces": 2},
            {"article": f"{key}pen", "pieces": 1},
            {"article": f"{key}lamp", "pieces": 1},
        ],
        "region": {"name": f"{key}north", "parcels": 1},
    }


ORDER: Final = Example(
    name="order",
    columns={
        "paid": Orders(collection="charges"),
        "goods": Stock(
            function="Warehouse",
            what="article",
            counted_in="pieces",
            shelves={"mug": Shelf(stock=3, takes=2), "pen": Shelf(stock=3), "lamp": Shelf(stock=3)},
        ),
        "par-\ncels": Stock(function="Shipping", what="region", counted_in="parcels", shelves={"north": Shelf()}),
        "no-\ntices": Orders(collection="notices"),
    },
    told={COMPLETED: "your order is on its way", COMPENSATED: NOT_COMPLETED, PARTIALLY_COMPENSATED: NOT_COMPLETED},
    given=_given,
    task={
        "step": "payment",
        "operation": "action",
        "handler": "charge",
        "first": True,
        "ends": {"rejected": "COMPENSATED"},
        "retry": {"max_attempts": 3, "interval": 1, "backoff_rate": 2.0, "max_delay": 60},
    },
    first="Payments",
    cases=CASES,
)
