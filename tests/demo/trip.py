"""The trip, and what can happen to it. Data only; each case runs in both styles."""

from functools import partial
from typing import Any, Final

from demo.cases import (
    BROKEN,
    COMPENSATED,
    COMPLETED,
    REFUSES,
    SILENT,
    SILENT_ONCE,
    Case,
    Order,
    Smuggled,
    Start,
)
from demo.example import Example, Orders, Shelf, Stock
from emulator.faults import Fault

TOO_LONG: Final = {"flight": {"number": "LH1", "seats": 10**39}}
"""A number beyond what a double keeps."""

CASES: Final = (
    Case(name="all goes well", ends=(COMPLETED,), transitions=3, messages=4),
    Case(name="flight full", stock={"seats": 0}, ends=(COMPENSATED,), transitions=2, messages=2, anywhere=True),
    Case(name="hotel full", stock={"rooms": 0}, ends=(COMPENSATED,), transitions=4, messages=4, anywhere=True),
    Case(name="no transfer", provider_modes=(REFUSES,), ends=(COMPENSATED,), transitions=6, messages=6),
    Case(
        name="provider silent once",
        provider_modes=(SILENT_ONCE,),
        ends=(COMPLETED,),
        transitions=3,
        messages=4,
        waits=True,
    ),
    Case(
        name="provider stays silent",
        provider_modes=(SILENT,),
        ends=(COMPENSATED,),
        transitions=7,
        messages=7,
        waits=True,
    ),
    Case(
        name="crash after commit",
        fault=partial(Fault, fault="crash-after-commit", step="hotel", operation="action"),
        ends=(COMPLETED,),
        transitions=3,
        messages=4,
        waits=True,
    ),
    Case(
        name="crash after undoing",
        fault=partial(Fault, fault="crash-after-commit", step="hotel", operation="compensation"),
        provider_modes=(REFUSES,),
        ends=(COMPENSATED,),
        transitions=6,
        messages=6,
        waits=True,
    ),
    Case(
        name="all delivered twice",
        fault=partial(Fault, fault="duplicate", times=None),
        ends=(COMPLETED,),
        transitions=3,
        messages=None,  # 1 + 2 + 4 + 8, but a duplicate that finds the other at work says nothing
    ),
    Case(
        name="all undone twice",
        fault=partial(Fault, fault="duplicate", times=None),
        provider_modes=(REFUSES,),
        ends=(COMPENSATED,),
        transitions=6,
        messages=None,  # an action that comes after its compensation says nothing
    ),
    Case(
        name="same id started twice",
        sends=(Start(), Start(), Start(changes={"remark": "window seat"}, refused="ledger")),
        ends=(COMPLETED,),
        transitions=3,
        messages=4 + 3 + 1,
        waits=True,
    ),
    Case(
        name="two for the last seat",
        sends=(Start(saga="a"), Start(saga="b")),
        stock={"seats": 1},
        ends=(COMPLETED, COMPENSATED),
        transitions=3 + 2,
        messages=4 + 2,
    ),
    Case(
        name="cancelled on the way",
        sends=(Start(), Order(order="cancel", once="transfer STARTED")),
        provider_modes=(SILENT_ONCE,),
        ends=(COMPENSATED,),
        transitions=7,
        messages=3 + 4,
        waits=True,
    ),
    Case(
        name="cancelling it fails",
        sends=(
            Start(),
            Order(order="cancel", once="transfer STARTED"),
            Order(order="resume", once="STUCK at transfer", repaired=True),
        ),
        provider_modes=(SILENT_ONCE, partial(BROKEN, action="cancel")),
        ends=(COMPENSATED,),
        transitions=4 + 7,
        messages=4 + 1 + 4,
        waits=True,
    ),
    Case(
        name="odd saga id",
        sends=(Start(saga="a/b?", refused="client"), Smuggled(saga={"id": "a/b?"})),
        ends=(),
        transitions=0,
        messages=0,
        waits=True,
        anywhere=True,
    ),
    Case(
        name="number too long",
        sends=(Start(changes=TOO_LONG, refused="client"), Smuggled(saga={"input": TOO_LONG})),
        ends=(),
        transitions=0,
        messages=0,
        waits=True,
        anywhere=True,
    ),
    Case(
        name="unknown handler",
        sends=(Smuggled(task={"handler": "book_train"}),),
        ends=(),
        transitions=0,
        messages=0,
        waits=True,
        anywhere=True,
    ),
    Case(
        name="malformed message",
        sends=(Smuggled(task=None),),
        ends=(),
        transitions=0,
        messages=0,
        waits=True,
        anywhere=True,
    ),
)


def _given(key: str) -> dict[str, Any]:
    return {
        "customer": key,
        "flight": {"number": f"{key}seats", "seats": 1},
        "hotel": {"name": f"{key}rooms", "rooms": 1},
        "transfer": {"pickup": key},
    }


TRIP: Final = Example(
    name="trip",
    columns={
        "seats": Stock(function="Flights", what="flight", counted_in="seats", shelves={"seats": Shelf()}),
        "rooms": Stock(function="Hotels", what="hotel", counted_in="rooms", shelves={"rooms": Shelf()}),
        "trans-\nfers": Orders(collection="bookings"),
    },
    told={COMPLETED: "your trip is booked", COMPENSATED: "the booking could not be completed"},
    given=_given,
    task={
        "step": "flight",
        "operation": "action",
        "handler": "book_flight",
        "first": True,
        "ends": {"rejected": "COMPENSATED"},
        "retry": {"max_attempts": 3, "interval": 1, "backoff_rate": 2.0, "max_delay": 60},
    },
    first="Flights",
    cases=CASES,
)
