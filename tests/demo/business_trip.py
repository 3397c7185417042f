"""The business trip, and what can happen to it. Data only; each case runs in both styles.

Where somebody answers, the number of messages is open: a recovery function that times out on a busy machine is asked
again, and then tells again.
"""

from functools import partial
from typing import Any, Final

from demo.cases import COMPENSATED, COMPLETED, Case, Order, Start
from demo.example import Example, Requests, Shelf, Stock
from emulator.faults import Fault

PENDING: Final = "approval PENDING"
YES: Final = partial(Order, order="complete", answered="approval", result={"by": "Ada"})
NO: Final = partial(Order, order="reject", answered="approval", reason="take the train")
DEAR: Final = Start(changes={"trip": {"cents": 90_000}})
"""It costs more than is approved at once."""

CASES: Final = (
    Case(name="approved at once", ends=(COMPLETED,), transitions=3, messages=4, anywhere=True),
    Case(
        name="too dear for anybody",
        sends=(Start(changes={"trip": {"cents": 1_000_001}}),),
        ends=(COMPENSATED,),
        transitions=3,
        messages=3,
        anywhere=True,
    ),
    Case(
        name="refused",
        sends=(DEAR, NO(once=PENDING)),
        ends=(COMPENSATED,),
        transitions=3,
        messages=None,
        waits=True,
        anywhere=True,
    ),
    Case(
        name="approved twice",
        sends=(DEAR, YES(once=PENDING), YES(once="approval DONE")),
        ends=(COMPLETED,),
        transitions=3,
        messages=None,
        waits=True,
        anywhere=True,
    ),
    Case(
        name="answered otherwise",
        sends=(
            DEAR,
            YES(once=PENDING),
            NO(once="approval DONE", refused=True),
            YES(result={"by": "Bob"}, refused=True),
        ),
        ends=(COMPLETED,),
        transitions=3,
        messages=None,
        waits=True,
        anywhere=True,
    ),
    Case(
        name="answered too late",
        sends=(DEAR, YES(once="approval UNDONE", refused=True)),
        ends=(COMPENSATED,),
        transitions=3,
        messages=3,
        waits=True,
    ),
    Case(
        name="cancelled meanwhile",
        sends=(DEAR, Order(order="cancel", once=PENDING), YES(refused=True)),
        ends=(COMPENSATED,),
        transitions=3,
        messages=None,
        waits=True,
        anywhere=True,
    ),
    Case(
        name="approved, hotel full",
        sends=(DEAR, YES(once=PENDING)),
        stock={"rooms": 0},
        ends=(COMPENSATED,),
        transitions=6,
        messages=None,
        waits=True,
        anywhere=True,
    ),
    Case(
        name="crash after asking",
        sends=(DEAR, YES(once=PENDING)),
        fault=partial(Fault, fault="crash-after-commit", step="approval", state="PENDING"),
        ends=(COMPLETED,),
        transitions=3,
        messages=None,
        waits=True,
    ),
    Case(
        name="crash at the answer",
        sends=(DEAR, YES(once=PENDING)),
        fault=partial(Fault, fault="crash-after-commit", step="approval", state="DONE"),
        ends=(COMPLETED,),
        transitions=3,
        messages=None,
        waits=True,
    ),
)


def _given(key: str) -> dict[str, Any]:
    return {
        "customer": key,
        "trip": {"cents": 40_000},
        "flight": {"number": f"{key}seats", "seats": 1},
        "hotel": {"name": f"{key}rooms", "rooms": 1},
    }


BUSINESS_TRIP: Final = Example(
    name="business-trip",
    columns={
        "re-\nquests": Requests(function="Approvals"),
        "seats": Stock(function="Flights", what="flight", counted_in="seats", shelves={"seats": Shelf()}),
        "rooms": Stock(function="Hotels", what="hotel", counted_in="rooms", shelves={"rooms": Shelf()}),
    },
    told={COMPLETED: "your business trip is booked", COMPENSATED: "the business trip does not take place"},
    given=_given,
    task={
        "step": "approval",
        "operation": "action",
        "handler": "ask_approval",
        "first": True,
        "ends": {},
        "retry": {"max_attempts": 3, "interval": 1, "backoff_rate": 2.0, "max_delay": 60},
        "callback_timeout": 86_400,
    },
    first="Approvals",
    cases=CASES,
)
